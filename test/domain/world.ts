import { decide } from '../../src/domain/decide.ts';
import { isConfirmed } from '../../src/domain/decide-attempt.ts';
import type { AttemptChange, Decision, Fact } from '../../src/domain/facts.ts';
import { isActivated, type Member, newMember, type PortalView } from '../../src/domain/member.ts';
import type { ChannelName, OutcomeKind } from '../../src/domain/outcome.ts';
import {
  active,
  checked,
  claimed,
  departureHint,
  ended,
  fromOperator,
  hint,
  minuteMs,
  outcomeOf,
  now as startAt,
} from './support.ts';
import { ownerships, type Settings, type Step, type Truth, truths } from './world-step.ts';

/** A decision, for the properties to examine. */
type Taken = {
  readonly before: Member;
  readonly fact: Fact;
  readonly at: number;
  readonly decision: Decision;
};
/** An attempt that started, and the result of the newest check at that time. */
type Begun = {
  readonly ageMs: number | null;
  readonly wasActivated: boolean;
  readonly hintedSince: boolean;
};

type Check = { readonly version: number; readonly seen: Truth; readonly begunAtTurn: number };
type Flight = { readonly id: string; readonly channel: ChannelName; readonly arrived: boolean };
type NewestCheck = { readonly truth: Truth; readonly at: number; readonly begunAtTurn: number };

const leaseMs = 2 * minuteMs;

/**
 * One person at an imaginary portal, the store with its unique index, and a worker that does what
 * src/onboarding does: take a due member, check it, commit `checked` and `claimed` together, send,
 * record.
 */
export function createWorld(settings: Settings) {
  let now = startAt;
  let turn = 0;
  let truth: Truth = 'pending';
  let owner: keyof typeof ownerships = 'ours';
  let member: Member = newMember(active.userId);
  let checks: Check[] = [];
  let flights: Flight[] = [];
  let answering: Check | null = null;
  let answeredWith: Truth = 'pending';
  let newestCheck: NewestCheck | null = null;
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

  /** As the recorder does: apply every fact, then commit all changes together. */
  function record(facts: readonly Fact[]): void {
    let current = member;
    let isChanged = false;
    const changes: AttemptChange[] = [];
    for (const fact of facts) {
      const decision = decide(current, fact, now);
      seen.taken.push({ before: current, fact, at: now, decision });
      if (decision.kind === 'forbidden') return;
      // A check that ends during an attempt is ignored, so the next attempt does not use its
      // result.
      if (fact.kind === 'checked' && current.state !== 'sending') rememberCheck();
      if (decision.kind === 'ignored') continue;
      isChanged = true;
      current = decision.member;
      changes.push(...decision.attempts);
    }
    if (!isChanged) return;
    member = { ...current, version: member.version + 1 };
    for (const change of changes) keep(change);
  }

  function rememberCheck(): void {
    if (!answering) return;
    newestCheck = { truth: answeredWith, at: now, begunAtTurn: answering.begunAtTurn };
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
      ageMs: newestCheck && now - newestCheck.at,
      wasActivated: newestCheck !== null && activated(truths[newestCheck.truth]),
      hintedSince: newestCheck === null || hintedAtTurn > newestCheck.begunAtTurn,
    });
  }

  function work(arrives: boolean, patient: boolean): void {
    if (member.dueAt === null) return;
    const freeAt = Math.max(member.dueAt, member.leaseUntil ?? 0);
    if (patient) now = Math.max(now, freeAt);
    if (freeAt > now) return;
    member = { ...member, leaseUntil: now + leaseMs };
    if (member.state === 'sending') lose();
    else if (member.state === 'ready' && isConfirmed(member, now)) send([], arrives);
    else checks.push({ version: member.version, seen: truth, begunAtTurn: turn });
  }

  function send(before: readonly Fact[], arrives: boolean): void {
    const channel = settings.channels.find((name) => !member.refusedBy.includes(name));
    if (!channel) {
      const until = now + minuteMs;
      record(before.length > 0 ? before : [{ kind: 'postponed', until }]);
      return;
    }
    const attemptId = `att_${nextAttempt}`;
    nextAttempt += 1;
    record([...before, claimed({ attemptId, channel, leaseUntil: now + leaseMs })]);
    if (member.openAttempt?.id !== attemptId) return;
    flights.push({ id: attemptId, channel, arrived: arrives });
    if (arrives) seen.effects += 1;
  }

  function answer(which: number, fresh: boolean, arrives: boolean): void {
    const check = checks[which % Math.max(checks.length, 1)];
    if (!check) return;
    checks = checks.filter((other) => other !== check);
    answering = check;
    answeredWith = fresh ? truth : check.seen;
    const ownership = ownerships[owner];
    send([checked(truths[answeredWith], { version: check.version, ownership })], arrives);
    answering = null;
  }

  /**
   * The sender can only report an outcome that is possible after what really happened to the
   * message.
   */
  function end(step: Extract<Step, { kind: 'end' }>): void {
    const flight = flights[step.which % Math.max(flights.length, 1)];
    if (!flight) return;
    flights = flights.filter((other) => other !== flight);
    const arrivedOnly = step.outcome === 'sent';
    // No sender reports `sent` for a message that did not arrive, or `not_sent` for one that did.
    const possible = step.outcome === 'unknown' || arrivedOnly === flight.arrived;
    const kind = possible ? step.outcome : flight.arrived ? 'sent' : 'not_sent';
    const outcome = outcomeOf(kind, step.waitMs);
    record([ended(flight.id, kind, { ...settings, channel: flight.channel, outcome })]);
  }

  /** The attempt was in progress when the service died, or its lease expired. */
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
      case 'ownership':
        owner = step.is;
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
        if (checks.length === 0) return;
        checks.splice(step.which % checks.length, 1);
        record([{ kind: 'postponed', until: now + minuteMs }]);
        return;
      case 'end':
        end(step);
        return;
      case 'crash':
        checks = [];
        flights = [];
        if (member.state === 'sending') lose();
        member = { ...member, leaseUntil: null };
        return;
      case 'retry':
        record([{ kind: 'retried', source: fromOperator }]);
        return;
      case 'resolve':
        if (member.state === 'unknown' && step.as === 'retry') seen.operatorRetries += 1;
        record([{ kind: 'resolved', source: fromOperator, outcome: step.as }]);
        return;
      case 'invite':
        record([{ kind: 'invited', source: fromOperator, invitationId: 'inv_1' }]);
        return;
      case 'revert_refusal':
        record([{ kind: 'refusal_reverted', channel: step.channel }]);
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

function activated(view: PortalView): boolean {
  return view.kind === 'present' && isActivated(view.person);
}
