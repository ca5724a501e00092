import type { Clock } from '../clock.ts';
import type { PortalClient } from '../docspace/client.ts';
import { invitationSwitchesSchema } from '../docspace/schemas.ts';
import type { InvitationSwitches } from '../domain/invitation-permissions.ts';
import type { Store, StoreReads } from '../store/store.ts';

/** Reads whether the portal allows inviting members and guests. */
export type SwitchesReader = {
  /**
   * Returns a recent answer of the portal. Without an answer, both count as allowed: portal releases
   * without this setting allow both, and the portal itself refuses an invitation that it does not allow.
   */
  readonly read: () => Promise<InvitationSwitches>;
};

const bothAllowed: InvitationSwitches = { allowInvitingMembers: true, allowInvitingGuests: true };
/**
 * How long an answer that allows both is kept. Other answers are not kept, so that an invitation
 * succeeds as soon as an admin of the portal allows it.
 */
const keptMs = 30_000;

export function createSwitchesReader(deps: {
  readonly client: Pick<PortalClient, 'invitationSwitches'>;
  readonly store: Pick<Store, 'getValue' | 'setValue'>;
  readonly clock: Pick<Clock, 'elapsed'>;
}): SwitchesReader {
  const { client, store, clock } = deps;
  let allowedAt: number | null = null;
  let reading: Promise<InvitationSwitches> | null = null;

  async function ask(): Promise<InvitationSwitches> {
    const answer = await client.invitationSwitches();
    if (answer.kind === 'trouble' || answer.kind === 'hidden') return bothAllowed;
    const switches = answer.kind === 'ok' ? answer.value : bothAllowed;
    const isAllowed = switches.allowInvitingMembers && switches.allowInvitingGuests;
    allowedAt = isAllowed ? clock.elapsed() : null;
    const text = JSON.stringify(switches);
    if (text !== (await store.getValue('invitation_switches'))) {
      await store.setValue('invitation_switches', text);
    }
    return switches;
  }

  return {
    read() {
      if (allowedAt !== null && clock.elapsed() - allowedAt < keptMs) {
        return Promise.resolve(bothAllowed);
      }
      reading ??= ask().finally(() => {
        reading = null;
      });
      return reading;
    },
  };
}

/** Returns the last answer of the portal that was stored, for commands that only read the database. */
export async function lastKnownSwitches(
  reads: Pick<StoreReads, 'getValue'>,
): Promise<InvitationSwitches> {
  const text = await reads.getValue('invitation_switches');
  return text === null ? bothAllowed : invitationSwitchesSchema.parse(JSON.parse(text));
}
