import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { MemberState } from '../../src/domain/member.ts';
import type { OutcomeKind } from '../../src/domain/outcome.ts';
import { live, settings, steps } from './steps.ts';
import { departureHint, hint, minuteMs } from './support.ts';
import type { createWorld } from './world.ts';

type World = ReturnType<typeof createWorld>;

/** Where the arrows of design.md lead ("States of a member"), each with its sentence. */
const arrows: Record<MemberState, readonly MemberState[]> = {
  // A late `sent` "replaces that attempt's unknown and cancels a retry that has not begun": it leads
  // to `welcomed` from wherever its member is by then.
  waiting: ['ready', 'skipped', 'gone', 'welcomed'],
  // "403 for one person while it works: waiting", and whoever is not activated any more.
  ready: ['sending', 'gone', 'waiting', 'welcomed'],
  sending: ['welcomed', 'ready', 'failed', 'unknown'],
  welcomed: [],
  // "`skipped` is judged again"
  skipped: ['ready', 'waiting', 'gone', 'welcomed'],
  gone: ['waiting', 'welcomed'],
  // `retry`, and "nobody fails for the channel's fault"
  failed: ['ready', 'welcomed'],
  // the operator's `resolve`, or a late answer
  unknown: ['welcomed', 'ready', 'failed'],
};

/** Holds after every sequence of deliveries, looks, attempts, crashes, commands and clock jumps. */
function always(says: string, holds: (world: World) => void): void {
  test(says, () => {
    fc.assert(
      fc.property(settings, steps, (given, happened) => holds(live(given, happened))),
      { numRuns: 2_000 },
    );
  });
}

describe('whatever happens, in whatever order', () => {
  always('at most one attempt of a member is sent, and at most one is open', ({ attempts }) => {
    const outcomes = [...attempts.values()];
    expect(outcomes.filter((outcome) => outcome === 'sent').length).toBeLessThanOrEqual(1);
    expect(outcomes.filter((outcome) => outcome === null).length).toBeLessThanOrEqual(1);
  });

  always('no commit breaks the unique index or settles an attempt twice', ({ seen }) => {
    expect(seen.violations).toEqual([]);
  });

  always('the member and its attempts tell the same', ({ attempts, member }) => {
    const is = member();
    const open = [...attempts].filter(([, outcome]) => outcome === null).map(([id]) => id);
    expect(open).toEqual(is.openAttempt ? [is.openAttempt.id] : []);
    expect(is.openAttempt !== null).toBe(is.state === 'sending');
    if ([...attempts.values()].includes('sent')) expect(is.state).toBe('welcomed');
    if (is.state === 'welcomed') expect([...attempts.values()]).toContain('sent');
  });

  always('no attempt begins but on a newest look that said activated', ({ seen }) => {
    for (const { wasActivated } of seen.begun) expect(wasActivated).toBe(true);
  });

  always('no attempt begins on a confirmation older than five minutes', ({ seen }) => {
    for (const { ageMs } of seen.begun) {
      expect(ageMs).toBeGreaterThanOrEqual(0);
      expect(ageMs).toBeLessThanOrEqual(5 * minuteMs);
    }
  });

  always('no attempt begins when a hint came since the look', ({ seen }) => {
    for (const { hintedSince } of seen.begun) expect(hintedSince).toBe(false);
  });

  always('welcomed never goes back, and states move only along the arrows', ({ seen }) => {
    for (const { before, decision, fact } of seen.taken) {
      if (decision.kind !== 'changed' || decision.member.state === before.state) continue;
      const move = `${before.state} -> ${decision.member.state} by ${fact.kind}`;
      expect(arrows[before.state], move).toContain(decision.member.state);
    }
  });

  always('who waits or is ready always has a time to be looked at or sent to', ({ seen }) => {
    for (const { decision } of seen.taken) {
      if (decision.kind !== 'changed') continue;
      const { state, dueAt } = decision.member;
      if (['waiting', 'ready', 'sending'].includes(state)) expect(dueAt).not.toBeNull();
    }
  });

  always('a decision never touches the version nor whom it is about', ({ seen }) => {
    for (const { before, decision } of seen.taken) {
      if (decision.kind !== 'changed') continue;
      expect(decision.member.version).toBe(before.version);
      expect(decision.member.userId).toBe(before.userId);
    }
  });

  always('what a channel reports as sent is a welcome, however late it comes', ({ seen }) => {
    for (const { before, fact, decision } of seen.taken) {
      if (fact.kind !== 'ended' || fact.outcome.kind !== 'sent') continue;
      if (before.state === 'welcomed') continue;
      const { state, sentLate } = memberAfter(decision, before);
      expect(state === 'welcomed' || (state === 'sending' && sentLate), state).toBe(true);
    }
  });

  always('a look that something overtook leaves the member due now', ({ seen }) => {
    for (const { before, fact, decision, at } of seen.taken) {
      if (fact.kind !== 'looked' || decision.kind !== 'changed') continue;
      if (fact.version === before.version) continue;
      // During `sending` nothing is due but the end of the lease: the look is remembered.
      const due = before.state === 'sending' ? { hinted: true } : { dueAt: at };
      expect(decision.member).toMatchObject({ ...due, confirmedAt: null });
    }
  });

  always('a hint that came during sending is followed by a look', ({ seen }) => {
    for (const { before, fact, decision, at } of seen.taken) {
      if (fact.kind !== 'ended' || !before.hinted || decision.kind !== 'changed') continue;
      const { state, dueAt, confirmedAt } = decision.member;
      if (state === 'sending') continue;
      expect(confirmedAt).toBeNull();
      if (state !== 'ready') expect(dueAt).toBe(at);
    }
  });

  always('what the peer asked to wait is waited', ({ seen }) => {
    for (const { fact, decision, at } of seen.taken) {
      if (fact.kind !== 'ended' || fact.outcome.kind !== 'not_sent') continue;
      if (decision.kind !== 'changed' || decision.member.state !== 'ready') continue;
      if (decision.attempts.every(({ kind }) => kind !== 'end')) continue;
      expect(decision.member.dueAt).toBeGreaterThanOrEqual(at + (fact.outcome.waitMs ?? 0));
    }
  });

  always('who is seen at the portal is not shown as absent', ({ seen }) => {
    for (const { before, fact, decision } of seen.taken) {
      if (fact.kind !== 'looked' || decision.kind !== 'changed') continue;
      if (fact.sighting.kind !== 'present' || fact.sighting.person.status === 'terminated')
        continue;
      expect(decision.member.absentSince, `${before.state} seen`).toBeNull();
    }
  });

  always('the same hint twice equals once', ({ seen }) => {
    for (const { before, at } of seen.taken) {
      for (const told of [hint, departureHint]) {
        const once = memberAfter(decide(before, told, at), before);
        const twice = memberAfter(decide(once, told, at), once);
        expect(twice).toEqual(once);
      }
    }
  });
});

describe('one welcome', () => {
  test('while unknown is held and no operator asks for a retry, at most one message arrives', () => {
    fc.assert(
      fc.property(settings, steps, ({ channels }, happened) => {
        const world = live({ channels, onUnknown: 'hold' }, happened);
        fc.pre(world.seen.operatorRetries === 0);
        expect(world.seen.effects).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2_000 },
    );
  });

  test('who is welcomed is not sent anything any more', () => {
    fc.assert(
      fc.property(settings, steps, steps, (given, first, then) => {
        const world = live(given, first);
        fc.pre(world.member().state === 'welcomed');
        const { effects } = world.seen;
        for (const one of then) world.happen(one);
        expect(world.seen.effects).toBe(effects);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('never none without saying so', () => {
  const finished = ['welcomed', 'failed', 'unknown'];
  test.each<readonly [OutcomeKind, 'hold' | 'resend']>([
    ['sent', 'hold'],
    ['sent', 'resend'],
    ['refused', 'hold'],
    ['refused', 'resend'],
    ['unknown', 'hold'],
  ])('after the last fault an activated person ends soon (%s, %s)', (outcome, onUnknown) => {
    fc.assert(
      fc.property(settings, steps, ({ channels }, happened) => {
        const world = live({ channels, onUnknown }, happened);
        calmDown(world);
        for (let act = 0; act < 12 && !finished.includes(world.member().state); act += 1) {
          world.happen({ kind: 'work', arrives: outcome === 'sent', patient: true });
          world.happen({ kind: 'answer', which: 0, fresh: true, arrives: outcome === 'sent' });
          world.happen({ kind: 'end', which: 0, outcome, waitMs: null });
        }
        expect(finished).toContain(world.member().state);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** The faults are over: nothing is under way, the person is active and ours, and a delivery says so. */
function calmDown(world: World): void {
  world.happen({ kind: 'crash' });
  world.happen({ kind: 'truth', is: 'active' });
  world.happen({ kind: 'judged', as: 'ours' });
  world.happen({ kind: 'hint', departure: false, times: 1 });
}

function memberAfter(decision: ReturnType<typeof decide>, before: ReturnType<World['member']>) {
  return decision.kind === 'changed' ? decision.member : before;
}
