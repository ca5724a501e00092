import { beforeAll, describe } from 'vitest';
import { canStartPgBouncer, freshDatabase, startPgBouncer } from '../../support/postgres.ts';
import { openPostgres } from '../../support/test-store.ts';
import { storeSuite } from '../conformance.ts';
import { replicaSuite } from '../suite-replicas.ts';

/*
 * In transaction mode, each transaction of a client may get another session. What a session keeps
 * between transactions would be lost there, or would reach another client.
 */
describe.skipIf(!canStartPgBouncer)('behind PgBouncer', () => {
  let port = '';
  beforeAll(async () => {
    port = new URL(await startPgBouncer(await freshDatabase())).port;
  });
  const openTest = () => openPostgres((url) => Object.assign(new URL(url), { port }).href);
  storeSuite('the store postgres', openTest);
  replicaSuite(openTest);
});
