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
import type { AttemptReason } from '../domain/reason.ts';
import type { NewId } from '../ids.ts';
import type { Store } from '../store/store.ts';
import type { Pauses } from './pauses.ts';
import { recipientOf } from './recipient.ts';
import type { Recorder } from './recorder.ts';

/** Sends welcomes and records how each attempt ended. Nothing else calls the channels. */
export type Attempts = {
  /** Returns the fact that begins an attempt. Null while no channel may send to this member. */
  readonly prepare: (member: Member) => Extract<Fact, { kind: 'claimed' }> | null;
  /** Sends the welcome of an attempt that is committed, and records its outcome. */
  readonly deliver: (member: Member) => Promise<void>;
  /** Records that the outcome of an open attempt will never be known. */
  readonly markUnknown: (member: Member, reason: AttemptReason) => Promise<void>;
  /** Commits the outcomes whose commit failed before. */
  readonly saveOutcomes: () => Promise<void>;
  /** Members with an open attempt. They are needed when the process ends. */
  readonly underWay: () => readonly Member[];
  /** Completes what a crash interrupted: it reverts refusals whose channel had already been paused. */
  readonly load: () => Promise<void>;
};

export type EndedAttempt = {
  readonly channel: ChannelName;
  readonly outcome: OutcomeKind;
  /** Time since the portal showed the person active; null if that is not known. */
  readonly sinceActivationMs: number | null;
};

/** An outcome that is not committed yet. */
type PendingOutcome = {
  readonly member: Member;
  readonly fact: Extract<Fact, { kind: 'ended' }>;
  /** Whether this refusal paused the channel, because too many came in a row. */
  readonly pausedChannel: boolean;
  /** The commit, in progress or done. Null before it begins and after it failed. */
  recorded: Promise<void> | null;
};

/** Longer than the time limit of a request. When a lease ends, the process was suspended or has died. */
const leaseMs = 2 * 60_000;

export function createAttempts(deps: {
  readonly store: Pick<Store, 'getValue' | 'setValue' | 'invitation'>;
  readonly recorder: Recorder;
  readonly channels: readonly Channel[];
  readonly pauses: Pauses;
  readonly onUnknown: 'hold' | 'resend';
  readonly clock: Clock;
  readonly newId: NewId;
  /** Called for every outcome. A late outcome is a second call, after the `unknown` that it replaces. */
  readonly onEnded?: (ended: EndedAttempt) => void;
}): Attempts {
  const { store, pauses, clock, newId } = deps;
  const { record } = deps.recorder;
  const channels = new Map(deps.channels.map((channel) => [channel.name, channel]));
  const channelNames = deps.channels.map((channel) => channel.name);
  const underWay = new Map<string, Member>();
  /** Refusals in a row of each channel. `storedRefusals` holds the value that the store has. */
  const refusals = new Map<ChannelName, Refusals | null>();
  const storedRefusals = new Map<ChannelName, string>();
  const pending = new Set<PendingOutcome>();

  async function deliver(member: Member): Promise<void> {
    const attempt = member.openAttempt;
    const channel = attempt && channels.get(attempt.channel);
    if (!attempt || !channel) throw new Error(`member ${member.userId} has no open attempt`);
    underWay.set(attempt.id, member);
    const outcome = await channel.send(await recipientOf(member, store));
    underWay.delete(attempt.id);
    await recordOutcome(member, outcome, countOutcome);
  }

  /** No outcome is lost: while it cannot be committed it is kept in memory, and no attempt begins. */
  async function recordOutcome(
    member: Member,
    outcome: Outcome,
    countsAgainstChannel: (member: Member, fact: PendingOutcome['fact']) => boolean,
  ): Promise<void> {
    if (!member.openAttempt) return;
    const { id, channel } = member.openAttempt;
    deps.onEnded?.({
      channel,
      outcome: outcome.kind,
      sinceActivationMs: member.activatedAt === null ? null : clock.now() - member.activatedAt,
    });
    const fact: PendingOutcome['fact'] = {
      kind: 'ended',
      attemptId: id,
      channel,
      outcome,
      channels: channelNames,
      onUnknown: deps.onUnknown,
    };
    const one = { member, fact, pausedChannel: countsAgainstChannel(member, fact), recorded: null };
    pending.add(one);
    await saveOutcome(one);
  }

  /**
   * Counts in memory and at once, so that attempts that end at the same time are counted one by one.
   * @returns whether this refusal paused the channel
   */
  function countOutcome(member: Member, { channel, outcome }: PendingOutcome['fact']): boolean {
    const counted = countRefusals(refusals.get(channel) ?? null, outcome, member.userId);
    refusals.set(channel, counted.refusals);
    const until = clock.now() + channelProbeAfterMs;
    const cause = outcome.reason;
    if (counted.refusals && counted.pauses) {
      const { count } = counted.refusals;
      const code = outcome.kind === 'unknown' ? 'unknown_in_a_row' : 'refused_in_a_row';
      pauses.pauseChannel(channel, { code, channel, count, cause }, until);
    }
    if (outcome.kind === 'not_sent' && outcome.pausesChannel) {
      pauses.pauseChannel(channel, { code: 'channel_refuses', channel, cause }, until);
    }
    return counted.pauses;
  }

  async function saveOutcome(one: PendingOutcome): Promise<void> {
    await commitOutcome(one);
    if (one.pausedChannel) {
      // The other refusals are committed first, because until then there is nothing to revert.
      await Promise.all([...pending].map(commitOutcome));
      await revertRefusals(one.fact.channel);
    }
    pending.delete(one);
  }

  /** Only one caller commits an outcome. Outcomes that arrive at the same time share a commit. */
  function commitOutcome(one: PendingOutcome): Promise<void> {
    one.recorded ??= writeOutcome(one).catch((error) => {
      one.recorded = null;
      throw error;
    });
    return one.recorded;
  }

  async function writeOutcome({ member, fact }: PendingOutcome): Promise<void> {
    const counted = refusals.get(fact.channel) ?? null;
    // The count is written first, so that after a crash `load` knows that the channel is at fault.
    if (counted || fact.outcome.kind === 'sent') await storeRefusals(fact.channel, counted);
    await record({ userId: member.userId, member, facts: [fact] });
  }

  async function storeRefusals(channel: ChannelName, counted: Refusals | null): Promise<void> {
    const text = JSON.stringify(counted);
    if (storedRefusals.get(channel) === text) return;
    await store.setValue(`refusals:${channel}`, text);
    storedRefusals.set(channel, text);
  }

  async function revertRefusals(channel: ChannelName): Promise<void> {
    for (const userId of refusals.get(channel)?.userIds ?? []) {
      const facts: Fact[] = [{ kind: 'refusal_reverted', channel }];
      await record({ userId, member: null, facts });
    }
  }

  return {
    prepare(member) {
      const channel = pauses.channelFor(member);
      if (!channel) return null;
      const leaseUntil = clock.now() + leaseMs;
      return { kind: 'claimed', attemptId: newId('att'), channel, leaseUntil };
    },
    deliver,
    // A missing outcome does not count against the channel, because the process failed to learn it.
    markUnknown: (member, reason) =>
      recordOutcome(member, { kind: 'unknown', reason }, () => false),
    async saveOutcomes() {
      await Promise.all([...pending].map(saveOutcome));
    },
    underWay: () => [...underWay.values()],
    async load() {
      for (const channel of channelNames) {
        const text = await store.getValue(`refusals:${channel}`);
        // Only `storeRefusals` writes this value, so its shape is known.
        const counted = text === null ? null : (JSON.parse(text) as Refusals | null);
        refusals.set(channel, counted);
        if (counted && isTooMany(counted)) await revertRefusals(channel);
      }
    },
  };
}
