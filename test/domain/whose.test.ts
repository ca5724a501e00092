import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Invitation } from '../../src/domain/invitation.ts';
import type { Person } from '../../src/domain/member.ts';
import {
  type Candidates,
  clockToleranceMs,
  needsType,
  skipReasons,
  whose,
} from '../../src/domain/ownership.ts';
import {
  audiences,
  type EmployeeType,
  employeeTypes,
  normaliseEmail,
} from '../../src/domain/vocabulary.ts';
import { active, hourMs, now } from './support.ts';

const accountId = 'account';
const byEmail: Invitation = {
  id: 'by-email',
  employeeType: 'Guest',
  mode: 'link',
  email: active.email,
  note: null,
  stage: 'issued',
  reason: null,
  link: null,
  userId: null,
  createdAt: now - 2 * hourMs,
  issuedAt: now - 2 * hourMs,
  revokedAt: null,
  progress: 'none',
};
const byUser: Invitation = { ...byEmail, id: 'by-user', mode: 'email', userId: active.userId };
const open: Invitation = { ...byEmail, id: 'open', email: null };
const guest: Person = { ...active, employeeType: 'Guest' };
const stranger: Person = { ...guest, createdBy: 'somebody else' };
const none: Candidates = { byUser: [], byEmail: [], openLinks: [] };
const revoked = { revokedAt: now - hourMs };

function judge(
  person: Person,
  candidates: Partial<Candidates>,
  audience: 'invited' | 'everyone' = 'invited',
): string | null {
  const judged = whose({ person, candidates: { ...none, ...candidates }, accountId, audience });
  return judged.kind === 'ours' ? judged.invitationId : judged.reason;
}

describe('whose member a person is', () => {
  test('the user id that an e-mail invitation got comes first', () => {
    const all = { byUser: [byUser], byEmail: [byEmail], openLinks: [open] };
    expect(judge(guest, all)).toBe('by-user');
  });

  test('the address of an invitation comes before an open link', () => {
    expect(judge(guest, { byEmail: [byEmail], openLinks: [open] })).toBe('by-email');
  });

  test('an invitation with their address counts whoever created them', () => {
    expect(judge(stranger, { byEmail: [byEmail] })).toBe('by-email');
  });

  test('an open link counts only for whom the key’s account created', () => {
    expect(judge(guest, { openLinks: [open] })).toBe('open');
    expect(judge(stranger, { openLinks: [open] })).toBe(skipReasons.stranger);
    expect(judge({ ...guest, createdBy: null }, { openLinks: [open] })).toBe(skipReasons.stranger);
  });

  test('the newest open link that fits is theirs', () => {
    const links = [
      { ...open, id: 'later', createdAt: guest.createdAt + clockToleranceMs + 1 },
      { ...open, id: 'for users', employeeType: 'User' as const },
      { ...open, id: 'fits' },
      { ...open, id: 'older' },
    ];
    expect(judge(guest, { openLinks: links })).toBe('fits');
  });

  test('an open link issued up to five minutes after the portal’s clock still counts', () => {
    const link = { ...open, createdAt: guest.createdAt + clockToleranceMs };
    expect(judge(guest, { openLinks: [link] })).toBe('open');
    expect(judge(guest, { openLinks: [{ ...link, createdAt: link.createdAt + 1 }] })).toBe(
      skipReasons.otherAddress,
    );
  });

  test('an open link that was issued again still counts for who came by it before', () => {
    const again = { ...open, issuedAt: guest.createdAt + 24 * hourMs };
    expect(judge(guest, { openLinks: [again] })).toBe('open');
  });

  test('an open link that the portal has not answered yet brings nobody', () => {
    expect(judge(guest, { openLinks: [{ ...open, issuedAt: null }] })).toBe(
      skipReasons.otherAddress,
    );
  });

  const fitting: Record<EmployeeType, readonly EmployeeType[]> = {
    Guest: ['Guest'],
    // A full portal lowers the type (wire 8).
    User: ['User', 'RoomAdmin', 'DocSpaceAdmin'],
    RoomAdmin: ['RoomAdmin'],
    DocSpaceAdmin: ['DocSpaceAdmin'],
  };
  test.each(employeeTypes)('the open links that fit who is %s', (employeeType) => {
    const fits = employeeTypes.filter(
      (invited) =>
        judge({ ...guest, employeeType }, { openLinks: [{ ...open, employeeType: invited }] }) ===
        'open',
    );
    expect(fits).toEqual(fitting[employeeType]);
  });

  test('who came by this account without an invitation needs a person', () => {
    expect(judge(guest, {})).toBe(skipReasons.otherAddress);
  });

  test('who was invited elsewhere is a stranger', () => {
    expect(judge(stranger, {})).toBe(skipReasons.stranger);
  });

  test('with the audience of everyone a stranger is ours, by no invitation', () => {
    expect(judge(stranger, {}, 'everyone')).toBeNull();
    expect(judge(guest, {}, 'everyone')).toBeNull();
  });

  test('who uses a revoked invitation is skipped, with everyone too', () => {
    const late = { ...guest, registeredAt: now };
    expect(judge(late, { byEmail: [{ ...byEmail, ...revoked }] })).toBe(skipReasons.revoked);
    expect(judge(late, { openLinks: [{ ...open, ...revoked }] })).toBe(skipReasons.revoked);
    expect(judge(late, { byUser: [{ ...byUser, ...revoked }] }, 'everyone')).toBe(
      skipReasons.revoked,
    );
  });

  test('who registered before the invitation was revoked is ours', () => {
    const early = { ...guest, registeredAt: revoked.revokedAt };
    expect(judge(early, { byEmail: [{ ...byEmail, ...revoked }] })).toBe('by-email');
  });

  test('who has not registered has not used a revoked invitation in time', () => {
    const waiting = { ...guest, registeredAt: null };
    expect(judge(waiting, { byEmail: [{ ...byEmail, ...revoked }] })).toBe(skipReasons.revoked);
  });

  test('a new invitation makes good for a revoked one', () => {
    const late = { ...guest, registeredAt: now };
    const both = [{ ...byEmail, ...revoked, id: 'revoked' }, byEmail];
    expect(judge(late, { byEmail: both })).toBe('by-email');
    expect(judge(late, { byEmail: [{ ...byEmail, ...revoked }], openLinks: [open] })).toBe('open');
  });
});

describe('whether the type has to be read first', () => {
  const untyped: Person = { ...guest, employeeType: null };
  test.each<readonly [string, Person, Partial<Candidates>, boolean]>([
    ['only an open link can make them ours', untyped, { openLinks: [open] }, true],
    ['it is known already', guest, { openLinks: [open] }, false],
    ['an invitation has their address', untyped, { byEmail: [byEmail], openLinks: [open] }, false],
    ['an e-mail invitation has their id', untyped, { byUser: [byUser], openLinks: [open] }, false],
    ['nobody was given an open link', untyped, {}, false],
    ['somebody else created them', { ...untyped, createdBy: 'x' }, { openLinks: [open] }, false],
  ])('%s', (_says, person, candidates, expected) => {
    expect(needsType({ person, candidates: { ...none, ...candidates }, accountId })).toBe(expected);
  });

  test('what is not asked would change nothing', () => {
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
        if (needsType({ person: unasked, candidates: given, accountId })) return;
        const question = { candidates: given, accountId, audience };
        expect(whose({ ...question, person: unasked })).toEqual(
          whose({ ...question, person: typed }),
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('two spellings of one address', () => {
  test.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['  ada@example.com\n', 'ada@example.com'],
    ['jose\u0301@example.com', 'jos\u00e9@example.com'],
    ['JOSE\u0301@example.com', 'jos\u00e9@example.com'],
    ['\u0130da@example.com', 'i\u0307da@example.com'],
  ])('%j is matched as %j', (given, expected) => {
    expect(normaliseEmail(given)).toBe(expected);
  });

  test('what is normal already stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (email) => {
        expect(normaliseEmail(normaliseEmail(email))).toBe(normaliseEmail(email));
      }),
      { numRuns: 2_000 },
    );
  });
});
