import type { Clock } from '../clock.ts';
import { channelProbeAfterMs } from '../domain/circuit-breaker.ts';
import type { Member } from '../domain/member.ts';
import type { ChannelName } from '../domain/outcome.ts';
import type { InterruptReason, PauseReason } from '../domain/reason.ts';
import type { Actor, Source } from '../domain/timeline.ts';
import type { Health, HealthCode } from '../health.ts';
import type { Log } from '../log.ts';
import { reasonText } from '../messages/render.ts';
import {
  type Beat,
  type SharedWait,
  type Store,
  type StoredPause,
  storedPauses,
} from '../store/store.ts';

export type PauseName = StoredPause | `channel:${ChannelName}` | 'portal';
export type Pause = {
  readonly name: PauseName;
  readonly reason: PauseReason;
  readonly since: number;
  /** When the pause ends by itself (UTC ms). Null if only a person can end it. */
  readonly until: number | null;
};

/** `endsAt` is a time of `clock.elapsed`, so setting the machine's clock does not move the end. */
type ActivePause = Omit<Pause, 'until'> & {
  readonly endsAt: number | null;
  /**
   * True if the other replicas are not told about this pause: another replica began it, or it lasts only
   * while an attempt of this replica tests the channel.
   */
  readonly isOnlyHere: boolean;
};

type ChannelHistory = Pick<Member, 'refusedBy' | 'resendThrough'>;

/** The pauses of sending. While all channels are paused, nothing is sent. */
export type Pauses = {
  /** Reads the stored pauses: those of an earlier process, and of other replicas. */
  readonly load: () => Promise<void>;
  /** The pauses of this replica that end by themselves. They apply to the other replicas, too. */
  readonly own: () => readonly SharedWait[];
  /**
   * Takes over the pauses that apply to all replicas.
   * @param change the number that `change` returned before the beat was read. If a pause has begun or
   *   ended here since then, this beat is ignored
   */
  readonly follow: (beat: Pick<Beat, 'pauses' | 'waits' | 'resumedAt'>, change: number) => void;
  /** Returns a number that grows whenever a pause begins or ends in this process. */
  readonly change: () => number;
  readonly current: () => readonly Pause[];
  /** Begins a pause that only a person can end. It is stored before this resolves. */
  readonly pause: (name: StoredPause, reason: PauseReason, source: Source) => Promise<void>;
  readonly pauseChannel: (channel: ChannelName, reason: PauseReason, until: number) => void;
  readonly pausePortal: (reason: InterruptReason, until: number) => void;
  readonly liftPortal: () => void;
  /** Ends the wait of the pause `portal`, so that the portal is asked again at once. */
  readonly retryPortalNow: () => void;
  /** Ends all pauses. */
  readonly resume: (actor: Actor) => Promise<void>;
  /**
   * Returns the first configured channel that is not paused and has not refused this member. If an
   * attempt with unknown outcome is repeated, only the channel of that attempt may be used, if it is
   * still configured. Null if no channel may send to this member now.
   */
  readonly channelFor: (member: ChannelHistory) => ChannelName | null;
  readonly maySend: () => boolean;
  /** When the portal may be asked again (UTC ms). Null if the portal is not paused. */
  readonly portalUntil: () => number | null;
  /** Ends the channel pauses whose time is over. The next attempt tests whether the channel works again. */
  readonly liftExpired: () => void;
  /**
   * Call it before an attempt through this channel begins. If the attempt tests the channel after a pause,
   * the channel is paused for all other attempts until `endTest`, at most until the next test is due.
   * @returns whether the attempt is a test
   */
  readonly beginTest: (channel: ChannelName) => boolean;
  /** Ends the test. @param works false if it showed nothing, so that the next attempt is a test, too */
  readonly endTest: (channel: ChannelName, works: boolean) => void;
  /** When the next pause ends by itself. Null if none does. */
  readonly nextLiftAt: () => number | null;
};

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createPauses(options: {
  readonly store: Pick<Store, 'pauses' | 'pause' | 'liftPauses'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
  readonly channels: readonly ChannelName[];
  /** A fault of a channel that is known before anything is sent. Null if there is none. */
  readonly channelWarning: HealthCode | null;
}): Pauses {
  const { store, clock, log, health, channels, channelWarning } = options;
  const active = new Map<PauseName, ActivePause>();
  /** The channels that were paused and that no attempt has tested since, each with its pause. */
  const untested = new Map<ChannelName, ActivePause>();

  let changes = 0;
  /** `resumedAt` of the last beat that `follow` took over. Null before the first beat. */
  let resumedAt: number | null = null;

  function set(pause: Pause, isOnlyHere = false): void {
    const { name, reason, until } = pause;
    const isNews = !active.has(name);
    const endsAt = until === null ? null : clock.elapsed() + (until - clock.now());
    const since = active.get(name)?.since ?? pause.since;
    active.set(name, { name, reason, since, endsAt, isOnlyHere });
    changes += 1;
    if (isNews) log.warn({ pause: pause.name }, `paused: ${reasonText(pause.reason)}`);
    updateHealth();
  }

  function lift(name: PauseName): void {
    if (active.delete(name)) log.info({ pause: name }, 'resumed');
    changes += 1;
    updateHealth();
  }

  function liftAll(): void {
    untested.clear();
    for (const name of [...active.keys()]) lift(name);
  }

  /** Ends the pause of a channel. The next attempt tests the channel. */
  function leaveUntested(channel: ChannelName): void {
    const pause = active.get(`channel:${channel}`);
    if (!pause) return;
    untested.set(channel, pause);
    active.delete(pause.name);
    updateHealth();
  }

  function isStored(name: PauseName): boolean {
    return storedPauses.some((one) => one === name);
  }

  function untilOf(name: PauseName): number | null {
    const endsAt = active.get(name)?.endsAt ?? null;
    return endsAt === null ? null : clock.now() + (endsAt - clock.elapsed());
  }

  function isHeld(): boolean {
    return heldCode() !== null;
  }

  function firstOpen(candidates: readonly ChannelName[]): ChannelName | null {
    if (isHeld()) return null;
    return candidates.find((name) => !active.has(`channel:${name}`)) ?? null;
  }

  function channelFor(member: ChannelHistory): ChannelName | null {
    const { resendThrough, refusedBy } = member;
    if (resendThrough !== null && channels.includes(resendThrough)) {
      return firstOpen([resendThrough]);
    }
    const left = channels.filter((name) => !refusedBy.includes(name));
    // If every configured channel refused, earlier settings named more channels. Then all are tried
    // again.
    return firstOpen(left.length > 0 ? left : channels);
  }

  function updateHealth(): void {
    const portal = active.get('portal');
    if (portal) {
      const isKey = portal.reason.code === 'portal_rejects_credentials';
      health.set('portal', 'wrong', isKey ? 'key_rejected' : 'portal_unavailable');
    }
    const held = heldCode();
    const open = channels.filter((name) => !active.has(`channel:${name}`));
    if (held) health.set('channel', 'warning', held);
    else if (open.length === 0) health.set('channel', 'wrong', 'all_channels_paused');
    else if (open.length < channels.length) health.set('channel', 'warning', 'one_channel_paused');
    else if (channelWarning !== null) health.set('channel', 'warning', channelWarning);
    else health.set('channel', 'ok', 'ready');
  }

  function heldCode(): HealthCode | null {
    if (active.has('restored')) return 'paused_restored';
    if (active.has('hourly')) return 'paused_hourly';
    if (active.has('account_used')) return 'paused_account_used';
    return active.has('operator') ? 'paused_operator' : null;
  }

  return {
    async load() {
      for (const row of await store.pauses()) set({ ...row, until: null });
      updateHealth();
    },
    own: () =>
      [...active.values()].flatMap(({ name, reason, since, isOnlyHere }) => {
        const until = untilOf(name);
        return isStored(name) || until === null || isOnlyHere
          ? []
          : // Only stored pauses have names that `SharedWait` does not have.
            [{ name: name as SharedWait['name'], reason, since, until }];
      }),
    follow(beat, change) {
      if (change !== changes) return;
      if (resumedAt !== null && beat.resumedAt > resumedAt) liftAll();
      resumedAt = beat.resumedAt;
      for (const row of beat.pauses) if (!active.has(row.name)) set({ ...row, until: null });
      const names = beat.pauses.map((row) => row.name);
      for (const name of storedPauses) {
        if (active.has(name) && !names.includes(name)) lift(name);
      }
      for (const wait of beat.waits) {
        const isOver = wait.until <= clock.now() || wait.since <= beat.resumedAt;
        if (!isOver && (untilOf(wait.name) ?? 0) < wait.until) set(wait, true);
      }
    },
    change: () => changes,
    current: () =>
      [...active.values()].map(({ name, reason, since }) => {
        return { name, reason, since, until: untilOf(name) };
      }),
    async pause(name, reason, source) {
      const since = clock.now();
      await store.pause({ name, reason, since }, { event: 'service_paused', reason, ...source });
      set({ name, reason, since, until: null });
    },
    pauseChannel: (channel, reason, until) =>
      set({ name: `channel:${channel}`, reason, since: clock.now(), until }),
    pausePortal: (reason, until) => set({ name: 'portal', reason, since: clock.now(), until }),
    liftPortal() {
      lift('portal');
      health.set('portal', 'ok', 'answers');
    },
    retryPortalNow() {
      const pause = active.get('portal');
      if (pause) active.set('portal', { ...pause, endsAt: clock.elapsed() });
    },
    async resume(actor) {
      const cause = { kind: 'command', name: 'resume' } as const;
      const entry = { event: 'service_resumed', actor, cause } as const;
      await store.liftPauses({ entry, at: clock.now() });
      liftAll();
    },
    channelFor,
    maySend: () => firstOpen(channels) !== null,
    portalUntil: () => untilOf('portal'),
    liftExpired() {
      for (const name of channels) {
        const until = untilOf(`channel:${name}`);
        if (until === null || until > clock.now()) continue;
        log.info({ channel: name }, 'the next attempt tests the paused channel');
        leaveUntested(name);
      }
    },
    beginTest(channel) {
      const pause = untested.get(channel);
      if (!pause) return false;
      untested.delete(channel);
      const endsAt = clock.elapsed() + channelProbeAfterMs;
      active.set(pause.name, { ...pause, endsAt, isOnlyHere: true });
      updateHealth();
      return true;
    },
    endTest(channel, works) {
      if (works) lift(`channel:${channel}`);
      else leaveUntested(channel);
    },
    nextLiftAt() {
      const times = [...active.keys()].flatMap((name) => untilOf(name) ?? []);
      return times.length === 0 ? null : Math.min(...times);
    },
  };
}
