import { type Clock, sleepUntil } from '../clock.ts';
import { longestWaitMs, type PortalAnswer } from './classify.ts';

/** The portal limits these kinds of request separately (docs/docspace-wire.md 10). */
export const callKinds = ['read', 'welcome', 'sensitive'] as const;
export type CallKind = (typeof callKinds)[number];

/** Holds back requests after the portal asked to wait (429, 503). */
export type Backoff = {
  /** How long no request of this kind may be sent, in ms; 0: requests may be sent. */
  readonly remainingMs: (kind: CallKind) => number;
  /** Until when the portal asked to wait (UTC ms), even if longer than we wait; null: not at all. */
  readonly until: () => number | null;
  /** Starts or lengthens the wait when this answer asks for it. */
  readonly note: (kind: CallKind, answer: PortalAnswer) => void;
  /** Waits `ms`, or until `cancel` is called. */
  readonly pause: (ms: number) => Promise<void>;
  /** Ends every wait at once. */
  readonly cancel: () => void;
};

type Wait = { readonly startedAt: number; readonly waitMs: number; readonly askedMs: number };

export function createBackoff(clock: Clock): Backoff {
  const waits = new Map<CallKind, Wait>();
  let pauses = new AbortController();

  function remainingMs(kind: CallKind): number {
    const wait = waits.get(kind);
    if (!wait) return 0;
    const elapsedMs = clock.now() - wait.startedAt;
    // The clock was set back: the wait starts again, because it is not known how much of it is over.
    if (elapsedMs < 0) waits.set(kind, { ...wait, startedAt: clock.now() });
    const leftMs = wait.waitMs - Math.max(0, elapsedMs);
    if (leftMs <= 0) waits.delete(kind);
    return Math.max(0, leftMs);
  }

  function note(kind: CallKind, answer: PortalAnswer): void {
    if (answer.kind !== 'answered' || answer.waitMs === null) return;
    const waitMs = Math.min(answer.waitMs, longestWaitMs);
    // 503 is about the whole portal, 429 about one kind of request.
    for (const held of answer.status === 503 ? callKinds : [kind]) {
      if (remainingMs(held) > waitMs) continue;
      const askedMs = answer.askedWaitMs ?? waitMs;
      waits.set(held, { startedAt: clock.now(), waitMs, askedMs });
    }
  }

  return {
    remainingMs,
    until() {
      const ends = callKinds
        .filter((kind) => remainingMs(kind) > 0)
        .map((kind) => waits.get(kind))
        .map((wait) => (wait ? wait.startedAt + wait.askedMs : 0));
      return ends.length === 0 ? null : Math.max(...ends);
    },
    note,
    pause: (ms) => sleepUntil(clock, clock.now() + ms, pauses.signal),
    cancel() {
      waits.clear();
      pauses.abort();
      pauses = new AbortController();
    },
  };
}
