import { decide } from '../../src/onboarding/decide.ts';
import { isConfirmed } from '../../src/onboarding/decide-attempt.ts';
import type { AttemptChange, Decision, Fact } from '../../src/onboarding/facts.ts';
import {
  isActivated,
  type Member,
  newMember,
  type Person,
  type Sighting,
} from '../../src/onboarding/member.ts';
import type { Whose } from '../../src/onboarding/whose.ts';
import type { ChannelName, OutcomeKind } from '../../src/outcome.ts';
import {
  active,
  api,
  claimed,
  departureHint,
  ended,
  hidden,
  hint,
  minuteMs,
  missing,
  notOurs,
  operator,
  ours,
  outcomeOf,
  pending,
  present,
  registered,
  now as startAt,
  terminated,
} from './support.ts';

/** What the imaginary portal shows of the one person. */
export const truths = {
  active: present(active),
  registered: present(registered),
  pending: present(pending),
  terminated: present(terminated),
  missing,
  hidden,
} satisfies Record<string, Sighting>;
export type Truth = keyof typeof truths;

export const judgements = {
  ours,
  stranger: notOurs('stranger'),
  revoked: notOurs('revoked'),
} satisfies Record<string, Whose>;

export type Settings = {
  readonly channels: readonly ChannelName[];
  readonly onUnknown: 'hold' | 'resend';
};

/** Something that happens in the imaginary world. What does not apply at its time does nothing. */
export type Step =
  | { readonly kind: 'truth'; readonly is: Truth }
  | { readonly kind: 'judged'; readonly as: keyof typeof judgements }
  | { readonly kind: 'hint'; readonly departure: boolean; readonly times: number }
  /** The worker takes the member if it is due (`patient`: when it is), and begins what has to be done. */
  | { readonly kind: 'work'; readonly arrives: boolean; readonly patient: boolean }
  /** A look that was begun is answered; `fresh`: the portal read the person only now. */
  | {
      readonly kind: 'answer';
      readonly which: number;
      readonly fresh: boolean;
      readonly arrives: boolean;
    }
  | { readonly kind: 'trouble'; readonly which: number }
  | {
      readonly kind: 'end';
      readonly which: number;
      readonly outcome: OutcomeKind;
      readonly waitMs: number | null;
    }
  | { readonly kind: 'crash' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'resolve'; readonly as: 'sent' | 'retry' }
  | { readonly kind: 'invite' }
  | { readonly kind: 'exonerate'; readonly channel: ChannelName }
  | { readonly kind: 'clock'; readonly byMs: number };

/** A decision as it was taken, for the properties to judge. */
export type Taken = {
  readonly before: Member;
  readonly fact: Fact;
  readonly at: number;
  readonly decision: Decision;
};
/** An attempt that began, with what was true of the newest look then. */
export type Begun = {
  readonly ageMs: number | null;
  readonly wasActivated: boolean;
  readonly hintedSince: boolean;
};

type Look = { readonly version: number; readonly seen: Truth; readonly begunAtTurn: number };
type Flight = { readonly id: string; readonly channel: ChannelName; readonly arrived: boolean };
type NewestLook = { readonly truth: Truth; readonly at: number; readonly begunAtTurn: number };

const leaseMs = 2 * minuteMs;

/**
 * One person at an imaginary portal, the store with its unique index, and a worker that does what
 * src/worker/worker.ts does: claim, look, `looked` + `claimed` in one commit, perform, record.
 */
export function createWorld(settings: Settings) {
  let now = startAt;
  let turn = 0;
  let truth: Truth = 'pending';
  let judged: keyof typeof judgements = 'ours';
  let member: Member = newMember(active.userId);
  let looks: Look[] = [];
  let flights: Flight[] = [];
  let newestLook: NewestLook | null = null;
  let hintedAtTurn = -1;
  let nextAttempt = 1;
  const attempts = new Map<string, OutcomeKind | null>();
  const seen = {
    taken: [] as Taken[],
    begun: [] as Begun[],
    violations: [] as string[],
    effects: 0,
    operatorRetries: 0,
  };

  /** As the recorder does: fold, then one commit of all that changed. */
  function record(facts: readonly Fact[]): void {
    let current = member;
    let isChanged = false;
    const changes: AttemptChange[] = [];
    for (const fact of facts) {
      const decision = decide(current, fact, now);
      seen.taken.push({ before: current, fact, at: now, decision });
      if (decision.kind === 'forbidden') return;
      if (fact.kind === 'looked' && current.state !== 'sending') rememberLook(fact);
      if (decision.kind === 'ignored') continue;
      isChanged = true;
      current = decision.member;
      changes.push(...decision.attempts);
    }
    if (!isChanged) return;
    member = { ...current, version: member.version + 1 };
    for (const change of changes) keep(change);
  }

  let answering: Look | null = null;
  let answeredWith: Truth = 'pending';
  function rememberLook(fact: Extract<Fact, { kind: 'looked' }>): void {
    if (!answering || fact.kind !== 'looked') return;
    newestLook = { truth: answeredWith, at: now, begunAtTurn: answering.begunAtTurn };
  }

  /** The attempts table with `attempts_open_or_sent`, checked after every single statement. */
  function keep(change: AttemptChange): void {
    const was = attempts.get(change.id);
    if (change.kind === 'begin') {
      if (attempts.has(change.id)) seen.violations.push(`${change.id} began twice`);
      attempts.set(change.id, null);
      noteBegun();
    } else {
      if (was === undefined) seen.violations.push(`${change.id} is not in the store`);
      if (change.kind === 'end' && was !== null) seen.violations.push(`${change.id} ended twice`);
      if (change.kind === 'replace' && was !== 'unknown') {
        seen.violations.push(`${change.id} was ${was}, not unknown, when it was replaced`);
      }
      attempts.set(change.id, change.outcome);
    }
    const openOrSent = [...attempts].filter(([, is]) => is === null || is === 'sent');
    if (openOrSent.length > 1) {
      seen.violations.push(`attempts_open_or_sent: ${JSON.stringify(openOrSent)}`);
    }
  }

  function noteBegun(): void {
    seen.begun.push({
      ageMs: newestLook && now - newestLook.at,
      wasActivated: newestLook !== null && activated(truths[newestLook.truth]),
      hintedSince: newestLook === null || hintedAtTurn > newestLook.begunAtTurn,
    });
  }

  function work(arrives: boolean, patient: boolean): void {
    if (patient && member.dueAt !== null) now = Math.max(now, member.dueAt);
    if (member.dueAt === null || member.dueAt > now) return;
    member = { ...member, version: member.version + 1, dueAt: now + leaseMs };
    if (member.state === 'sending') lose();
    else if (member.state === 'ready' && isConfirmed(member, now)) send([], arrives);
    else looks.push({ version: member.version, seen: truth, begunAtTurn: turn });
  }

  function send(learnt: readonly Fact[], arrives: boolean): void {
    const channel = settings.channels.find((name) => !member.refusedBy.includes(name));
    if (!channel) {
      record(learnt);
      return;
    }
    const attemptId = `att_${nextAttempt}`;
    nextAttempt += 1;
    record([...learnt, claimed({ attemptId, channel, leaseUntil: now + leaseMs })]);
    if (member.openAttempt?.id !== attemptId) return;
    flights.push({ id: attemptId, channel, arrived: arrives });
    if (arrives) seen.effects += 1;
  }

  function answer(which: number, fresh: boolean, arrives: boolean): void {
    const look = looks[which % Math.max(looks.length, 1)];
    if (!look) return;
    looks = looks.filter((other) => other !== look);
    answering = look;
    answeredWith = fresh ? truth : look.seen;
    const whose = judgements[judged];
    const sighting = truths[answeredWith];
    send([{ kind: 'looked', source: api, version: look.version, sighting, whose }], arrives);
    answering = null;
  }

  /** What really happened to the message limits what its sender can be told. */
  function end(step: Extract<Step, { kind: 'end' }>): void {
    const flight = flights[step.which % Math.max(flights.length, 1)];
    if (!flight) return;
    flights = flights.filter((other) => other !== flight);
    const arrivedOnly = step.outcome === 'sent';
    const possible = step.outcome === 'unknown' || arrivedOnly === flight.arrived;
    const kind = possible ? step.outcome : flight.arrived ? 'sent' : 'not_sent';
    const outcome = outcomeOf(kind, step.waitMs);
    record([ended(flight.id, kind, { ...settings, channel: flight.channel, outcome })]);
  }

  /** `sending` found at start, or past its lease. */
  function lose(): void {
    const open = member.openAttempt;
    if (open) record([ended(open.id, 'unknown', { ...settings, channel: open.channel })]);
  }

  function happen(step: Step): void {
    turn += 1;
    switch (step.kind) {
      case 'truth':
        truth = step.is;
        return;
      case 'judged':
        judged = step.as;
        return;
      case 'hint':
        hintedAtTurn = turn;
        for (let time = 0; time < step.times; time += 1) {
          record([step.departure ? departureHint : hint]);
        }
        return;
      case 'work':
        work(step.arrives, step.patient);
        return;
      case 'answer':
        answer(step.which, step.fresh, step.arrives);
        return;
      case 'trouble':
        if (looks.length === 0) return;
        looks.splice(step.which % looks.length, 1);
        record([{ kind: 'unreachable', retryAt: now + minuteMs }]);
        return;
      case 'end':
        end(step);
        return;
      case 'crash':
        looks = [];
        flights = [];
        if (member.state === 'sending') lose();
        return;
      case 'retry':
        record([{ kind: 'retried', source: operator }]);
        return;
      case 'resolve':
        if (member.state === 'unknown' && step.as === 'retry') seen.operatorRetries += 1;
        record([{ kind: 'resolved', source: operator, outcome: step.as }]);
        return;
      case 'invite':
        record([{ kind: 'invited', source: operator, invitationId: 'inv_1' }]);
        return;
      case 'exonerate':
        record([{ kind: 'exonerated', channel: step.channel }]);
        return;
      case 'clock':
        now += step.byMs;
        return;
      default:
        step satisfies never;
    }
  }

  return {
    seen,
    happen,
    member: () => member,
    attempts,
    now: () => now,
  };
}

function activated(sighting: Sighting): boolean {
  return sighting.kind === 'present' && isActivated(sighting.person satisfies Person);
}
