import type { Clock } from '../clock.ts';
import type { PresentCause } from '../domain/decide-notice.ts';
import type { Invitation } from '../domain/invitation.ts';
import type { Member } from '../domain/member.ts';
import type { Health, HealthCode } from '../health.ts';
import type { Pause, Pauses } from '../onboarding/pauses.ts';
import type { KeyExpiry } from '../reconciliation/key-expiry.ts';
import type { StoreReads } from '../store/store.ts';
import { readPages } from './pages.ts';

/** A cause, and everything that a mail says about it. */
export type Cause = PresentCause &
  (
    | { readonly kind: 'failed' | 'unknown'; readonly member: Member }
    | { readonly kind: 'letter'; readonly letter: LetterTrouble; readonly invitation: Invitation }
    | { readonly kind: 'pause'; readonly pause: Pause }
    | { readonly kind: 'key_expires'; readonly expiresAt: number }
    | { readonly kind: 'health'; readonly part: WatchedPart; readonly code: HealthCode }
  );
type LetterTrouble = 'refused' | 'unknown';
/**
 * The parts of `/readyz` whose level `wrong` is a cause. For `portal` and `channel`, pauses are causes.
 */
const watchedParts = ['store', 'worker', 'webhook'] as const;
export type WatchedPart = (typeof watchedParts)[number];

/** The key of the cause for a problem of the database. */
export const storeKey = 'health:store';

export type Causes = {
  /**
   * Reads everything that needs attention now. `notKnown`: the keys of causes that may exist, but have
   * not been checked yet.
   */
  readonly read: () => Promise<{
    readonly present: readonly Cause[];
    readonly notKnown: readonly string[];
  }>;
};

/** No mail names a cause that ends within this time. */
const graceMs = 60_000;
/** The portal may be away for this time without a notice, such as during an update. */
const portalGraceMs = 15 * 60_000;
/**
 * Operators know about their own pause. After this time, a mail names it, because they may forget it.
 */
const operatorGraceMs = 60 * 60_000;

export function createCauses(deps: {
  readonly reads: Pick<StoreReads, 'listMembers' | 'listInvitations'>;
  readonly pauses: Pick<Pauses, 'current'>;
  readonly keyExpiry: Pick<KeyExpiry, 'expiresAt' | 'isSoon'>;
  readonly health: Pick<Health, 'report'>;
  readonly clock: Pick<Clock, 'now'>;
}): Causes {
  const { reads, pauses, keyExpiry, health, clock } = deps;
  /** When each cause was first seen (UTC ms). It is not used for pauses, which have a start time. */
  let firstSeen: ReadonlyMap<string, number> = new Map();
  let lastPeople: readonly Cause[] = [];

  /** Returns the causes about people: welcomes and letters that failed or have an unknown outcome. */
  async function aboutPeople(tellFrom: (key: string) => number): Promise<Cause[]> {
    const of = async (kind: 'failed' | 'unknown') =>
      (await readPages((paging) => reads.listMembers({ state: kind }, paging))).map(
        (member): Cause => {
          const key = `${kind}:${member.userId}`;
          return { kind, key, tellFrom: tellFrom(key), member };
        },
      );
    const ofLetters = async (letter: LetterTrouble) => {
      const filter = { status: 'issued', letter } as const;
      const found = await readPages((paging) => reads.listInvitations(filter, paging, clock.now()));
      return found.map((invitation): Cause => {
        const key = `letter_${letter}:${invitation.id}`;
        return { kind: 'letter', key, tellFrom: tellFrom(key), letter, invitation };
      });
    };
    return [
      ...(await of('unknown')),
      ...(await of('failed')),
      ...(await ofLetters('unknown')),
      ...(await ofLetters('refused')),
    ];
  }

  /**
   * Returns the causes about people. If a faulty database cannot be read, returns the causes that were
   * read last, so that a mail can still name the fault of the database.
   */
  async function peopleNow(tellFrom: (key: string) => number): Promise<readonly Cause[]> {
    try {
      lastPeople = await aboutPeople(tellFrom);
    } catch (error) {
      if (health.report().store.level !== 'wrong') throw error;
    }
    return lastPeople;
  }

  function aboutHealth(tellFrom: (key: string) => number): Cause[] {
    const report = health.report();
    const isCause = (part: WatchedPart) =>
      report[part].level === 'wrong' && report[part].code !== 'starting';
    return watchedParts.filter(isCause).map((part) => {
      const key = `health:${part}`;
      return { kind: 'health', key, tellFrom: tellFrom(key), part, code: report[part].code };
    });
  }

  function aboutKey(tellFrom: (key: string) => number): Cause[] {
    const expiresAt = keyExpiry.expiresAt();
    if (expiresAt === null || !keyExpiry.isSoon()) return [];
    return [{ kind: 'key_expires', key: keyKey, tellFrom: tellFrom(keyKey), expiresAt }];
  }

  return {
    async read() {
      const now = clock.now();
      const tellFrom = (key: string) => Math.min(firstSeen.get(key) ?? now, now) + graceMs;
      const present: readonly Cause[] = [
        ...aboutHealth(tellFrom),
        ...pauses.current().map(ofPause),
        ...aboutKey(tellFrom),
        ...(await peopleNow(tellFrom)),
      ];
      firstSeen = new Map(present.map(({ key, tellFrom: at }) => [key, at - graceMs]));
      return { present, notKnown: notKnownIn(health.report(), keyExpiry) };
    },
  };
}

const keyKey = 'key_expires';
const portalKeys = ['portal', 'portal:key'];

function ofPause(pause: Pause): Cause {
  const isKey = pause.name === 'portal' && pause.reason.code === 'portal_rejects_credentials';
  const key = isKey ? 'portal:key' : pause.name;
  return { kind: 'pause', key, tellFrom: pause.since + graceOf(pause, isKey), pause };
}

function graceOf({ name }: Pause, isKey: boolean): number {
  if (name === 'operator') return operatorGraceMs;
  return name === 'portal' && !isKey ? portalGraceMs : graceMs;
}

/**
 * Returns the keys of causes that are not known now: after a start, the portal, the webhook and the
 * expiry of the key have to be checked first.
 */
function notKnownIn(
  report: ReturnType<Health['report']>,
  keyExpiry: Pick<KeyExpiry, 'isSoon'>,
): string[] {
  const isAsked = report.portal.code !== 'not_asked_yet';
  const isChecked = !['no_delivery_yet', 'webhook_waiting'].includes(report.webhook.code);
  return [
    ...(isAsked ? [] : portalKeys),
    ...(isChecked ? [] : ['health:webhook']),
    ...(keyExpiry.isSoon() === null ? [keyKey] : []),
  ];
}
