/*
 * The words of this project, each with one meaning everywhere: code, tables, routes, pages, docs.
 *
 * portal          one DocSpace
 * invitation      what this service issued: a link, an e-mail of the portal, or a mailed letter
 * letter          a mail of this service: the invitation, a reminder, or the welcome
 * delivery        one signed webhook request of the portal
 * trigger         the portal's name of what happened to a user
 * member          a portal user that we follow, identified by the portal's user id
 * hint            a reason to check a member now; only the portal's API says what is true
 * check           reading one member in the portal's API; the result is a view
 * activated       the API says `status == 1` and `isActive` (docs/docspace-wire.md 5)
 * welcome         the one message that an activated member gets
 * channel         a way to send the welcome
 * attempt         one try at sending, committed before it starts
 * reconciliation  the poll that finds changes about which no delivery came
 * timeline        everything that happened to an invitation or a member, append-only
 */

export const employeeTypes = ['Guest', 'User', 'RoomAdmin', 'DocSpaceAdmin'] as const;
export type EmployeeType = (typeof employeeTypes)[number];

/**
 * How the person gets the link. `link`: the admin hands it over. `email`: the portal mails it. `smtp`:
 * this service mails it.
 */
export const invitationModes = ['link', 'email', 'smtp'] as const;
export type InvitationMode = (typeof invitationModes)[number];

/** The letters that this service mails before the welcome. */
export const letterKinds = ['invitation', 'reminder'] as const;
export type LetterKind = (typeof letterKinds)[number];

/** All letters that this service mails. */
export const letterFileKinds = ['welcome', ...letterKinds] as const;
export type LetterFileKind = (typeof letterFileKinds)[number];

/** The state of the newest letter of an invitation in mode `smtp`. */
export const letterStatuses = ['pending', 'sent', 'refused', 'unknown'] as const;
export type LetterStatus = (typeof letterStatuses)[number];

export const triggers = ['user.invited', 'user.created', 'user.updated', 'user.deleted'] as const;
export type Trigger = (typeof triggers)[number];

export const audiences = ['invited', 'everyone'] as const;
export type Audience = (typeof audiences)[number];

/** The states of a member (docs/design.md#states-of-a-member). */
export const memberStates = [
  'waiting',
  'ready',
  'sending',
  'welcomed',
  'skipped',
  'gone',
  'failed',
  'unknown',
] as const;
export type MemberState = (typeof memberStates)[number];

/** The channels that can send a welcome. */
export const channelNames = ['docspace', 'smtp'] as const;
export type ChannelName = (typeof channelNames)[number];

const languageNames = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

/**
 * Returns the usual form of a language code such as `de`, `pt-BR` or `pt_br`.
 * @returns null if there is no such language
 */
export function knownLanguage(text: string): string | null {
  try {
    const locale = new Intl.Locale(text.trim().replaceAll('_', '-'));
    const isKnown = locale.language !== 'und' && languageNames.of(locale.language) !== undefined;
    return isKnown ? locale.toString() : null;
  } catch {
    // `Intl.Locale` throws if the text does not have the form of a language code.
    return null;
  }
}

/** What the holder of a token may do. `operator`: everything. `viewer`: read everything except links. */
export const roles = ['operator', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** Returns an address trimmed, in lower case and in the Unicode form NFC. */
export function normaliseEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}

/**
 * Returns the key by which addresses are compared: normalised, with the domain in its ASCII form
 * (`xn--bcher-kva.example` for `bücher.example`).
 */
export function emailKey(email: string): string {
  const normal = normaliseEmail(email);
  const at = normal.lastIndexOf('@') + 1;
  const domain = normal.slice(at);
  const isIdn = /[^ -~]/.test(domain) && /^[^\s/?#:@%[\]\\]+$/.test(domain);
  if (!isIdn || !URL.canParse(`http://${domain}`)) return normal;
  return `${normal.slice(0, at)}${new URL(`http://${domain}`).hostname}`;
}
