import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { MemberState } from '../../src/domain/member.ts';
import type { OutcomeKind } from '../../src/domain/outcome.ts';
import { live, settings, steps } from './arbitrary-steps.ts';
import { departureHint, hint, minuteMs } from './support.ts';
import type { createWorld } from './world.ts';

type World = ReturnType<typeof createWorld>;

/** The transitions of docs/design.md#states-of-a-member, each with the sentence that allows it. */
const transitions: Record<MemberState, readonly MemberState[]> = {
  // A late `sent` "replaces that attempt's unknown and cancels a retry that has not begun": it leads
  // to `welcomed` from the state that the member has by then.
  waiting: ['ready', 'skipped', 'gone', 'welcomed'],
  // "403 for one person while it works: waiting", and a person who is not activated any more.
  ready: ['sending', 'gone', 'waiting', 'welcomed'],
  sending: ['welcomed', 'ready', 'failed', 'unknown'],
  welcomed: [],
  // A skipped person is checked again after every hint.
  skipped: ['ready', 'waiting', 'gone', 'welcomed'],
  gone: ['waiting', 'welcomed'],
  // Allowed by `retry`, and by "Nobody fails because of a fault of the channel".
  failed: ['ready', 'welcomed'],
  // Allowed by the operator's `resolve`, or by a late answer.
  unknown: ['welcomed', 'ready', 'failed'],
};

const life = fc.tuple(settings, steps);
const runs = { seed: Date.now(), numRuns: 2_000 };
/** Every property uses the same sequences, because making them takes longer than checking them. */
const lives = fc.sample(life, runs).map(([given, happened]) => live(given, happened));

/**
 * Checks a property after every sequence of deliveries, checks, attempts, crashes, commands and
 * clock changes.
 */
function always(says: string, holds: (world: World) => void): void {
  test(says, () => {
    try {
      for (const world of lives) holds(world);
    } catch (error) {
      // Finds and reports the shortest sequence that breaks the property.
      fc.assert(
        fc.property(life, ([given, happened]) => holds(live(given, happened))),
        runs,
      );
      throw error;
    }
  });
}

describe('whatever happens, in whatever order', () => {
  always('a member has at most one sent attempt, and at most one open attempt', ({ attempts }) => {
    const outcomes = [...attempts.values()];
    expect(outcomes.filter((outcome) => outcome === 'sent').length).toBeLessThanOrEqual(1);
    expect(outcomes.filter((outcome) => outcome === null).length).toBeLessThanOrEqual(1);
  });

  always('no commit breaks the unique index or settles an attempt twice', ({ seen }) => {
    expect(seen.violations).toEqual([]);
  });

  always('the state of a member agrees with its attempts', ({ attempts, member }) => {
    const is = member();
    const open = [...attempts].filter(([, outcome]) => outcome === null).map(([id]) => id);
    expect(open).toEqual(is.openAttempt ? [is.openAttempt.id] : []);
    expect(is.openAttempt !== null).toBe(is.state === 'sending');
    if ([...attempts.values()].includes('sent')) expect(is.state).toBe('welcomed');
    if (is.state === 'welcomed') expect([...attempts.values()]).toContain('sent');
  });

  always('no attempt begins unless the newest check said activated', ({ seen }) => {
    for (const { wasActivated } of seen.begun) expect(wasActivated).toBe(true);
  });

  always('no attempt begins on a confirmation older than five minutes', ({ seen }) => {
    for (const { ageMs } of seen.begun) {
      expect(ageMs).toBeGreaterThanOrEqual(0);
      expect(ageMs).toBeLessThanOrEqual(5 * minuteMs);
    }
  });

  always('no attempt begins when a hint came after the check', ({ seen }) => {
    for (const { hintedSince } of seen.begun) expect(hintedSince).toBe(false);
  });

  always(
    'a welcomed member stays welcomed, and states change only as the design allows',
    ({ seen }) => {
      for (const { before, decision, fact } of seen.taken) {
        if (decision.kind !== 'changed' || decision.member.state === before.state) continue;
        const move = `${before.state} -> ${decision.member.state} by ${fact.kind}`;
        expect(transitions[before.state], move).toContain(decision.member.state);
      }
    },
  );

  always('a waiting, ready or sending member always has a time of its next step', ({ seen }) => {
    for (const { decision } of seen.taken) {
      if (decision.kind !== 'changed') continue;
      const { state, dueAt } = decision.member;
      if (['waiting', 'ready', 'sending'].includes(state)) expect(dueAt).not.toBeNull();
    }
  });

  always('a decision changes neither the version nor the user id', ({ seen }) => {
    for (const { before, decision } of seen.taken) {
      if (decision.kind !== 'changed') continue;
      expect(decision.member.version).toBe(before.version);
      expect(decision.member.userId).toBe(before.userId);
    }
  });

  always(
    'a person whose attempt is reported as sent is welcomed, however late the report comes',
    ({ seen }) => {
      for (const { before, fact, decision } of seen.taken) {
        if (fact.kind !== 'ended' || fact.outcome.kind !== 'sent') continue;
        if (before.state === 'welcomed') continue;
        const { state, sentLate } = memberAfter(decision, before);
        expect(state === 'welcomed' || (state === 'sending' && sentLate), state).toBe(true);
      }
    },
  );

  always('a check during which the member changed leaves the member due now', ({ seen }) => {
    for (const { before, fact, decision, at } of seen.taken) {
      if (fact.kind !== 'checked' || decision.kind !== 'changed') continue;
      if (fact.version === before.version) continue;
      // During `sending` only the end of the lease is due: the check is remembered.
      const due = before.state === 'sending' ? { hinted: true } : { dueAt: at };
      expect(decision.member).toMatchObject({ ...due, confirmedAt: null });
    }
  });

  always('a hint that came during an attempt is followed by a check', ({ seen }) => {
    for (const { before, fact, decision, at } of seen.taken) {
      if (fact.kind !== 'ended' || !before.hinted || decision.kind !== 'changed') continue;
      const { state, dueAt, confirmedAt } = decision.member;
      if (state === 'sending') continue;
      expect(confirmedAt).toBeNull();
      if (state !== 'ready') expect(dueAt).toBe(at);
    }
  });

  always('a retry waits for as long as the peer asked', ({ seen }) => {
    for (const { fact, decision, at } of seen.taken) {
      if (fact.kind !== 'ended' || fact.outcome.kind !== 'not_sent') continue;
      if (decision.kind !== 'changed' || decision.member.state !== 'ready') continue;
      if (decision.attempts.every(({ kind }) => kind !== 'end')) continue;
      expect(decision.member.dueAt).toBeGreaterThanOrEqual(at + (fact.outcome.waitMs ?? 0));
    }
  });

  always('a person whom the portal shows is not shown as absent', ({ seen }) => {
    for (const { before, fact, decision } of seen.taken) {
      if (fact.kind !== 'checked' || decision.kind !== 'changed') continue;
      if (fact.view.kind !== 'present' || fact.view.person.status === 'terminated') continue;
      expect(decision.member.absentSince, `${before.state}, present`).toBeNull();
    }
  });

  always('the same hint twice has the effect of one hint', ({ seen }) => {
    for (const { before, at } of seen.taken) {
      for (const given of [hint, departureHint]) {
        const once = memberAfter(decide(before, given, at), before);
        const twice = memberAfter(decide(once, given, at), once);
        // Much faster than `toEqual`, which then only shows the difference.
        if (!isDeepStrictEqual(twice, once)) expect(twice).toEqual(once);
      }
    }
  });
});

describe('one welcome', () => {
  test('with hold, at most one message arrives unless an operator resolves an unknown outcome as retry', () => {
    fc.assert(
      fc.property(settings, steps, ({ channels }, happened) => {
        const world = live({ channels, onUnknown: 'hold' }, happened);
        fc.pre(world.seen.operatorRetries === 0);
        expect(world.seen.effects).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a welcomed person is sent nothing more', () => {
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

describe('no welcome is lost silently', () => {
  const finished = ['welcomed', 'failed', 'unknown'];
  test.each<readonly [OutcomeKind, 'hold' | 'resend']>([
    ['sent', 'hold'],
    ['sent', 'resend'],
    ['refused', 'hold'],
    ['refused', 'resend'],
    ['unknown', 'hold'],
  ])(
    'after the last fault an activated person soon has a final state (%s, %s)',
    (outcome, onUnknown) => {
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
    },
  );
});

/**
 * Ends the faults: no request is in progress, the person is active and ours, and a delivery
 * arrives.
 */
function calmDown(world: World): void {
  world.happen({ kind: 'crash' });
  world.happen({ kind: 'truth', is: 'active' });
  world.happen({ kind: 'ownership', is: 'ours' });
  world.happen({ kind: 'hint', departure: false, times: 1 });
}

function memberAfter(decision: ReturnType<typeof decide>, before: ReturnType<World['member']>) {
  return decision.kind === 'changed' ? decision.member : before;
}
