import { expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { Fact } from '../../src/domain/facts.ts';
import type { Member } from '../../src/domain/member.ts';
import {
  active,
  checked,
  claimed,
  departureHint,
  ended,
  fromOperator,
  hint,
  memberIn,
  minuteMs,
  missing,
  now,
  present,
} from './support.ts';

/* Several facts in a row. The quotations are from docs/design.md. */

const resolvedRetry: Fact = { kind: 'resolved', source: fromOperator, outcome: 'retry' };
const resolvedSent: Fact = { kind: 'resolved', source: fromOperator, outcome: 'sent' };
const existingUser = { code: 'existing_user' } as const;
const retried: Fact = { kind: 'retried', source: fromOperator };
const refusalReverted: Fact = { kind: 'refusal_reverted', channel: 'docspace' };

/** Each fact is committed before the next one comes. A check starts on the newest version. */
function follow(member: Member, facts: readonly Fact[]): Member {
  return facts.reduce((before, fact) => {
    const current = fact.kind === 'checked' ? { ...fact, version: before.version } : fact;
    const decision = decide(before, current, now);
    if (decision.kind !== 'changed') return before;
    return { ...decision.member, version: before.version + 1 };
  }, member);
}

// "confirms with the portal's API that the user is active, and sends": a confirmation that is older
// than a hint does not count.
test('a hint about a failed person is checked before the pause of the channel makes them ready to send', () => {
  const member = follow(memberIn('failed'), [hint, refusalReverted, claimed()]);
  expect(member.state).toBe('ready');
});

test('a failed person who was deleted gets no welcome when the refusal was the channel’s fault', () => {
  const facts = [departureHint, checked(missing), refusalReverted, claimed()];
  expect(follow(memberIn('failed'), facts).state).not.toBe('sending');
});

test('a hint about a person with unknown outcome is checked before a late not_sent leads to a retry', () => {
  const overdue = { ...claimed(), attemptId: 'att_2' };
  const member = follow(memberIn('unknown'), [hint, ended('att_1', 'not_sent'), overdue]);
  expect(member.state).toBe('ready');
});

// "A late answer replaces that attempt's `unknown` and cancels a retry that has not begun."
test('a late sent of the first of two unknown attempts makes the person welcomed', () => {
  const facts = [
    resolvedRetry,
    checked(present(active)),
    claimed({ attemptId: 'att_2' }),
    ended('att_2', 'unknown'),
    ended('att_1', 'sent'),
  ];
  expect(follow(memberIn('unknown'), facts).state).toBe('welcomed');
});

test('with resend, a late sent of the first of two unknown attempts cancels the third', () => {
  const resend = { onUnknown: 'resend' } as const;
  const facts = [
    ended('att_1', 'unknown', resend),
    claimed({ attemptId: 'att_2' }),
    ended('att_2', 'unknown', resend),
    ended('att_1', 'sent', resend),
    claimed({ attemptId: 'att_3' }),
  ];
  expect(follow(memberIn('sending'), facts).state).toBe('welcomed');
});

// "during `sending` it is remembered until the outcome"
test('a hint during a retry is checked also when an earlier attempt turns out to be sent', () => {
  const retrying = memberIn('sending', { unknownAttemptId: 'att_0' });
  const facts = [ended('att_0', 'sent'), departureHint, ended('att_1', 'not_sent')];
  expect(follow(retrying, facts)).toMatchObject({ state: 'welcomed', dueAt: now });
});

// "429, 503: `not_sent`; wait `Retry-After`"
test('a hint during sending does not shorten the wait that the portal asked for', () => {
  const busy = {
    kind: 'not_sent',
    reason: { code: 'portal_asks_to_wait', status: 429 },
    waitMs: 5 * minuteMs,
  } as const;
  const facts = [hint, ended('att_1', 'not_sent', { outcome: busy })];
  expect(follow(memberIn('sending'), facts)).toMatchObject({
    state: 'ready',
    dueAt: now + 5 * minuteMs,
    confirmedAt: null,
  });
});

// "`unknown`, `failed` and `welcomed` keep their state when the person leaves, and show it"
test('a departure that was not checked yet is checked after the operator resolves', () => {
  const member = follow(memberIn('unknown'), [departureHint, resolvedSent]);
  expect(member).toMatchObject({ state: 'welcomed', dueAt: now });
});

test('a departure that was not checked yet is checked after a late sent', () => {
  const member = follow(memberIn('unknown'), [departureHint, ended('att_1', 'sent')]);
  expect(member).toMatchObject({ state: 'welcomed', dueAt: now });
});

test('a failed person who left, came back and is retried is no longer absent', () => {
  const facts = [departureHint, checked(missing), retried, checked(present(active))];
  expect(follow(memberIn('failed'), facts)).toMatchObject({ state: 'ready', absentSince: null });
});

// The baseline skips existing users. `everyone` makes strangers ours without an invitation, so a check
// alone must not be enough to accept an existing user.
test('a check alone does not accept an existing user', () => {
  const everyone = { kind: 'ours', invitationId: null } as const;
  const facts = [checked(present(active), { ownership: everyone })];
  const member = follow(memberIn('skipped', { reason: existingUser }), facts);
  expect(member).toMatchObject({ state: 'skipped', reason: existingUser });
});

test('an invitation accepts an existing user', () => {
  const invited: Fact = { kind: 'invited', source: fromOperator, invitationId: 'inv_1' };
  const facts = [invited, checked(present(active))];
  const member = follow(memberIn('skipped', { reason: existingUser }), facts);
  expect(member).toMatchObject({ state: 'ready', invitationId: 'inv_1' });
});

test('the operator’s retry accepts an existing user', () => {
  const everyone = { kind: 'ours', invitationId: null } as const;
  const facts = [retried, checked(present(active), { ownership: everyone })];
  const member = follow(memberIn('skipped', { reason: existingUser }), facts);
  expect(member.state).toBe('ready');
});

// "a decision carries the version of the member it was made on": the normal case.
test('user.updated during the check for user.created leads to the welcome', () => {
  const waiting = memberIn('waiting');
  const stale = decide({ ...waiting, version: 8 }, checked(present(active), { version: 7 }), now);
  expect(stale).toMatchObject({ member: { state: 'ready', dueAt: now, confirmedAt: null } });
  if (stale.kind !== 'changed') throw new Error('the result of a stale check was not kept');
  const facts = [claimed(), checked(present(active)), claimed()];
  expect(follow(stale.member, facts).state).toBe('sending');
});

test('a check that began before the type changed leaves the type to the next check', () => {
  const atStart = memberIn('waiting', { version: 7, employeeType: null });
  const typed = present({ ...active, employeeType: 'User' });
  const answer = checked(typed, { version: 7 });
  const known = decide(atStart, answer, now);
  expect(known).toMatchObject({ member: { employeeType: 'User' } });
  // Meanwhile a delivery said that the type may differ.
  const late = decide({ ...atStart, version: 8 }, answer, now);
  expect(late).toMatchObject({ member: { employeeType: null, dueAt: now, confirmedAt: null } });
  const unchanged = decide({ ...atStart, version: 8, employeeType: 'User' }, answer, now);
  expect(unchanged).toMatchObject({ member: { employeeType: 'User' } });
});
