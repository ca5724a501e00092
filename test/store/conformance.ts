import { describe } from 'vitest';
import type { TestStore } from '../support/test-store.ts';
import { attemptSuite } from './suite-attempts.ts';
import { changeSuite } from './suite-changes.ts';
import { claimSuite } from './suite-claims.ts';
import { countSuite } from './suite-counts.ts';
import { deliverySuite } from './suite-deliveries.ts';
import { erasureSuite } from './suite-erasure.ts';
import { invitationSuite } from './suite-invitations.ts';
import { listSuite } from './suite-lists.ts';
import { memberSuite } from './suite-members.ts';
import { outboxSuite } from './suite-outbox.ts';
import { reopeningSuite } from './suite-reopening.ts';
import { runSuite } from './suite-runs.ts';
import { searchSuite } from './suite-search.ts';
import { statusSuite } from './suite-status.ts';
import { valueSuite } from './suite-values.ts';

/**
 * The behaviour of every store, whatever its database is. These tests use only the interface
 * `Store`.
 * @param openTest opens a new, empty store; the suite closes it
 */
export function storeSuite(name: string, openTest: () => Promise<TestStore>): void {
  const open = async () => (await openTest()).store;
  describe(name, () => {
    deliverySuite(open);
    memberSuite(open);
    changeSuite(open);
    attemptSuite(open);
    claimSuite(open);
    invitationSuite(open);
    statusSuite(open);
    listSuite(open);
    countSuite(open);
    searchSuite(open);
    erasureSuite(open);
    valueSuite(open);
    outboxSuite(open);
    runSuite(openTest);
    reopeningSuite(openTest);
  });
}
