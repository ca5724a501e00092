import type { Channel } from '../channels/channel.ts';
import type { Clock } from '../clock.ts';
import {
  channelProbeAfterMs,
  countRefusals,
  isTooMany,
  type Refusals,
} from '../domain/circuit-breaker.ts';
import type { Fact } from '../domain/facts.ts';
import type { Member } from '../domain/member.ts';
import type { ChannelName, Outcome, OutcomeKind } from '../domain/outcome.ts';
import type { NewId } from '../ids.ts';
import type { Store } from '../store/store.ts';
import type { Quota } from './hourly-limit.ts';
import type { Pauses } from './pauses.ts';
import { recipientOf } from './recipient.ts';
import type { Recorder } from './recorder.ts';

/** Sends welcomes, one attempt at a time for a member. The only caller of the channels. */
export type Sender = {
  /** What begins an attempt, or null while nothing may be sent to this member. */
  readonly claim: (member: Member) => Claim | null;
  /** Performs the attempt that `claimed` began and was committed, and records its outcome. */
  readonly perform: (member: Member) => Promise<void>;
  /** Ends what an earlier process, or a lease, left open: nobody knows what became of it. */
  readonly settleLost: (member: Member, detail: string) => Promise<void>;
  /** Outcomes that could not be committed; written first, before anything is claimed. */
  readonly saveOutcomes: () => Promise<void>;
  readonly unsaved: () => number;
  /** Attempts that are under way, for the end of the process. */
  readonly underWay: () => readonly Member[];
  /** Finishes what a crash cut off: members whose refusals had already paused the channel. */
  readonly load: () => Promise<void>;
};

/** `cancel`: the fact was not committed, so nothing begins. */
type Claim = {
  readonly fact: Extract<Fact, { kind: 'claimed' }>;
  readonly cancel: () => void;
};

export type Ended = {
  readonly channel: ChannelName;
  readonly outcome: OutcomeKind;
  /** From the portal showing them active to now; null: that time is not known. */
  readonly sinceActivationMs: number | null;
};

type Unsaved = {
  readonly member: Member;
  readonly fact: Extract<Fact, { kind: 'ended' }>;
  /** This outcome was one refusal too many: it was the channel's fault. */
  readonly blamesChannel: boolean;
  /** While it is being committed, and once it is; null: not begun, or it could not be. */
  recorded: Promise<void> | null;
};

/** The request's own deadline is shorter: past this the process must have been asleep or gone. */
const leaseMs = 2 * 60_000;

export function createSender(options: {
  readonly store: Pick<Store, 'progress' | 'remember' | 'invitation'>;
  readonly recorder: Recorder;
  readonly channels: readonly Channel[];
  readonly pauses: Pauses;
  readonly quota: Quota;
  readonly onUnknown: 'hold' | 'resend';
  readonly clock: Clock;
  readonly newId: NewId;
  /** Told of every outcome as it comes; a late one comes besides the `unknown` that it replaces. */
  readonly onEnded?: (ended: Ended) => void;
}): Sender {
  const { store, pauses, quota, clock, newId } = options;
  const { record } = options.recorder;
  const channels = new Map(options.channels.map((channel) => [channel.name, channel]));
  const channelNames = options.channels.map((channel) => channel.name);
  const underWay = new Map<string, Member>();
  /** Refusals in a row of each channel; `stored` is what the store holds of them. */
  const refusals = new Map<ChannelName, Refusals | null>();
  const stored = new Map<ChannelName, string>();
  const unsaved = new Set<Unsaved>();

  function ended(attempt: { id: string; channel: ChannelName }, outcome: Outcome): Unsaved['fact'] {
    return {
      kind: 'ended',
      attemptId: attempt.id,
      channel: attempt.channel,
      outcome,
      channels: channelNames,
      onUnknown: options.onUnknown,
    };
  }

  async function perform(member: Member): Promise<void> {
    const attempt = member.openAttempt;
    const channel = attempt && channels.get(attempt.channel);
    if (!attempt || !channel) throw new Error(`member ${member.userId} has no attempt to perform`);
    underWay.set(attempt.id, member);
    const outcome = await channel.send(await recipientOf(member, store));
    underWay.delete(attempt.id);
    await save(member, ended(attempt, outcome));
  }

  /** An outcome is never lost: while it cannot be committed it is kept, and nothing is claimed. */
  async function save(member: Member, fact: Unsaved['fact']): Promise<void> {
    options.onEnded?.({
      channel: fact.channel,
      outcome: fact.outcome.kind,
      sinceActivationMs: member.activatedAt === null ? null : clock.now() - member.activatedAt,
    });
    // Counted at once and in memory, so that attempts that end together are counted one by one.
    const before = refusals.get(fact.channel) ?? null;
    const counted = countRefusals(before, fact.outcome, member.userId);
    refusals.set(fact.channel, counted.refusals);
    if (counted.refusals && counted.pauses) {
      const reason = `refused ${counted.refusals.count} times in a row: ${fact.outcome.detail}`;
      pauses.pauseChannel(fact.channel, reason, clock.now() + channelProbeAfterMs);
    }
    if (fact.outcome.kind === 'not_sent' && fact.outcome.pausesChannel) {
      pauses.pauseChannel(fact.channel, fact.outcome.detail, clock.now() + channelProbeAfterMs);
    }
    const one: Unsaved = { member, fact, blamesChannel: counted.pauses, recorded: null };
    unsaved.add(one);
    await saveOne(one);
  }

  async function saveOutcomes(): Promise<void> {
    await Promise.all([...unsaved].map(saveOne));
  }

  async function saveOne(one: Unsaved): Promise<void> {
    await recordOutcome(one);
    if (one.blamesChannel) {
      // Whoever was refused with them: their outcomes come first, or nothing is there to take back.
      await Promise.all([...unsaved].map(recordOutcome));
      await exonerate(one.fact.channel);
    }
    unsaved.delete(one);
  }

  /** Each is written by one at a time; those that end together share a commit. */
  function recordOutcome(one: Unsaved): Promise<void> {
    one.recorded ??= writeOutcome(one).catch((error) => {
      one.recorded = null;
      throw error;
    });
    return one.recorded;
  }

  async function writeOutcome({ member, fact }: Unsaved): Promise<void> {
    const counted = refusals.get(fact.channel) ?? null;
    if (counted || fact.outcome.kind === 'sent') await storeRefusals(fact.channel, counted);
    await record({ userId: member.userId, member, facts: [fact] });
  }

  /** Before the outcome: after a crash between the two, `load` still knows whose fault it was. */
  async function storeRefusals(channel: ChannelName, counted: Refusals | null): Promise<void> {
    const text = JSON.stringify(counted);
    if (stored.get(channel) === text) return;
    await store.remember(`refusals:${channel}`, text);
    stored.set(channel, text);
  }

  async function exonerate(channel: ChannelName): Promise<void> {
    for (const userId of refusals.get(channel)?.userIds ?? []) {
      const facts: Fact[] = [{ kind: 'exonerated', channel }];
      await record({ userId, member: null, facts });
    }
  }

  return {
    claim(member) {
      if (quota.left() === 0) return null;
      const channel = pauses.channelFor(member);
      if (!channel) return null;
      const leaseUntil = clock.now() + leaseMs;
      return {
        fact: { kind: 'claimed', attemptId: newId('att'), channel, leaseUntil },
        cancel: quota.take(),
      };
    },
    perform,
    async settleLost(member, detail) {
      if (!member.openAttempt) return;
      await save(member, ended(member.openAttempt, { kind: 'unknown', detail }));
    },
    saveOutcomes,
    unsaved: () => unsaved.size,
    underWay: () => [...underWay.values()],
    async load() {
      for (const channel of channelNames) {
        const counted = await storedRefusals(store, channel);
        refusals.set(channel, counted);
        if (counted && isTooMany(counted)) await exonerate(channel);
      }
    },
  };
}

async function storedRefusals(
  store: Pick<Store, 'progress'>,
  channel: ChannelName,
): Promise<Refusals | null> {
  const text = await store.progress(`refusals:${channel}`);
  // Written by `storeRefusals` and by nothing else, so its shape is known.
  return text === null ? null : (JSON.parse(text) as Refusals | null);
}
