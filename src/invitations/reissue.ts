import type { Read } from '../docspace/classify.ts';
import type { PortalClient } from '../docspace/client.ts';
import type { Invited } from '../docspace/invitations.ts';
import { type Employee, statusOf } from '../docspace/schemas.ts';
import type { Invitation } from '../domain/invitation.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { Reissued } from '../store/reissue.ts';
import type { Store } from '../store/store.ts';

/** What revoking or sending again came to. */
export type ReissueResult =
  | Reissued
  /** The portal said no; the invitation stays as it was. */
  | { readonly kind: 'refused'; readonly reason: string; readonly invitationId: string }
  /** The portal cannot be asked now; the invitation stays as it was. */
  | { readonly kind: 'trouble'; readonly reason: string };

/** What becomes of an invitation at an operator's wish (design: "Invitations"). */
export type Reissuer = {
  /** Closes our record: the portal cannot take a link back, who uses it is `skipped: revoked`. */
  readonly revoke: (id: string) => Promise<ReissueResult>;
  /** The portal mails an e-mail invitation again; a link gets a fresh one under the same id. */
  readonly resend: (id: string) => Promise<ReissueResult>;
};

/** Said with every revocation (wire 3.1: a link lives until its 7 days are over). */
export const linkStaysOpen =
  'the portal cannot take a link back: who uses it can still register, and is skipped as revoked';

export function createReissuer(options: {
  readonly store: Pick<Store, 'revokeInvitation' | 'mayResend' | 'renewInvitation'>;
  readonly recorder: Recorder;
  readonly client: Pick<PortalClient, 'employeeByEmail' | 'remailInvitation' | 'invitationLink'>;
  readonly now: () => number;
  /** Somebody may have become due. */
  readonly nudge: () => void;
}): Reissuer {
  const { store, recorder, client, now, nudge } = options;

  async function revoke(id: string): Promise<ReissueResult> {
    const entry = { what: 'revoked', cause: 'revoke', actor: 'operator' } as const;
    const revoked = await store.revokeInvitation({ id, entry, at: now() });
    if (revoked.kind === 'done') await judgeAgain(revoked.invitation);
    return revoked;
  }

  /** Whom the portal made when it mailed the letter waits as a member: now they are skipped. */
  async function judgeAgain({ id, userId }: Invitation): Promise<void> {
    if (userId === null) return;
    const source = { actor: 'operator', cause: `revoke of ${id}` } as const;
    const says = 'the invitation was revoked';
    const facts = [{ kind: 'hinted', says, departure: false, source }] as const;
    await recorder.record({ userId, member: null, facts });
    nudge();
  }

  async function resend(id: string): Promise<ReissueResult> {
    const allowed = await store.mayResend(id, now());
    if (allowed.kind !== 'done') return allowed;
    const { invitation } = allowed;
    const { email } = invitation;
    const known = email === null ? null : await client.employeeByEmail(email);
    const obstacle = known && obstacleIn(known, id);
    if (obstacle) return obstacle;

    const knownUserId = known?.kind === 'ok' ? known.value.id : null;
    const asked = await askAgain(invitation, knownUserId);
    switch (asked.kind) {
      case 'done': {
        const what = asked.value.link === null ? 'mailed again' : 'issued again: a fresh link';
        const entry = { what, cause: 'resend', actor: 'operator' } as const;
        const { link, userId } = asked.value;
        return store.renewInvitation({ id, link, userId, entry, at: now() });
      }
      case 'refused':
        return { kind: 'refused', reason: asked.reason, invitationId: id };
      case 'trouble':
        return { kind: 'trouble', reason: asked.detail };
      case 'unknown':
        return {
          kind: 'trouble',
          reason: `${asked.detail}: the letter may or may not have been mailed again`,
        };
      default:
        return asked satisfies never;
    }
  }

  async function askAgain(
    invitation: Invitation,
    knownUserId: string | null,
  ): Promise<Invited<{ readonly link: string | null; readonly userId: string | null }>> {
    if (invitation.mode === 'link') {
      const link = await client.invitationLink(invitation.employeeType);
      return link.kind === 'done'
        ? { kind: 'done', value: { link: link.value, userId: knownUserId } }
        : link;
    }
    const userId = knownUserId ?? invitation.userId;
    if (userId === null) {
      const reason = 'the portal does not know this person any more: revoke, then invite again';
      return { kind: 'refused', reason };
    }
    const mailed = await client.remailInvitation(userId);
    return mailed.kind === 'done' ? { kind: 'done', value: { link: null, userId } } : mailed;
  }

  return { revoke, resend };
}

/** Who came is not invited again; a key that may not ask: go on (design: "Invitations"). */
function obstacleIn(known: Read<Employee>, id: string): ReissueResult | null {
  if (known.kind === 'trouble') return { kind: 'trouble', reason: known.detail };
  if (known.kind !== 'ok') return null;
  const forbidden = (reason: string) => ({ kind: 'forbidden', reason, invitationId: id }) as const;
  const status = statusOf(known.value.status);
  switch (status) {
    case 'active':
      return forbidden('already registered: there is nothing to send again');
    case 'terminated':
      return forbidden('disabled in the portal: enable this user there');
    case 'pending':
      return null;
    default:
      return status satisfies never;
  }
}
