/*
 * The words of this project, each with one meaning everywhere: code, tables, routes, pages, docs.
 *
 * portal          one DocSpace
 * invitation      what this service issued, as a link or as an e-mail that the portal sends
 * delivery        one signed webhook request of the portal
 * trigger         the portal's name of what happened to a user
 * member          a portal user that we follow, by the portal's user id
 * hint            a reason to look at a member now; never the truth, the portal's API is
 * look            asking the portal's API about one member; what it showed is a sighting
 * activated       the API says `status == 1` and `isActive` (wire 5)
 * welcome         the one message owed to an activated member
 * channel         a way to send it
 * attempt         one try at sending, committed before it starts
 * reconciliation  the poll that finds what no delivery told
 * timeline        everything that happened to an invitation or a member, append-only
 */

export const employeeTypes = ['Guest', 'User', 'RoomAdmin', 'DocSpaceAdmin'] as const;
export type EmployeeType = (typeof employeeTypes)[number];

export const invitationModes = ['link', 'email'] as const;
export type InvitationMode = (typeof invitationModes)[number];

export const triggers = ['user.invited', 'user.created', 'user.updated', 'user.deleted'] as const;
export type Trigger = (typeof triggers)[number];

export const audiences = ['invited', 'everyone'] as const;
export type Audience = (typeof audiences)[number];

/** The form in which two spellings of one address are the same: trimmed, lower case, NFC. */
export function normaliseEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}
