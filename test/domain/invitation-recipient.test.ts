import { expect, test } from 'vitest';
import {
  mayInvite,
  planFor,
  type Recipient,
  resendConflict,
} from '../../src/domain/invitation-recipient.ts';
import type { EmployeeType } from '../../src/domain/vocabulary.ts';

const user = (
  standing: Recipient['standing'],
  employeeType: EmployeeType | null = 'User',
): Recipient => ({
  userId: 'u',
  standing,
  employeeType,
});

test.each([
  // state, type in the portal, mode, requested type, plan
  ['active', 'User', 'link', 'User', 'already_user'],
  ['active', 'User', 'email', 'RoomAdmin', 'already_user'],
  ['not_confirmed', 'User', 'link', 'User', 'registered_not_confirmed'],
  ['not_confirmed', 'User', 'email', 'User', 'registered_not_confirmed'],
  ['added', 'User', 'link', 'User', 'added_by_admin'],
  ['added', 'User', 'email', 'User', 'added_by_admin'],
  ['disabled', 'User', 'email', 'User', 'user_disabled'],
  ['pending', 'User', 'link', 'User', 'pending_by_letter'],
  ['pending', 'Guest', 'link', 'Guest', 'pending_by_letter'],
  ['pending', 'User', 'email', 'User', 'mail_again'],
  ['pending', null, 'email', 'User', 'mail_again'],
  ['pending', 'User', 'email', 'RoomAdmin', 'raise'],
  ['pending', 'Guest', 'email', 'User', 'raise'],
  ['pending', 'RoomAdmin', 'email', 'DocSpaceAdmin', 'raise'],
  ['pending', 'RoomAdmin', 'email', 'User', 'pending_as_other_type'],
  ['pending', 'DocSpaceAdmin', 'email', 'RoomAdmin', 'pending_as_other_type'],
] as const)(
  'a user who is %s as %s and is invited by %s as %s: %s',
  (standing, type, mode, employeeType, expected) => {
    const plan = planFor(user(standing, type), { mode, employeeType });
    expect(plan.kind === 'forbidden' ? plan.reason.code : plan.kind).toBe(expected);
  },
);

test.each([
  ['active', 'email', 'too_late_to_resend'],
  ['active', 'link', 'too_late_to_resend'],
  ['not_confirmed', 'link', 'registered_not_confirmed'],
  ['added', 'email', 'added_by_admin'],
  ['disabled', 'email', 'user_disabled'],
  ['pending', 'link', 'pending_by_letter'],
  ['pending', 'email', null],
] as const)(
  'an invitation to a user who is %s, sent again by %s: %s',
  (standing, mode, expected) => {
    expect(resendConflict(user(standing), mode)?.code ?? null).toBe(expected);
  },
);

test.each([
  [
    'the owner',
    { isOwner: true, isAdmin: false, isRoomAdmin: false },
    'Guest User RoomAdmin DocSpaceAdmin',
  ],
  ['an admin', { isOwner: false, isAdmin: true, isRoomAdmin: false }, 'Guest User RoomAdmin'],
  ['a room admin', { isOwner: false, isAdmin: false, isRoomAdmin: true }, 'Guest User'],
  ['a user', { isOwner: false, isAdmin: false, isRoomAdmin: false }, ''],
] as const)('%s gets letters for: %s', (_, account, expected) => {
  const types = ['Guest', 'User', 'RoomAdmin', 'DocSpaceAdmin'] as const;
  expect(types.filter((type) => mayInvite(account, type)).join(' ')).toBe(expected);
});
