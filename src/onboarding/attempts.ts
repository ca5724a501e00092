import type { Channel } from '../channels/channel.ts';
import type { Clock } from '../clock.ts';
import { attemptLeaseMs, isTooLate, notSentTooLate } from '../domain/attempt-limits.ts';
import {
  channelProbeAfterMs,
  isRefusal,
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

/** The fact that begins an attempt. */
type Claim = Extract<Fact, { kind: 'claimed' }>;

/** Sends welcomes and records how each attempt ended. No other code sends welcomes to members. */
export type Attempts = {
  /** Returns the fact that begins an attempt. Null while no channel may send to this member. */
  readonly prepare: (member: Member) => Claim | null;
  /** Call it if a prepared attempt did not begin. */
  readonly cancel: (claim: Claim) => void;
  /** Sends the welcome of an attempt that is committed, and records its outcome. */
  readonly deliver: (member: Member) => Promise<void>;
  /** Records `unknown` as the outcome of an open attempt. */
  readonly markUnknown: (member: Member, reason: AttemptReason) => Promise<void>;
  /** Commits the outcomes whose commit failed before. */
  readonly saveOutcomes: () => Promise<void>;
  /**
   * Returns the members whose welcome is being sent. When the worker stops, their outcome is unknown.
   */
  readonly underWay: () => readonly Member[];
  /** Completes what a crash interrupted: it reverts refusals for which a channel was already paused. */
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
  /** Whether the outcome counts for or against its channel. */
  readonly isCounted: boolean;
  /** The commit in progress. Null before it begins and after it failed. */
  recorded: Promise<void> | null;
};

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createAttempts(deps: {
  readonly store: Pick<Store, 'getValue' | 'invitation'>;
  readonly recorder: Recorder;
  readonly channels: readonly Channel[];
  readonly pauses: Pauses;
  readonly onUnknown: 'hold' | 'resend';
  readonly clock: Clock;
  readonly newId: NewId;
  /** Called for every outcome: twice if an attempt is first marked `unknown` and then answered late. */
  readonly onEnded?: (ended: EndedAttempt) => void;
}): Attempts {
  const { store, pauses, clock, newId } = deps;
  const { record } = deps.recorder;
  const channels = new Map(deps.channels.map((channel) => [channel.name, channel]));
  const channelNames = deps.channels.map((channel) => channel.name);
  const underWay = new Map<string, Member>();
  const pending = new Set<PendingOutcome>();
  /** The attempts that test a channel. */
  const tests = new Set<string>();

  async function deliver(member: Member): Promise<void> {
    const attempt = member.openAttempt;
    const channel = attempt && channels.get(attempt.channel);
    if (!attempt || !channel) throw new Error(`member ${member.userId} has no open attempt`);
    underWay.set(attempt.id, member);
    const recipient = await recipientOf(member, store);
    const outcome = isTooLate(member.leaseUntil, clock.now())
      ? notSentTooLate
      : await channel.send(recipient);
    underWay.delete(attempt.id);
    // A refusal or an unknown outcome of a test leaves the channel paused until the next test.
    const isTest = tests.delete(attempt.id);
    if (isTest && !isRefusal(outcome)) pauses.endTest(channel.name, outcome.kind === 'sent');
    if (outcome.kind === 'not_sent' && outcome.pausesChannel) {
      const reason = {
        code: 'channel_refuses',
        channel: channel.name,
        cause: outcome.reason,
      } as const;
      pauses.pauseChannel(channel.name, reason, clock.now() + channelProbeAfterMs);
    }
    await recordOutcome(member, outcome, true);
  }

  /**
   * Records the outcome of an attempt. While the commit fails, the outcome is kept in memory, and no
   * further attempt begins.
   */
  async function recordOutcome(
    member: Member,
    outcome: Outcome,
    isCounted: boolean,
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
    const one: PendingOutcome = { member, fact, isCounted, recorded: null };
    pending.add(one);
    await saveOutcome(one);
  }

  /** Commits an outcome. Calls for the same outcome at the same time share one commit. */
  function saveOutcome(one: PendingOutcome): Promise<void> {
    one.recorded ??= writeOutcome(one).catch((error) => {
      one.recorded = null;
      throw error;
    });
    return one.recorded;
  }

  async function writeOutcome(one: PendingOutcome): Promise<void> {
    const { member, fact, isCounted } = one;
    const { channel, outcome } = fact;
    const counted = isCounted ? { channel, outcome } : undefined;
    await record({ userId: member.userId, member, facts: [fact], counted });
    if (isCounted && isRefusal(outcome)) await pauseAfterRefusals(channel, outcome);
    pending.delete(one);
  }

  /**
   * Pauses the channel after too many refusals in a row. They are a fault of the channel, not of the
   * people, so these refusals are reverted.
   */
  async function pauseAfterRefusals(channel: ChannelName, outcome: Outcome): Promise<void> {
    const refusals = await refusalsOf(channel);
    if (!refusals || !isTooMany(refusals)) return;
    const code = outcome.kind === 'unknown' ? 'unknown_in_a_row' : 'refused_in_a_row';
    const reason = { code, channel, count: refusals.count, cause: outcome.reason } as const;
    pauses.pauseChannel(channel, reason, clock.now() + channelProbeAfterMs);
    await revertRefusals(channel, refusals);
  }

  async function refusalsOf(channel: ChannelName): Promise<Refusals | null> {
    const text = await store.getValue(`refusals:${channel}`);
    // Only `countedText` (src/store/rules.ts) makes this value, so its shape is known.
    return text === null ? null : (JSON.parse(text) as Refusals | null);
  }

  async function revertRefusals(channel: ChannelName, { userIds }: Refusals): Promise<void> {
    const facts: Fact[] = [{ kind: 'refusal_reverted', channel }];
    for (const userId of userIds) await record({ userId, member: null, facts });
  }

  return {
    prepare(member) {
      const channel = pauses.channelFor(member);
      if (!channel) return null;
      const attemptId = newId('att');
      if (pauses.beginTest(channel)) tests.add(attemptId);
      return { kind: 'claimed', attemptId, channel, leaseUntil: clock.now() + attemptLeaseMs };
    },
    cancel({ attemptId, channel }) {
      if (tests.delete(attemptId)) pauses.endTest(channel, false);
    },
    deliver,
    // A missing outcome does not count against the channel, because the process failed to learn it.
    markUnknown: (member, reason) => recordOutcome(member, { kind: 'unknown', reason }, false),
    async saveOutcomes() {
      await Promise.all([...pending].map(saveOutcome));
    },
    underWay: () => [...underWay.values()],
    async load() {
      for (const channel of channelNames) {
        const refusals = await refusalsOf(channel);
        if (refusals && isTooMany(refusals)) await revertRefusals(channel, refusals);
      }
    },
  };
}
