import { expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { Fact } from '../../src/domain/facts.ts';
import type { Member } from '../../src/domain/member.ts';
import { skipReasons } from '../../src/domain/ownership.ts';
import {
  active,
  claimed,
  departureHint,
  ended,
  hint,
  looked,
  memberIn,
  minuteMs,
  missing,
  now,
  operator,
  present,
} from './support.ts';

/* Short stories of several facts, each with the sentence of design.md that it holds. */

const resolvedRetry: Fact = { kind: 'resolved', source: operator, outcome: 'retry' };
const resolvedSent: Fact = { kind: 'resolved', source: operator, outcome: 'sent' };
const retried: Fact = { kind: 'retried', source: operator };
const exonerated: Fact = { kind: 'exonerated', channel: 'docspace' };

/** Each fact commits before the next one comes; a look was begun on the newest version. */
function follow(member: Member, facts: readonly Fact[]): Member {
  return facts.reduce((before, fact) => {
    const current = fact.kind === 'looked' ? { ...fact, version: before.version } : fact;
    const decision = decide(before, current, now);
    if (decision.kind !== 'changed') return before;
    return { ...decision.member, version: before.version + 1 };
  }, member);
}

// "confirms with the portal's API that the user is active, and sends": a confirmation that a hint
// overtook is none.
test('a hint about a failed person is looked at before the channel’s pause lets them be sent to', () => {
  const member = follow(memberIn('failed'), [hint, exonerated, claimed()]);
  expect(member.state).toBe('ready');
});

test('a failed person who was deleted is not sent to when the channel turns out to be at fault', () => {
  const facts = [departureHint, looked(missing), exonerated, claimed()];
  expect(follow(memberIn('failed'), facts).state).not.toBe('sending');
});

test('a hint about a held person is looked at before a late not_sent lets them be sent to', () => {
  const overdue = { ...claimed(), attemptId: 'att_2' };
  const member = follow(memberIn('unknown'), [hint, ended('att_1', 'not_sent'), overdue]);
  expect(member.state).toBe('ready');
});

// "A late answer replaces that attempt's `unknown` and cancels a retry that has not begun."
test('a late sent of the first of two unknown attempts is a welcome', () => {
  const facts = [
    resolvedRetry,
    looked(present(active)),
    claimed({ attemptId: 'att_2' }),
    ended('att_2', 'unknown'),
    ended('att_1', 'sent'),
  ];
  expect(follow(memberIn('unknown'), facts).state).toBe('welcomed');
});

test('with resend a late sent of the first of two unknown attempts cancels the third', () => {
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
test('a hint during a retry is looked at also when an earlier attempt got through', () => {
  const retrying = memberIn('sending', { unknownAttemptId: 'att_0' });
  const facts = [ended('att_0', 'sent'), departureHint, ended('att_1', 'not_sent')];
  expect(follow(retrying, facts)).toMatchObject({ state: 'welcomed', dueAt: now });
});

// "429, 503: `not_sent`; wait `Retry-After`"
test('a hint during sending does not shorten the wait that the peer asked for', () => {
  const busy = { kind: 'not_sent', detail: 'busy', waitMs: 5 * minuteMs } as const;
  const facts = [hint, ended('att_1', 'not_sent', { outcome: busy })];
  expect(follow(memberIn('sending'), facts)).toMatchObject({
    state: 'ready',
    dueAt: now + 5 * minuteMs,
    confirmedAt: null,
  });
});

// "`unknown`, `failed` and `welcomed` keep their state when the person leaves, and show it"
test('a departure that was not looked at yet is looked at after the operator’s resolve', () => {
  const member = follow(memberIn('unknown'), [departureHint, resolvedSent]);
  expect(member).toMatchObject({ state: 'welcomed', dueAt: now });
});

test('a departure that was not looked at yet is looked at after a late sent', () => {
  const member = follow(memberIn('unknown'), [departureHint, ended('att_1', 'sent')]);
  expect(member).toMatchObject({ state: 'welcomed', dueAt: now });
});

test('a failed person who left, came back and is retried is no longer absent', () => {
  const facts = [departureHint, looked(missing), retried, looked(present(active))];
  expect(follow(memberIn('failed'), facts)).toMatchObject({ state: 'ready', absentSince: null });
});

// "Who is active when the scan sees them is `skipped: here before us`": `everyone` makes strangers
// ours without an invitation, so a look must not be enough to take them in.
test('a look alone does not take in who was here before us', () => {
  const everyone = { kind: 'ours', invitationId: null } as const;
  const facts = [looked(present(active), { whose: everyone })];
  const member = follow(memberIn('skipped', { reason: skipReasons.before }), facts);
  expect(member).toMatchObject({ state: 'skipped', reason: skipReasons.before });
});

test('an invitation takes in who was here before us', () => {
  const invited: Fact = { kind: 'invited', source: operator, invitationId: 'inv_1' };
  const facts = [invited, looked(present(active))];
  const member = follow(memberIn('skipped', { reason: skipReasons.before }), facts);
  expect(member).toMatchObject({ state: 'ready', invitationId: 'inv_1' });
});

test('the operator’s retry takes in who was here before us', () => {
  const everyone = { kind: 'ours', invitationId: null } as const;
  const facts = [retried, looked(present(active), { whose: everyone })];
  const member = follow(memberIn('skipped', { reason: skipReasons.before }), facts);
  expect(member.state).toBe('ready');
});

// "a decision carries the version of the member it was made on": the normal case.
test('user.created read as not active with user.updated meanwhile leads to the welcome', () => {
  const fresh = memberIn('waiting');
  const stale = decide({ ...fresh, version: 8 }, looked(present(active), { version: 7 }), now);
  expect(stale).toMatchObject({ member: { state: 'ready', dueAt: now, confirmedAt: null } });
  if (stale.kind !== 'changed') throw new Error('a stale look keeps what was learnt');
  const facts = [claimed(), looked(present(active)), claimed()];
  expect(follow(stale.member, facts).state).toBe('sending');
});
