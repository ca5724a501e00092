import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Invitation,
  invitationLifetimeMs,
  invitationStatus,
  invitationStatuses,
  linkIsOfUse,
  progressOf,
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
  userId: null,
  createdAt: now - hourMs,
  issuedAt: now - hourMs,
  revokedAt: null,
  progress: 'none',
};
const weekOld = { issuedAt: now - invitationLifetimeMs };

describe('the one word for an invitation', () => {
  test.each<readonly [string, Partial<Invitation>, string, boolean]>([
    [
      'before the portal answered it is issuing',
      { stage: 'issuing', issuedAt: null },
      'issuing',
      false,
    ],
    ['refused by the portal it is failed', { stage: 'failed', issuedAt: null }, 'failed', false],
    ['a link for one person is issued', {}, 'issued', true],
    ['an e-mail invitation is issued', { mode: 'email', link: null }, 'issued', true],
    ['a link for many is open', { email: null }, 'open', true],
    [
      'a millisecond before its seven days are over it is issued',
      { issuedAt: now - invitationLifetimeMs + 1 },
      'issued',
      true,
    ],
    ['after seven days it is expired', weekOld, 'expired', false],
    ['a link for many expires too', { ...weekOld, email: null }, 'expired', false],
    ['what was withdrawn is revoked', { revokedAt: now }, 'revoked', false],
    ['a link for many can be revoked', { email: null, revokedAt: now }, 'revoked', false],
    ['revoked and old it stays revoked', { ...weekOld, revokedAt: now }, 'revoked', false],
    ['who registered makes it registered', { progress: 'registered' }, 'registered', false],
    ['who is activated makes it activated', { progress: 'activated' }, 'activated', false],
    ['who is welcomed makes it welcomed', { progress: 'welcomed' }, 'welcomed', false],
    ['whose welcome failed makes it failed', { progress: 'failed' }, 'failed', false],
    ['who comes late still counts', { ...weekOld, progress: 'registered' }, 'registered', false],
    [
      'who registered before it was revoked still counts',
      { revokedAt: now, progress: 'welcomed' },
      'welcomed',
      false,
    ],
    [
      'one of many who came does not settle an open link',
      { email: null, progress: 'welcomed' },
      'open',
      true,
    ],
  ])('%s', (_says, but, status, ofUse) => {
    const invitation: Invitation = { ...issued, ...but };
    expect(invitationStatus(invitation, now)).toBe(status);
    expect(linkIsOfUse(invitation, now)).toBe(ofUse);
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
    userId: fc.constant(null),
    createdAt: time,
    issuedAt: fc.option(time),
    revokedAt: fc.option(time),
    progress: fc.constantFrom('none', 'registered', 'activated', 'welcomed', 'failed'),
  });

  test('every invitation has exactly one of the nine, and a link that is of no use never is again', () => {
    fc.assert(
      fc.property(invitation, fc.nat(2 * invitationLifetimeMs), (one, laterMs) => {
        expect(invitationStatuses).toContain(invitationStatus(one, now));
        if (one.stage === 'issued' && !linkIsOfUse(one, now)) {
          expect(linkIsOfUse(one, now + laterMs)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a link is of no use once its person registered, or it is revoked or expired', () => {
    fc.assert(
      fc.property(invitation, (one) => {
        const over = one.issuedAt !== null && now - one.issuedAt >= invitationLifetimeMs;
        const came = one.email !== null && one.progress !== 'none';
        if (over || came || one.revokedAt !== null) expect(linkIsOfUse(one, now)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('how far a member brought the invitation', () => {
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
    gone: ['none', 'registered'],
  };
  test.each(memberStates)('who is %s', (state) => {
    expect([progressOf({ state, ...never }), progressOf({ state, ...came })]).toEqual(
      expected[state],
    );
  });
});
