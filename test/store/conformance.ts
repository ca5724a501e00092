import { describe } from 'vitest';
import { attemptSuite } from './suite-attempts.ts';
import { claimSuite } from './suite-claims.ts';
import { countSuite } from './suite-counts.ts';
import { deliverySuite } from './suite-deliveries.ts';
import { invitationSuite } from './suite-invitations.ts';
import { listSuite } from './suite-lists.ts';
import { memberSuite } from './suite-members.ts';
import { progressSuite } from './suite-progress.ts';
import { statusSuite } from './suite-status.ts';
import type { OpenStore } from './support.ts';

/**
 * What every store keeps to, whatever database it is made of: written only against `Store`.
 * @param open makes a new, empty store; the suite closes it
 */
export function storeSuite(name: string, open: OpenStore): void {
  describe(name, () => {
    deliverySuite(open);
    memberSuite(open);
    attemptSuite(open);
    claimSuite(open);
    invitationSuite(open);
    statusSuite(open);
    listSuite(open);
    countSuite(open);
    progressSuite(open);
  });
}
