import type { Clock } from '../clock.ts';
import type { Member } from '../domain/member.ts';
import type { ChannelName } from '../domain/outcome.ts';
import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import type { Store, StoredPause } from '../store/store.ts';

export type PauseName = StoredPause | `channel:${ChannelName}` | 'portal';
export type Pause = {
  readonly name: PauseName;
  readonly reason: string;
  readonly since: number;
  /** When it lifts itself (UTC ms); null: a person does. */
  readonly until: number | null;
};

type Passed = Pick<Member, 'refusedBy' | 'resendThrough'>;

/** Why the service holds back, in one place. Sending stops when no channel is left. */
export type Pauses = {
  /** Brings back those that survive a restart. */
  readonly load: () => Promise<void>;
  readonly current: () => readonly Pause[];
  /** Pauses that a person lifts: stored before this resolves. */
  readonly pause: (name: StoredPause, reason: string) => Promise<void>;
  readonly pauseChannel: (channel: ChannelName, reason: string, until: number) => void;
  readonly pausePortal: (reason: string, until: number) => void;
  readonly liftPortal: () => void;
  /** The portal is asked again at once, not only when its time is over. */
  readonly hurryPortal: () => void;
  /** Lifts all of them. */
  readonly resume: () => Promise<void>;
  /**
   * The first configured channel that is neither paused nor refused this member; after an unknown
   * that is sent again, that one alone. Null: none may send to them now.
   */
  readonly channelFor: (member: Passed) => ChannelName | null;
  readonly maySend: () => boolean;
  /** When the portal may be asked again (UTC ms); null: it is not paused. */
  readonly portalUntil: () => number | null;
  /** Lifts the channels whose time is over: one attempt then finds out whether they are well. */
  readonly liftExpired: () => void;
  /** When the next pause lifts itself; null: none does. */
  readonly nextLiftAt: () => number | null;
};

export function createPauses(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
  readonly channels: readonly ChannelName[];
  /** What is known to be wrong with a channel before anything was sent; null: nothing. */
  readonly channelWarning: string | null;
}): Pauses {
  const { store, clock, log, health, channels, channelWarning } = options;
  const active = new Map<PauseName, Pause>();

  function set(pause: Pause): void {
    const isNews = !active.has(pause.name);
    active.set(pause.name, { ...pause, since: active.get(pause.name)?.since ?? pause.since });
    if (isNews) log.warn({ pause: pause.name }, `paused: ${pause.reason}`);
    sayHealth();
  }

  function lift(name: PauseName): void {
    if (active.delete(name)) log.info({ pause: name }, 'resumed');
    sayHealth();
  }

  function isHeld(): boolean {
    return active.has('operator') || active.has('hourly') || active.has('restored');
  }

  function firstOpen(candidates: readonly ChannelName[]): ChannelName | null {
    if (isHeld()) return null;
    return candidates.find((name) => !active.has(`channel:${name}`)) ?? null;
  }

  function channelFor(member: Passed): ChannelName | null {
    const { resendThrough, refusedBy } = member;
    if (resendThrough !== null && channels.includes(resendThrough)) {
      return firstOpen([resendThrough]);
    }
    const left = channels.filter((name) => !refusedBy.includes(name));
    // All refused, and yet `ready`: the settings name fewer channels now. The first one decides.
    return firstOpen(left.length > 0 ? left : channels);
  }

  function sayHealth(): void {
    const portal = active.get('portal');
    if (portal) health.say('portal', 'wrong', 'the portal cannot be asked');
    const held = heldPhrase();
    const open = channels.filter((name) => !active.has(`channel:${name}`));
    if (held) health.say('channel', 'warning', held);
    else if (open.length === 0) health.say('channel', 'wrong', 'every channel is paused');
    else if (open.length < channels.length) health.say('channel', 'warning', 'a channel is paused');
    else if (channelWarning !== null) health.say('channel', 'warning', channelWarning);
    else health.say('channel', 'ok', 'ready');
  }

  function heldPhrase(): string | null {
    if (active.has('restored')) return 'paused: this database is a restored copy';
    if (active.has('hourly')) return 'paused: more welcomes in an hour than allowed';
    return active.has('operator') ? 'paused by an operator' : null;
  }

  return {
    async load() {
      for (const row of await store.pauses()) set({ ...row, until: null });
      sayHealth();
    },
    current: () => [...active.values()],
    async pause(name, reason) {
      const since = clock.now();
      await store.pause({ name, reason, since });
      set({ name, reason, since, until: null });
    },
    pauseChannel: (channel, reason, until) =>
      set({ name: `channel:${channel}`, reason, since: clock.now(), until }),
    pausePortal: (reason, until) => set({ name: 'portal', reason, since: clock.now(), until }),
    liftPortal() {
      lift('portal');
      health.say('portal', 'ok', 'answers');
    },
    hurryPortal() {
      const pause = active.get('portal');
      if (pause) active.set('portal', { ...pause, until: clock.now() });
    },
    async resume() {
      await store.liftPauses();
      for (const name of [...active.keys()]) lift(name);
    },
    channelFor,
    maySend: () => firstOpen(channels) !== null,
    portalUntil: () => active.get('portal')?.until ?? null,
    liftExpired() {
      for (const name of channels) {
        const until = active.get(`channel:${name}`)?.until ?? null;
        if (until !== null && until <= clock.now()) lift(`channel:${name}`);
      }
    },
    nextLiftAt() {
      const times = [...active.values()].flatMap((pause) => pause.until ?? []);
      return times.length === 0 ? null : Math.min(...times);
    },
  };
}
