import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Invitation } from '../../src/domain/invitation.ts';
import type { Person } from '../../src/domain/member.ts';
import {
  type Candidates,
  clockToleranceMs,
  needsType,
  ownershipOf,
} from '../../src/domain/ownership.ts';
import { audiences, type EmployeeType, employeeTypes } from '../../src/domain/vocabulary.ts';
import { active, hourMs, now } from './support.ts';

const accountId = 'account';
const formerAccountId = 'former account';
const byEmail: Invitation = {
  id: 'by-email',
  employeeType: 'Guest',
  mode: 'link',
  email: active.email,
  note: null,
  stage: 'issued',
  reason: null,
  link: null,
  accountId,
  userId: null,
  createdAt: now - 2 * hourMs,
  issuedAt: now - 2 * hourMs,
  revokedAt: null,
  furthestStep: 'none',
  language: null,
  letter: null,
  letterDueAt: null,
};
const byUser: Invitation = { ...byEmail, id: 'by-user', mode: 'email', userId: active.userId };
const open: Invitation = { ...byEmail, id: 'open', email: null };
const guest: Person = { ...active, employeeType: 'Guest' };
const stranger: Person = { ...guest, createdBy: 'somebody else' };
const none: Candidates = { byUser: [], byEmail: [], openLinks: [] };
const revoked = { revokedAt: now - hourMs };

/**
 * @returns the id of the person's invitation (null if it is ours without one), or the code of the
 *   reason
 */
function decideOwnership(
  person: Person,
  candidates: Partial<Candidates>,
  audience: 'invited' | 'everyone' = 'invited',
  existingBefore = 0,
): string | null {
  const ownership = ownershipOf({
    person,
    candidates: { ...none, ...candidates },
    accountIds: [accountId, formerAccountId],
    audience,
    existingBefore,
  });
  return ownership.kind === 'ours' ? ownership.invitationId : ownership.reason.code;
}

describe('the invitation to which a person belongs', () => {
  test('the user id that an e-mail invitation got comes first', () => {
    const all = { byUser: [byUser], byEmail: [byEmail], openLinks: [open] };
    expect(decideOwnership(guest, all)).toBe('by-user');
  });

  test('the address of an invitation comes before an open link', () => {
    expect(decideOwnership(guest, { byEmail: [byEmail], openLinks: [open] })).toBe('by-email');
  });

  test('an invitation with their address counts, whoever created the user', () => {
    expect(decideOwnership(stranger, { byEmail: [byEmail] })).toBe('by-email');
  });

  test.each<[string, Partial<Candidates>, 'invited' | 'everyone', string | null]>([
    ['an own invitation counts for them', { byEmail: [byEmail] }, 'everyone', 'by-email'],
    ['the user id of a letter counts for them', { byUser: [byUser] }, 'invited', 'by-user'],
    ['an open link does not', { openLinks: [open] }, 'invited', 'existing_user'],
    ['nor does the audience', {}, 'everyone', 'existing_user'],
    ['a stranger stays a stranger', {}, 'invited', 'address_not_invited'],
  ])(
    'a person who was a user before this service was set up: %s',
    (_says, candidates, audience, expected) => {
      const before = guest.createdAt + clockToleranceMs;
      expect(decideOwnership(guest, candidates, audience, before)).toBe(expected);
      const inTheSameSeconds = decideOwnership(guest, candidates, audience, before - 1);
      expect(inTheSameSeconds).not.toBe('existing_user');
    },
  );

  test('an open link counts only for users whom the account of the key created', () => {
    expect(decideOwnership(guest, { openLinks: [open] })).toBe('open');
    expect(decideOwnership(stranger, { openLinks: [open] })).toBe('not_invited');
    expect(decideOwnership({ ...guest, createdBy: null }, { openLinks: [open] })).toBe(
      'not_invited',
    );
  });

  test('a person belongs to the newest open link that fits', () => {
    const links = [
      { ...open, id: 'later', createdAt: guest.createdAt + clockToleranceMs + 1 },
      { ...open, id: 'for users', employeeType: 'User' as const },
      { ...open, id: 'fits' },
      { ...open, id: 'older' },
    ];
    expect(decideOwnership(guest, { openLinks: links })).toBe('fits');
  });

  test('an open link counts up to three seconds after the creation of the user: the portal cuts its times to seconds', () => {
    const link = { ...open, createdAt: guest.createdAt + clockToleranceMs };
    expect(decideOwnership(guest, { openLinks: [link] })).toBe('open');
    expect(
      decideOwnership(guest, { openLinks: [{ ...link, createdAt: link.createdAt + 1 }] }),
    ).toBe('address_not_invited');
  });

  test('a renewed open link still counts for a person who came by it before', () => {
    const again = { ...open, issuedAt: guest.createdAt + 24 * hourMs };
    expect(decideOwnership(guest, { openLinks: [again] })).toBe('open');
  });

  test('an open link that the portal has not issued yet counts for nobody', () => {
    expect(decideOwnership(guest, { openLinks: [{ ...open, issuedAt: null }] })).toBe(
      'address_not_invited',
    );
  });

  const fitting: Record<EmployeeType, readonly EmployeeType[]> = {
    Guest: ['Guest'],
    // A portal without free seats lowers the type (docs/docspace-wire.md 8).
    User: ['User', 'RoomAdmin', 'DocSpaceAdmin'],
    RoomAdmin: ['RoomAdmin'],
    DocSpaceAdmin: ['DocSpaceAdmin'],
  };
  test.each(employeeTypes)('which open links fit a person of type %s', (employeeType) => {
    const fits = employeeTypes.filter(
      (invited) =>
        decideOwnership(
          { ...guest, employeeType },
          { openLinks: [{ ...open, employeeType: invited }] },
        ) === 'open',
    );
    expect(fits).toEqual(fitting[employeeType]);
  });

  test('a person who came by this account without an invitation is skipped with a reason of its own', () => {
    expect(decideOwnership(guest, {})).toBe('address_not_invited');
  });

  test('a link that a former account of the key made still counts, for people who came by that account', () => {
    const former = { ...open, accountId: formerAccountId };
    const theirs = { ...guest, createdBy: formerAccountId };
    expect(decideOwnership(theirs, { openLinks: [former] })).toBe('open');
    expect(decideOwnership(theirs, { openLinks: [open] })).toBe('address_not_invited');
    expect(decideOwnership(guest, { openLinks: [former] })).toBe('address_not_invited');
  });

  test('a link of the exact type comes before a newer link for admins', () => {
    const user = { ...guest, employeeType: 'User' as const };
    const forAdmins = { ...open, id: 'for admins', employeeType: 'DocSpaceAdmin' as const };
    const forUsers = { ...open, id: 'for users', employeeType: 'User' as const };
    expect(decideOwnership(user, { openLinks: [forAdmins, forUsers] })).toBe('for users');
    expect(decideOwnership(user, { openLinks: [forAdmins] })).toBe('for admins');
    // A revoked link of the exact type says more than a link for admins that is still open.
    const late = { ...user, registeredAt: now };
    expect(decideOwnership(late, { openLinks: [forAdmins, { ...forUsers, ...revoked }] })).toBe(
      'invitation_revoked',
    );
  });

  test('a person whom others invited is a stranger', () => {
    expect(decideOwnership(stranger, {})).toBe('not_invited');
  });

  test('with the audience everyone a stranger is ours, without an invitation', () => {
    expect(decideOwnership(stranger, {}, 'everyone')).toBeNull();
    expect(decideOwnership(guest, {}, 'everyone')).toBeNull();
  });

  test('the account of the key is an existing user', () => {
    const own = { ...guest, userId: accountId };
    expect(decideOwnership(own, { byEmail: [byEmail] }, 'everyone')).toBe('existing_user');
  });

  test('a person who uses a revoked invitation is skipped, also with the audience everyone', () => {
    const late = { ...guest, registeredAt: now };
    expect(decideOwnership(late, { byEmail: [{ ...byEmail, ...revoked }] })).toBe(
      'invitation_revoked',
    );
    expect(decideOwnership(late, { openLinks: [{ ...open, ...revoked }] })).toBe(
      'invitation_revoked',
    );
    expect(decideOwnership(late, { byUser: [{ ...byUser, ...revoked }] }, 'everyone')).toBe(
      'invitation_revoked',
    );
  });

  test('a person who registered before the invitation was revoked is ours', () => {
    const early = { ...guest, registeredAt: revoked.revokedAt - 1_000 };
    expect(decideOwnership(early, { byEmail: [{ ...byEmail, ...revoked }] })).toBe('by-email');
  });

  test('registering in the second of the revocation counts as after it', () => {
    const same = { ...guest, registeredAt: revoked.revokedAt - 999 };
    expect(decideOwnership(same, { byEmail: [{ ...byEmail, ...revoked }] })).toBe(
      'invitation_revoked',
    );
  });

  test('a person who has not registered cannot use a revoked invitation any more', () => {
    const waiting = { ...guest, registeredAt: null };
    expect(decideOwnership(waiting, { byEmail: [{ ...byEmail, ...revoked }] })).toBe(
      'invitation_revoked',
    );
  });

  test('a new invitation counts although an earlier one was revoked', () => {
    const late = { ...guest, registeredAt: now };
    const both = [{ ...byEmail, ...revoked, id: 'revoked' }, byEmail];
    expect(decideOwnership(late, { byEmail: both })).toBe('by-email');
  });

  test.each([
    ['their user id', { byUser: [{ ...byUser, ...revoked }] }],
    ['their address', { byEmail: [{ ...byEmail, ...revoked }] }],
  ])('a revoked invitation to %s is not replaced by an open link', (_whose, personal) => {
    const late = { ...guest, registeredAt: now };
    expect(decideOwnership(late, { ...personal, openLinks: [open] })).toBe('invitation_revoked');
  });
});

describe('whether the type of a person has to be read first', () => {
  const untyped: Person = { ...guest, employeeType: null };
  const asked = { accountIds: [accountId], audience: 'invited', existingBefore: 0 } as const;
  test.each<readonly [string, Person, Partial<Candidates>, boolean]>([
    ['yes: only an open link can make them ours', untyped, { openLinks: [open] }, true],
    ['no: it is known already', guest, { openLinks: [open] }, false],
    [
      'no: an invitation has their address',
      untyped,
      { byEmail: [byEmail], openLinks: [open] },
      false,
    ],
    [
      'no: an e-mail invitation has their id',
      untyped,
      { byUser: [byUser], openLinks: [open] },
      false,
    ],
    ['no: there is no open link', untyped, {}, false],
    [
      'no: another account created them',
      { ...untyped, createdBy: 'x' },
      { openLinks: [open] },
      false,
    ],
  ])('%s', (_says, person, candidates, expected) => {
    expect(needsType({ person, candidates: { ...none, ...candidates }, ...asked })).toBe(expected);
  });

  test('a type that is not read would not change the ownership', () => {
    const invitation = fc.record({
      employeeType: fc.constantFrom(...employeeTypes),
      revokedAt: fc.option(fc.constantFrom(now - hourMs, now)),
      createdAt: fc.constantFrom(now - 2 * hourMs, now),
      issuedAt: fc.option(fc.constantFrom(now - 2 * hourMs, now), { freq: 5 }),
    });
    const some = (like: Invitation) =>
      fc
        .array(invitation, { maxLength: 3 })
        .map((list) =>
          list.map((but, index): Invitation => ({ ...like, ...but, id: `${like.id} ${index}` })),
        );
    const candidates = fc.record({
      byUser: some(byUser),
      byEmail: some(byEmail),
      openLinks: some(open),
    });
    const person = fc.record({
      createdBy: fc.constantFrom(accountId, 'somebody else', null),
      registeredAt: fc.option(fc.constantFrom(now - 2 * hourMs, now - 1)),
      employeeType: fc.constantFrom(...employeeTypes),
    });
    fc.assert(
      fc.property(candidates, person, fc.constantFrom(...audiences), (given, but, audience) => {
        const typed: Person = { ...active, ...but };
        const unasked: Person = { ...typed, employeeType: null };
        if (needsType({ person: unasked, candidates: given, ...asked })) return;
        const question = {
          candidates: given,
          accountIds: [accountId],
          audience,
          existingBefore: 0,
        };
        expect(ownershipOf({ ...question, person: unasked })).toEqual(
          ownershipOf({ ...question, person: typed }),
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
