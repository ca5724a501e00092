import type { PortalClient } from '../docspace/client.ts';
import type { InviteAnswer } from '../docspace/invitations.ts';
import { type Employee, statusOf } from '../docspace/schemas.ts';
import type { Invitation } from '../domain/invitation.ts';
import type { CommandReason, InvitationReason } from '../domain/reason.ts';
import { type Actor, operator, type Source } from '../domain/timeline.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { InvitationChange, Store } from '../store/store.ts';

/** The result of `revoke` and `resend`. */
export type ReissueResult =
  | InvitationChange
  /** The portal refused. */
  | { readonly kind: 'refused'; readonly reason: InvitationReason; readonly invitationId: string }
  /** The portal gives no usable answer now; nothing changed in the log. */
  | { readonly kind: 'trouble'; readonly reason: InvitationReason };

/** Changes invitations that exist. */
export type Reissuer = {
  /** Closes the invitation. The portal cannot take a link back: who uses it is skipped. */
  readonly revoke: (id: string, actor?: Actor) => Promise<ReissueResult>;
  /** The portal mails an e-mail invitation again; a link is replaced by a fresh one. */
  readonly resend: (id: string, actor?: Actor) => Promise<ReissueResult>;
};

export function createReissuer(deps: {
  readonly store: Pick<Store, 'revokeInvitation' | 'mayResend' | 'renewInvitation'>;
  readonly recorder: Recorder;
  readonly client: Pick<PortalClient, 'employeeByEmail' | 'remailInvitation' | 'invitationLink'>;
  readonly now: () => number;
  /** Somebody may have become due. */
  readonly wake: () => void;
}): Reissuer {
  const { store, recorder, client, now, wake } = deps;

  async function revoke(id: string, actor: Actor = operator): Promise<ReissueResult> {
    const source: Source = { actor, cause: { kind: 'command', name: 'revoke' } };
    const revoked = await store.revokeInvitation({
      id,
      entry: { event: 'invitation_revoked', ...source },
      at: now(),
    });
    if (revoked.kind === 'done') await checkInvitee(revoked.invitation, source);
    return revoked;
  }

  /** The user that the portal made when it mailed the letter waits as a member: now they are skipped. */
  async function checkInvitee({ userId }: Invitation, source: Source): Promise<void> {
    if (userId === null) return;
    const hint = { event: 'invitation_revoked' } as const;
    const facts = [{ kind: 'hinted', hint, departure: false, source }] as const;
    await recorder.record({ userId, member: null, facts });
    wake();
  }

  async function resend(id: string, actor: Actor = operator): Promise<ReissueResult> {
    const allowed = await store.mayResend(id, now());
    if (allowed.kind !== 'done') return allowed;
    const { invitation } = allowed;
    const known = invitation.email === null ? null : await client.employeeByEmail(invitation.email);
    if (known?.kind === 'trouble') return { kind: 'trouble', reason: known.fault };
    const user = known?.kind === 'ok' ? known.value : null;
    const conflict = user && conflictOf(user);
    if (conflict) return { kind: 'forbidden', reason: conflict, invitationId: id };

    const answer = await ask(invitation, user?.id ?? null);
    switch (answer.kind) {
      case 'done': {
        const { link, userId } = answer.value;
        const event = link === null ? 'invitation_resent' : 'link_renewed';
        const entry = { event, actor, cause: { kind: 'command', name: 'resend' } } as const;
        return store.renewInvitation({ id, link, userId, entry, at: now() });
      }
      case 'refused':
        return { kind: 'refused', reason: answer.reason, invitationId: id };
      case 'trouble':
        return { kind: 'trouble', reason: answer.fault };
      case 'unknown':
        return { kind: 'trouble', reason: { code: 'resend_unknown', cause: answer.fault } };
      default:
        return answer satisfies never;
    }
  }

  async function ask(
    invitation: Invitation,
    knownUserId: string | null,
  ): Promise<InviteAnswer<{ readonly link: string | null; readonly userId: string | null }>> {
    if (invitation.mode === 'link') {
      const link = await client.invitationLink(invitation.employeeType);
      return link.kind === 'done'
        ? { kind: 'done', value: { link: link.value, userId: knownUserId } }
        : link;
    }
    const userId = knownUserId ?? invitation.userId;
    if (userId === null) return { kind: 'refused', reason: { code: 'user_not_found' } };
    const mailed = await client.remailInvitation(userId);
    return mailed.kind === 'done' ? { kind: 'done', value: { link: null, userId } } : mailed;
  }

  return { revoke, resend };
}

/** A person who has registered, or is disabled, needs no invitation. */
function conflictOf(user: Employee): CommandReason | null {
  const status = statusOf(user.status);
  switch (status) {
    case 'active':
      return { code: 'too_late_to_resend' };
    case 'terminated':
      return { code: 'user_disabled' };
    case 'pending':
      return null;
    default:
      return status satisfies never;
  }
}
