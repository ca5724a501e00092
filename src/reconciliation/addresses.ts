import type { PortalClient } from '../docspace/client.ts';
import type { Store } from '../store/store.ts';
import type { Hints } from './hints.ts';
import { type StepResult, stepFailed } from './step.ts';

/**
 * Looks up a few outstanding addresses per run, in turn. A person who was invited by address but came
 * another way (SSO, LDAP, an admin) has no link to this account, so no list shows that this service invited
 * them.
 */
export async function readInvitedAddresses(deps: {
  readonly client: Pick<PortalClient, 'employeeByEmail'>;
  readonly store: Pick<Store, 'getValue' | 'setValue' | 'outstandingAddresses'>;
  readonly hints: Hints;
  readonly limit: number;
}): Promise<StepResult> {
  const { client, store, hints, limit } = deps;
  const after = (await store.getValue('asked_addresses')) ?? '';
  const outstanding = await store.outstandingAddresses({ after, limit });
  if (outstanding.length === 0) {
    if (after !== '') await store.setValue('asked_addresses', '');
    return { kind: 'done', checked: 0, found: 0 };
  }
  let found = 0;
  for (const { id, email } of outstanding) {
    const read = await client.employeeByEmail(email);
    if (read.kind === 'trouble') return stepFailed(read);
    if (read.kind === 'ok') {
      found += (await hints.compare([read.value], 'invited_addresses')).found;
    }
    await store.setValue('asked_addresses', id);
  }
  return { kind: 'done', checked: outstanding.length, found };
}
