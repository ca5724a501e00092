import { decide } from '../../src/domain/decide.ts';
import { isConfirmed } from '../../src/domain/decide-attempt.ts';
import type { AttemptChange, Decision, Fact } from '../../src/domain/facts.ts';
import { isActivated, type Member, newMember, type Sighting } from '../../src/domain/member.ts';
import type { ChannelName, OutcomeKind } from '../../src/domain/outcome.ts';
import { judgements, type Settings, type Step, type Truth, truths } from './happenings.ts';
import {
  active,
  api,
  claimed,
  departureHint,
  ended,
  hint,
  minuteMs,
  operator,
  outcomeOf,
  now as startAt,
} from './support.ts';

/** A decision as it was taken, for the properties to judge. */
type Taken = {
  readonly before: Member;
  readonly fact: Fact;
  readonly at: number;
  readonly decision: Decision;
};
/** An attempt that began, with what was true of the newest look then. */
type Begun = {
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
  let answering: Look | null = null;
  let answeredWith: Truth = 'pending';
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
      // What comes while an attempt is under way is ignored, so it is not what the next one rests on.
      if (fact.kind === 'looked' && current.state !== 'sending') rememberLook();
      if (decision.kind === 'ignored') continue;
      isChanged = true;
      current = decision.member;
      changes.push(...decision.attempts);
    }
    if (!isChanged) return;
    member = { ...current, version: member.version + 1 };
    for (const change of changes) keep(change);
  }

  function rememberLook(): void {
    if (!answering) return;
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
    if (member.dueAt === null) return;
    const freeAt = Math.max(member.dueAt, member.leaseUntil ?? 0);
    if (patient) now = Math.max(now, freeAt);
    if (freeAt > now) return;
    member = { ...member, leaseUntil: now + leaseMs };
    if (member.state === 'sending') lose();
    else if (member.state === 'ready' && isConfirmed(member, now)) send([], arrives);
    else looks.push({ version: member.version, seen: truth, begunAtTurn: turn });
  }

  function send(learnt: readonly Fact[], arrives: boolean): void {
    const channel = settings.channels.find((name) => !member.refusedBy.includes(name));
    if (!channel) {
      const until = now + minuteMs;
      record(learnt.length > 0 ? learnt : [{ kind: 'postponed', until }]);
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
    // No sender is told `sent` of what did not arrive, nor `not_sent` of what did.
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
        record([{ kind: 'postponed', until: now + minuteMs }]);
        return;
      case 'end':
        end(step);
        return;
      case 'crash':
        looks = [];
        flights = [];
        if (member.state === 'sending') lose();
        member = { ...member, leaseUntil: null };
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
  return sighting.kind === 'present' && isActivated(sighting.person);
}
