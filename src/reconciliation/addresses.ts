import type { PortalClient } from '../docspace/client.ts';
import type { Store } from '../store/store.ts';
import type { Hints } from './hints.ts';
import { interruption, nothing, type Step } from './step.ts';

/**
 * Asks for a few outstanding addresses a pass, in turn: who was invited by address but came another
 * way (SSO, LDAP, an admin) bears no trace of this account, so no list shows them as ours.
 */
export async function askAddresses(options: {
  readonly client: Pick<PortalClient, 'employeeByEmail'>;
  readonly store: Pick<Store, 'progress' | 'remember' | 'outstandingAddresses'>;
  readonly hints: Hints;
  readonly most: number;
}): Promise<Step> {
  const { client, store, hints, most } = options;
  const after = (await store.progress('asked_addresses')) ?? '';
  const outstanding = await store.outstandingAddresses({ after, limit: most });
  if (outstanding.length === 0) {
    if (after !== '') await store.remember('asked_addresses', '');
    return nothing;
  }
  let found = 0;
  for (const { id, email } of outstanding) {
    const read = await client.employeeByEmail(email);
    if (read.kind === 'trouble') return interruption(read);
    if (read.kind === 'ok') {
      found += (await hints.compare([read.value], 'poll of the invited addresses')).found;
    }
    await store.remember('asked_addresses', id);
  }
  return { kind: 'done', lookedAt: outstanding.length, found };
}
