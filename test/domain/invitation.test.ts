import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  furthestStepOf,
  type Invitation,
  invitationLifetimeMs,
  invitationStatus,
  invitationStatuses,
  isLinkUsable,
} from '../../src/domain/invitation.ts';
import { type MemberState, memberStates } from '../../src/domain/member.ts';
import { employeeTypes, invitationModes } from '../../src/domain/vocabulary.ts';
import { hourMs, now } from './support.ts';

const issued: Invitation = {
  id: 'inv_1',
  employeeType: 'Guest',
  mode: 'link',
  email: 'ada@example.com',
  note: null,
  stage: 'issued',
  reason: null,
  link: 'https://portal.example/s/1',
  accountId: 'account',
  userId: null,
  createdAt: now - hourMs,
  issuedAt: now - hourMs,
  revokedAt: null,
  furthestStep: 'none',
  language: null,
  letter: null,
  letterDueAt: null,
};
const weekOld = { issuedAt: now - invitationLifetimeMs };

describe('the status of an invitation', () => {
  test.each<readonly [string, Partial<Invitation>, string, boolean]>([
    [
      'an invitation that the portal has not answered yet is issuing',
      { stage: 'issuing', issuedAt: null },
      'issuing',
      false,
    ],
    [
      'an invitation that the portal refused is failed',
      { stage: 'failed', issuedAt: null },
      'failed',
      false,
    ],
    ['a link for one person is issued', {}, 'issued', true],
    ['an e-mail invitation is issued', { mode: 'email', link: null }, 'issued', true],
    ['a link for many is open', { email: null }, 'open', true],
    [
      'a millisecond before its seven days are over an invitation is issued',
      { issuedAt: now - invitationLifetimeMs + 1 },
      'issued',
      true,
    ],
    ['after seven days an invitation is expired', weekOld, 'expired', false],
    ['a link for many expires too', { ...weekOld, email: null }, 'expired', false],
    ['a revoked invitation is revoked', { revokedAt: now }, 'revoked', false],
    ['a link for many can be revoked', { email: null, revokedAt: now }, 'revoked', false],
    ['a revoked invitation does not expire', { ...weekOld, revokedAt: now }, 'revoked', false],
    [
      'after the registration it is registered',
      { furthestStep: 'registered' },
      'registered',
      false,
    ],
    ['after the activation it is activated', { furthestStep: 'activated' }, 'activated', false],
    ['after the welcome it is welcomed', { furthestStep: 'welcomed' }, 'welcomed', false],
    ['after the person left the portal it is gone', { furthestStep: 'gone' }, 'gone', false],
    ['after a failed welcome it is failed', { furthestStep: 'failed' }, 'failed', false],
    [
      'a person who comes late still counts',
      { ...weekOld, furthestStep: 'registered' },
      'registered',
      false,
    ],
    [
      'a person who registered before the revocation still counts',
      { revokedAt: now, furthestStep: 'welcomed' },
      'welcomed',
      false,
    ],
    [
      'an open link stays open when one of many people came by it',
      { email: null, furthestStep: 'welcomed' },
      'open',
      true,
    ],
  ])('%s', (_says, but, status, isUsable) => {
    const invitation: Invitation = { ...issued, ...but };
    expect(invitationStatus(invitation, now)).toBe(status);
    expect(isLinkUsable(invitation, now)).toBe(isUsable);
  });

  const time = fc.integer({ min: now - 2 * invitationLifetimeMs, max: now + hourMs });
  const invitation: fc.Arbitrary<Invitation> = fc.record({
    id: fc.constant('inv_1'),
    employeeType: fc.constantFrom(...employeeTypes),
    mode: fc.constantFrom(...invitationModes),
    email: fc.option(fc.constant('ada@example.com')),
    note: fc.constant(null),
    stage: fc.constantFrom('issuing' as const, 'issued' as const, 'failed' as const),
    reason: fc.constant(null),
    link: fc.option(fc.constant('https://portal.example/s/1')),
    accountId: fc.constant('account'),
    userId: fc.constant(null),
    createdAt: time,
    issuedAt: fc.option(time),
    revokedAt: fc.option(time),
    furthestStep: fc.constantFrom('none', 'registered', 'activated', 'welcomed', 'failed', 'gone'),
    language: fc.constant(null),
    letter: fc.constant(null),
    letterDueAt: fc.constant(null),
  });

  test('every invitation has one of the ten statuses, and an unusable link never becomes usable again', () => {
    fc.assert(
      fc.property(invitation, fc.nat(2 * invitationLifetimeMs), (one, laterMs) => {
        expect(invitationStatuses).toContain(invitationStatus(one, now));
        if (one.stage === 'issued' && !isLinkUsable(one, now)) {
          expect(isLinkUsable(one, now + laterMs)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a link is unusable once its person registered, or it is revoked or expired', () => {
    fc.assert(
      fc.property(invitation, (one) => {
        const over = one.issuedAt !== null && now - one.issuedAt >= invitationLifetimeMs;
        const came = one.email !== null && one.furthestStep !== 'none';
        if (over || came || one.revokedAt !== null) expect(isLinkUsable(one, now)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the furthest step of an invitation whose member', () => {
  const never = { registeredAt: null, activatedAt: null };
  const came = { registeredAt: now, activatedAt: null };
  const expected: Record<MemberState, readonly [string, string]> = {
    waiting: ['none', 'registered'],
    ready: ['activated', 'activated'],
    sending: ['activated', 'activated'],
    unknown: ['activated', 'activated'],
    welcomed: ['welcomed', 'welcomed'],
    failed: ['failed', 'failed'],
    skipped: ['none', 'registered'],
    gone: ['gone', 'gone'],
  };
  test.each(memberStates)('is %s', (state) => {
    expect([furthestStepOf({ state, ...never }), furthestStepOf({ state, ...came })]).toEqual(
      expected[state],
    );
  });
});
