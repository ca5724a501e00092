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
/** The parts of `/readyz` whose `wrong` is a cause. Portal and channel have pauses instead. */
const watchedParts = ['store', 'worker', 'webhook'] as const;
export type WatchedPart = (typeof watchedParts)[number];

/** The key of the cause that the database cannot be written. */
export const storeKey = 'health:store';

export type Causes = {
  /** Everything that needs attention now, and the keys of causes that cannot be judged now. */
  readonly read: () => Promise<{
    readonly present: readonly Cause[];
    readonly notKnown: readonly string[];
  }>;
};

/** Trouble that ends by itself within this time is not told. */
const graceMs = 60_000;
/** A portal may be away for this time, as during an update. */
const portalGraceMs = 15 * 60_000;
/** Operators know about their own pause, so it is told only when it seems to be forgotten. */
const operatorGraceMs = 60 * 60_000;

export function createCauses(deps: {
  readonly reads: Pick<StoreReads, 'listMembers' | 'listInvitations'>;
  readonly pauses: Pick<Pauses, 'current'>;
  readonly keyExpiry: Pick<KeyExpiry, 'expiresAt' | 'isSoon'>;
  readonly health: Pick<Health, 'report'>;
  readonly clock: Pick<Clock, 'now'>;
}): Causes {
  const { reads, pauses, keyExpiry, health, clock } = deps;
  /** When a cause was first seen. Only pauses say themselves since when they last. */
  let firstSeen: ReadonlyMap<string, number> = new Map();
  let lastPeople: readonly Cause[] = [];

  /** Everything that was sent to a person and needs a decision. */
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

  /** A database that cannot be read says nothing about people, and must be told itself. */
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

/** After a start, nothing is known about the portal until it is asked. */
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
