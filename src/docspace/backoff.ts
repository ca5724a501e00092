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
   * Null if requests may be sent.
   * @param kind if left out, the longest wait of all kinds counts
   */
  readonly until: (kind?: CallKind) => number | null;
  /** Starts or extends the wait if this answer asks for it. */
  readonly note: (kind: CallKind, answer: PortalAnswer) => void;
  /** Waits for `ms` milliseconds, or until `cancel` is called. */
  readonly pause: (ms: number) => Promise<void>;
  /** Ends all waits and pauses now. */
  readonly cancel: () => void;
};

/** `startedAt` is a value of `clock.elapsed`, so that setting the machine's clock changes no wait. */
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
    // A 503 concerns the whole portal. A 429 concerns only one kind of request.
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

/** Returns a controller for any number of listeners. By default, Node warns about more than ten. */
function manyWait(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/**
 * Counts invited addresses against the portal's daily limit. The limit is known only after a refusal,
 * and a refused request uses up the rest of the limit (docs/docspace-wire.md 10).
 */
type InvitationDay = {
  /** @param addresses the number of addresses in the request */
  readonly note: (addresses: number, answer: PortalAnswer) => void;
  /** How many addresses the next request may contain, at least one. Null if no limit is known. */
  readonly allowed: () => number | null;
};

const dayMs = 24 * 3_600_000;

export function createInvitationDay({ now }: Pick<Clock, 'now'>): InvitationDay {
  let limit: number | null = null;
  let used = 0;
  let endsAt = 0;
  return {
    note(addresses, answer) {
      if (now() >= endsAt) {
        used = 0;
        endsAt = now() + dayMs;
      }
      used += addresses;
      if (answer.kind !== 'answered' || !answer.dayLimit) return;
      limit = answer.dayLimit.units;
      used = limit;
      endsAt = now() + answer.dayLimit.endsInMs;
    },
    allowed() {
      if (limit === null) return null;
      return Math.max(1, now() < endsAt ? limit - used : limit);
    },
  };
}
