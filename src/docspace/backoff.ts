import { setMaxListeners } from 'node:events';
import { type Clock, sleepUntil } from '../clock.ts';
import { longestWaitMs, type PortalAnswer } from './classify.ts';

/** The portal limits these kinds of request separately (docs/docspace-wire.md 10). */
export const callKinds = ['read', 'welcome', 'sensitive'] as const;
export type CallKind = (typeof callKinds)[number];

/** Holds back requests after the portal asked to wait (429, 503). */
export type Backoff = {
  /** How long no request of this kind may be sent, in ms. 0 if requests may be sent. */
  readonly remainingMs: (kind: CallKind) => number;
  /**
   * Until when the portal asked to wait (UTC ms), even if that is longer than this client waits.
   * Null if it did not ask.
   * @param kind if left out, the longest wait of all kinds
   */
  readonly until: (kind?: CallKind) => number | null;
  /** Starts or extends the wait if this answer asks for it. */
  readonly note: (kind: CallKind, answer: PortalAnswer) => void;
  /** Waits `ms`, or until `cancel` is called. */
  readonly pause: (ms: number) => Promise<void>;
  /** Ends every wait at once. */
  readonly cancel: () => void;
};

/**
 * `startedAt` is measured by `clock.elapsed`, so setting the machine's clock neither lengthens nor
 * ends a wait.
 */
type Wait = { readonly startedAt: number; readonly waitMs: number; readonly askedMs: number };

export function createBackoff(clock: Clock): Backoff {
  const waits = new Map<CallKind, Wait>();
  let pauses = manyWait();

  function remainingMs(kind: CallKind): number {
    const wait = waits.get(kind);
    if (!wait) return 0;
    const leftMs = wait.waitMs - (clock.elapsed() - wait.startedAt);
    if (leftMs <= 0) waits.delete(kind);
    return Math.max(0, leftMs);
  }

  function note(kind: CallKind, answer: PortalAnswer): void {
    if (answer.kind !== 'answered' || answer.waitMs === null) return;
    const waitMs = Math.min(answer.waitMs, longestWaitMs);
    // 503 concerns the whole portal, 429 only one kind of request.
    for (const held of answer.status === 503 ? callKinds : [kind]) {
      if (remainingMs(held) > waitMs) continue;
      const askedMs = answer.askedWaitMs ?? waitMs;
      waits.set(held, { startedAt: clock.elapsed(), waitMs, askedMs });
    }
  }

  return {
    remainingMs,
    until(kind) {
      const leftMs = (kind === undefined ? callKinds : [kind])
        .filter((held) => remainingMs(held) > 0)
        .map((held) => waits.get(held))
        .map((wait) => (wait ? wait.askedMs - (clock.elapsed() - wait.startedAt) : 0));
      return leftMs.length === 0 ? null : clock.now() + Math.max(...leftMs);
    },
    note,
    pause: (ms) => sleepUntil(clock, clock.now() + ms, pauses.signal),
    cancel() {
      waits.clear();
      pauses.abort();
      pauses = manyWait();
    },
  };
}

/** Each waiting request listens to it, and Node warns of more than ten listeners. */
function manyWait(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
