import type { Channel, Letter } from '../channels/channel.ts';
import type { Member } from '../domain/member.ts';
import type { ChannelName } from '../domain/outcome.ts';
import type { Pauses } from '../onboarding/pauses.ts';
import { recipientOf } from '../onboarding/recipient.ts';
import type { StoreReads } from '../store/store.ts';

/** The welcome as a member would get it. */
export type Preview = {
  readonly userId: string;
  readonly state: Member['state'];
  /** Whether it goes out as things stand; `why` says why not. */
  readonly wouldSend: boolean;
  readonly why: string | null;
  /** UTC ms; not before then. Null where it would not be sent. */
  readonly dueAt: number | null;
  readonly channel: ChannelName;
  readonly letter: Letter;
};

export type Previewer = {
  /** @returns null for a user who is no member */
  readonly preview: (userId: string) => Promise<Preview | null>;
};

export function createPreviewer(options: {
  readonly reads: Pick<StoreReads, 'member' | 'invitation'>;
  readonly channels: readonly Channel[];
  readonly pauses: Pick<Pauses, 'channelFor' | 'current'>;
}): Previewer {
  const { reads, channels, pauses } = options;

  /** The channel that it would go through now, else the one that it would go through at all. */
  function channelOf(member: Member): { readonly channel: Channel; readonly isOpen: boolean } {
    const name = pauses.channelFor(member);
    const open = channels.find((one) => one.name === name);
    if (open) return { channel: open, isOpen: true };
    const left = channels.find((one) => !member.refusedBy.includes(one.name)) ?? channels[0];
    if (!left) throw new Error('no channel is configured');
    return { channel: left, isOpen: false };
  }

  return {
    async preview(userId) {
      const member = await reads.member(userId);
      if (!member) return null;
      const { channel, isOpen } = channelOf(member);
      const { letter, obstacle } = channel.preview(await recipientOf(member, reads));
      const why = whyNot(member) ?? obstacle ?? (isOpen ? null : pausedBecause(pauses));
      return {
        userId: member.userId,
        state: member.state,
        wouldSend: why === null,
        why,
        dueAt: why === null ? member.dueAt : null,
        channel: channel.name,
        letter,
      };
    },
  };
}

/** Why a member in this state gets no welcome, whatever the channels say; null: they do. */
function whyNot(member: Member): string | null {
  switch (member.state) {
    case 'ready':
      return null;
    case 'waiting':
      return `not yet: ${member.reason ?? 'the portal has not shown them active'}`;
    case 'sending':
      return 'it is being sent right now';
    case 'welcomed':
      return 'they were welcomed, and nobody is welcomed twice';
    case 'skipped':
    case 'gone':
    case 'failed':
      return `${member.state}: ${member.reason ?? 'no reason is known'}`;
    case 'unknown':
      return `nobody knows whether it arrived (${member.reason}): resolve it first`;
    default:
      return member.state satisfies never;
  }
}

function pausedBecause(pauses: Pick<Pauses, 'current'>): string {
  const reasons = pauses.current().map((pause) => `${pause.name}: ${pause.reason}`);
  return reasons.length === 0 ? 'every channel refused them' : `paused (${reasons.join('; ')})`;
}
