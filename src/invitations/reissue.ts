import type { ByEmail, PortalClient } from '../docspace/client.ts';
import type { InviteAnswer } from '../docspace/invitations.ts';
import { type Employee, recipientOf } from '../docspace/schemas.ts';
import { type Invitation, isLinkLasting } from '../domain/invitation.ts';
import { linkNoticeOf } from '../domain/invitation-link.ts';
import { switchedOff } from '../domain/invitation-permissions.ts';
import { mayInvite, resendConflict } from '../domain/invitation-recipient.ts';
import type { InvitationNotice, InvitationReason } from '../domain/reason.ts';
import { type Actor, operator, type Source } from '../domain/timeline.ts';
import type { SwitchesReader } from '../onboarding/invitation-switches.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { InvitationChange, Store } from '../store/store.ts';

/** The result of `revoke` and `resend`. */
export type ReissueResult =
  | {
      readonly kind: 'done';
      readonly invitation: Invitation;
      /** What the operator has to know about the link. Null if there is nothing to know. */
      readonly notice: InvitationNotice | null;
    }
  | Exclude<InvitationChange, { kind: 'done' }>
  /** The portal refused. */
  | { readonly kind: 'refused'; readonly reason: InvitationReason; readonly invitationId: string }
  /** The mode is `smtp`, but no mail server is set up. */
  | { readonly kind: 'mail_not_configured' }
  /** The portal gives no usable answer now. The stored invitation has not changed. */
  | { readonly kind: 'trouble'; readonly reason: InvitationReason };

/** Changes invitations that exist. */
export type Reissuer = {
  /**
   * Closes the invitation. The portal cannot take a link back, so a person who uses the link later is
   * skipped.
   */
  readonly revoke: (id: string, actor?: Actor) => Promise<ReissueResult>;
  /**
   * Sends an invitation again. The portal mails an e-mail invitation again; a link is replaced by a
   * fresh one. A letter of this service is mailed again, with a fresh link if the old one expires soon.
   */
  readonly resend: (id: string, actor?: Actor) => Promise<ReissueResult>;
};

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createReissuer(deps: {
  readonly store: Pick<Store, 'revokeInvitation' | 'mayResend' | 'renewInvitation' | 'candidates'>;
  readonly recorder: Recorder;
  readonly client: Pick<
    PortalClient,
    'employee' | 'employeeByEmail' | 'self' | 'remailInvitations' | 'invitationLink'
  >;
  readonly switches: SwitchesReader;
  /** `DOCSPACE_URL`: links are compared with it. */
  readonly portalOrigin: string;
  readonly now: () => number;
  /** Whether this service can mail letters. */
  readonly canMail: boolean;
  /** Called when a member or a letter may have become due. */
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
    if (revoked.kind !== 'done') return revoked;
    await checkInvitee(revoked.invitation, source);
    return { ...revoked, notice: await revokedNotice(revoked.invitation) };
  }

  /**
   * Returns what the operator must know after a revocation. The portal shows the account and the type of
   * a link, but not which link a person used. So two open links of the same account and type cannot be
   * distinguished.
   */
  async function revokedNotice(revoked: Invitation): Promise<InvitationNotice | null> {
    if (revoked.mode === 'email') return null;
    if (revoked.email !== null) return { code: 'link_stays_open' };
    const nobody = { userId: '', email: '', invitationId: null };
    const { openLinks } = await store.candidates({ ...nobody, issuedUntil: now() });
    const twin = openLinks.find(
      ({ id, employeeType, accountId, revokedAt }) =>
        id !== revoked.id &&
        employeeType === revoked.employeeType &&
        accountId === revoked.accountId &&
        revokedAt === null,
    );
    return twin
      ? { code: 'link_not_distinguishable', invitationId: twin.id }
      : { code: 'link_stays_open' };
  }

  /**
   * Makes the invited user due, so that a check skips the waiting member. Only an invitation in mode
   * `email` has a user id.
   */
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
    if (invitation.mode === 'smtp' && !deps.canMail) return { kind: 'mail_not_configured' };
    const read = await readInvitee(invitation);
    if (read.kind === 'trouble') return { kind: 'trouble', reason: read.fault };
    if (read.kind === 'other') {
      const { asked, found } = read;
      const reason = { code: 'address_of_another_user', asked, found } as const;
      return { kind: 'forbidden', reason, invitationId: id };
    }
    const user = read.kind === 'ok' ? read.value : null;
    const reason = user && resendConflict(recipientOf(user), invitation.mode);
    if (reason) return { kind: 'forbidden', reason, invitationId: id };
    const off = switchedOff(await deps.switches.read(), invitation.employeeType);
    if (off) return { kind: 'refused', reason: off, invitationId: id };

    const answer = await (invitation.mode === 'email' ? mailAgain(user) : freshLink(invitation));
    switch (answer.kind) {
      case 'done': {
        const link = answer.value;
        const event = eventOf(link);
        const entry = { event, actor, cause: { kind: 'command', name: 'resend' } } as const;
        const userId = user?.id ?? null;
        const renewed = await store.renewInvitation({ id, link, userId, entry, at: now() });
        if (renewed.kind !== 'done') return renewed;
        if (invitation.mode === 'smtp') wake();
        return { ...renewed, notice: linkNoticeOf(renewed.invitation.link, deps.portalOrigin) };
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

  /** Reads the invited user, if possible by id: an admin may have changed the address meanwhile. */
  async function readInvitee({ userId, email }: Invitation): Promise<ByEmail> {
    if (userId !== null) return client.employee(userId);
    return email === null ? { kind: 'missing' } : client.employeeByEmail(email);
  }

  async function freshLink(
    invitation: Invitation,
  ): Promise<InviteAnswer<string | null | typeof keep>> {
    return invitation.mode === 'smtp' && isLinkLasting(invitation, now())
      ? { kind: 'done', value: keep }
      : client.invitationLink(invitation.employeeType);
  }

  /**
   * Asks the portal to mail the invitation again. The portal answers 200 even if it mails nothing, so
   * the rights of the account are checked first.
   */
  async function mailAgain(user: Employee | null): Promise<InviteAnswer<null>> {
    if (user === null) return userNotFound;
    const self = await client.self();
    if (self.kind !== 'ok') {
      const fault = self.kind === 'trouble' ? self.fault : ({ code: 'portal_forbids' } as const);
      return { kind: 'trouble', fault };
    }
    const { employeeType } = recipientOf(user);
    if (employeeType !== null && !mayInvite(self.value, employeeType)) {
      return { kind: 'refused', reason: { code: 'type_not_allowed', employeeType } };
    }
    const answer = await client.remailInvitations([user.id]);
    if (answer.kind !== 'unknown') return answer;
    // The portal answers 500 for a user who was deleted meanwhile (docs/docspace-wire.md 4.2).
    const after = await client.employee(user.id);
    return after.kind === 'missing' ? userNotFound : answer;
  }

  return { revoke, resend };
}

/** Used instead of a new link: the present link stays, and only the letter is mailed again. */
const keep = 'keep';

function eventOf(link: string | null) {
  if (link === keep) return 'letter_requested';
  return link === null ? 'invitation_resent' : 'link_renewed';
}

const userNotFound = { kind: 'refused', reason: { code: 'user_not_found' } } as const;
