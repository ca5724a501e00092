import { expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { newMember } from '../../src/domain/member.ts';
import { skipReasons } from '../../src/domain/ownership.ts';

test('who was forgotten during a look and is invited anew is looked at without waiting for its lease', () => {
  const now = 1_000_000;
  const member = {
    ...newMember('0d7c6f1e-5b1c-4d0a-9c55-7a3f1f2b9e10'),
    state: 'skipped',
    reason: skipReasons.forgotten,
    forgottenAt: now - 50,
    leaseUntil: now + 60_000,
  } as const;
  const fact: Fact = {
    kind: 'invited',
    invitationId: 'inv_1',
    source: { actor: 'service', cause: 'invitation inv_1' },
  };
  const decision = decide(member, fact, now);
  expect(decision).toMatchObject({
    kind: 'changed',
    member: { state: 'waiting', dueAt: now, leaseUntil: null },
  });
});
