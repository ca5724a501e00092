import type { Channel, Letter } from '../channels/channel.ts';
import { type ComposeInvitation, letterOf, sampleLinkOf } from '../channels/mail.ts';
import { expiresAt, invitationLifetimeMs } from '../domain/invitation.ts';
import type { Member } from '../domain/member.ts';
import type { ChannelName } from '../domain/outcome.ts';
import type { AttemptReason, MemberReason } from '../domain/reason.ts';
import type { Pause, Pauses } from '../onboarding/pauses.ts';
import { recipientOf } from '../onboarding/recipient.ts';
import type { StoreReads } from '../store/store.ts';

/** Why a welcome would not be sent at present. */
export type NotSentReason =
  /** Only a `ready` member gets a welcome, and this member has another state. */
  | {
      readonly kind: 'state';
      readonly state: Exclude<Member['state'], 'ready'>;
      readonly reason: MemberReason | null;
    }
  /** The channel cannot send to this person. */
  | { readonly kind: 'obstacle'; readonly reason: AttemptReason }
  | { readonly kind: 'paused'; readonly pauses: readonly Pause[] }
  | { readonly kind: 'refused_by_all_channels' };

/** The welcome as the member would get it. */
export type Preview = {
  readonly userId: string;
  readonly state: Member['state'];
  /** Null if the welcome would be sent. */
  readonly notSent: NotSentReason | null;
  /** The earliest time at which the welcome would be sent (UTC ms). Null if it would not be sent. */
  readonly dueAt: number | null;
  readonly channel: ChannelName;
  readonly letter: Letter;
};

export type Previewer = {
  /** @returns null if the user is not a member */
  readonly preview: (userId: string) => Promise<Preview | null>;
  /**
   * Returns the letter of an invitation as the person would get it, but with a sample link.
   * @returns `missing`: no invitation to a person has this id
   */
  readonly previewLetter: (
    invitationId: string,
  ) => Promise<Extract<Letter, { kind: 'mail' }> | 'missing' | 'mail_not_configured'>;
};

export function createPreviewer(deps: {
  readonly reads: Pick<StoreReads, 'member' | 'invitation'>;
  readonly channels: readonly Channel[];
  readonly composeInvitation: ComposeInvitation | null;
  /** `DOCSPACE_URL`. */
  readonly portalUrl: string;
  readonly now: () => number;
  readonly pauses: Pick<Pauses, 'channelFor' | 'current'>;
}): Previewer {
  const { reads, channels, pauses } = deps;

  /**
   * Returns the channel that would be used now. If no channel can be used, returns one whose letter
   * can be shown.
   */
  function channelOf(member: Member): { readonly channel: Channel; readonly isOpen: boolean } {
    const name = pauses.channelFor(member);
    const open = channels.find((one) => one.name === name);
    if (open) return { channel: open, isOpen: true };
    const left = channels.find((one) => !member.refusedBy.includes(one.name)) ?? channels[0];
    if (!left) throw new Error('no channel is configured');
    return { channel: left, isOpen: false };
  }

  function notSentByChannel(obstacle: AttemptReason | null, isOpen: boolean): NotSentReason | null {
    if (obstacle) return { kind: 'obstacle', reason: obstacle };
    if (isOpen) return null;
    const current = pauses.current();
    return current.length === 0
      ? { kind: 'refused_by_all_channels' }
      : { kind: 'paused', pauses: current };
  }

  return {
    async preview(userId) {
      const member = await reads.member(userId);
      if (!member) return null;
      const { channel, isOpen } = channelOf(member);
      const { letter, obstacle } = channel.preview(await recipientOf(member, reads));
      const notSent = notSentByState(member) ?? notSentByChannel(obstacle, isOpen);
      return {
        userId: member.userId,
        state: member.state,
        notSent,
        dueAt: notSent === null ? member.dueAt : null,
        channel: channel.name,
        letter,
      };
    },
    async previewLetter(invitationId) {
      const invitation = await reads.invitation(invitationId);
      if (!invitation || invitation.email === null) return 'missing';
      if (!deps.composeInvitation) return 'mail_not_configured';
      const { email, employeeType, language } = invitation;
      const mail = deps.composeInvitation({
        invitationId,
        kind: 'invitation',
        number: 1,
        email,
        employeeType,
        language,
        link: sampleLinkOf(deps.portalUrl),
        expiresAt: expiresAt(invitation) ?? deps.now() + invitationLifetimeMs,
      });
      return letterOf(mail);
    },
  };
}

/** Returns why the state of the member forbids a welcome. Null if the member is `ready`. */
function notSentByState({ state, reason }: Member): NotSentReason | null {
  return state === 'ready' ? null : { kind: 'state', state, reason };
}
