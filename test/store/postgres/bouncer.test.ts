import { beforeAll, describe } from 'vitest';
import { canStartPgBouncer, freshDatabase, startPgBouncer } from '../../support/postgres.ts';
import { openPostgres } from '../../support/test-store.ts';
import { attemptSuite } from '../suite-attempts.ts';
import { claimSuite } from '../suite-claims.ts';
import { deliverySuite } from '../suite-deliveries.ts';
import { erasureSuite } from '../suite-erasure.ts';
import { invitationSuite } from '../suite-invitations.ts';
import { memberSuite } from '../suite-members.ts';
import { reopeningSuite } from '../suite-reopening.ts';
import { replicaSuite } from '../suite-replicas.ts';

/*
 * In transaction mode, each transaction of a client may get another session. What a session keeps
 * between transactions would be lost there, or would reach another client. The whole conformance
 * suite passes there too; the suites that write most are run each time.
 */
describe.skipIf(!canStartPgBouncer)('the store postgres behind PgBouncer', () => {
  let port = '';
  beforeAll(async () => {
    port = new URL(await startPgBouncer(await freshDatabase())).port;
  });
  const openTest = () => openPostgres((url) => Object.assign(new URL(url), { port }).href);
  const open = async () => (await openTest()).store;
  deliverySuite(open);
  memberSuite(open);
  attemptSuite(open);
  claimSuite(open);
  invitationSuite(open);
  erasureSuite(open);
  reopeningSuite(openTest);
  replicaSuite(openTest);
});
