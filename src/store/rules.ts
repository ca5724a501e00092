import { domainToUnicode } from 'node:url';
import { countRefusals, type Refusals } from '../domain/circuit-breaker.ts';
import { type LetterCase, nextLetter } from '../domain/decide-letter.ts';
import { type Invitation, invitationStatus, withoutDueLetter } from '../domain/invitation.ts';
import { mayReissue, type ReissueVerb } from '../domain/invitation-permissions.ts';
import type { Member } from '../domain/member.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { CommandReason, InvitationReason, MemberReason } from '../domain/reason.ts';
import type { Entry } from '../domain/timeline.ts';
import { service, type TimelineEvent } from '../domain/timeline.ts';
import { emailKey, type LetterKind, normaliseEmail } from '../domain/vocabulary.ts';
import type {
  Change,
  IdempotencyKeys,
  IdempotencyStart,
  InvitationChange,
  InvitationResult,
  LetterVerbs,
  NewInvitation,
  PauseRow,
  RunRow,
} from './store.ts';

/*
 * Rules that every kind of database shares. They are pure functions; a store calls them inside its
 * transactions.
 */

// ── Invitations ─────────────────────────────────────────────────────────────────────────────────

/** The key by which addresses are compared. Null if there is no address. */
export function emailKeyOf(email: string | null): string | null {
  return email === null || email === '' ? null : emailKey(email);
}

/**
 * Returns the status without regard to the time, as it is stored when a row changes. It is never
 * `expired`: `expireInvitations` writes that status later.
 */
export function storedStatus(invitation: Invitation) {
  return invitationStatus(invitation, Number.NEGATIVE_INFINITY);
}

/**
 * Whether the address may be invited again although it has this invitation: the invitation or the
 * welcome failed, the invitation was revoked, or its person was welcomed or has left the portal. Expiry
 * is not considered here.
 */
export function makesRoom(invitation: Invitation): boolean {
  return ['failed', 'gone', 'revoked', 'welcomed'].includes(storedStatus(invitation));
}

/**
 * Decides how a repeated request is answered. Usually the existing invitation is the answer. A failed
 * invitation is issued again under its id. If the invitation was revoked or has expired, or if its
 * person has left, a new invitation may be issued.
 * @param invitation the newest invitation with the same idempotency key and address, or null
 * @param now UTC ms
 */
export function repeatOf(
  invitation: Invitation | null,
  now: number,
): { readonly existing: Invitation | null; readonly failed: Invitation | null } {
  if (invitation === null) return { existing: null, failed: null };
  // The stage is checked, because the status `failed` may also mean that only the welcome failed.
  if (invitation.stage === 'failed') return { existing: null, failed: invitation };
  const status = invitationStatus(invitation, now);
  const isOver = status === 'revoked' || status === 'expired' || status === 'gone';
  return { existing: isOver ? null : invitation, failed: null };
}

/**
 * Returns an invitation in the stage `issuing`.
 * @param failed the invitation that is issued again under its own id, or null
 */
export function openedInvitation(draft: NewInvitation, failed: Invitation | null): Invitation {
  return {
    id: failed?.id ?? draft.id,
    employeeType: draft.employeeType,
    mode: draft.mode,
    email: draft.email,
    note: draft.note,
    stage: 'issuing',
    reason: null,
    link: null,
    accountId: draft.accountId,
    userId: null,
    createdAt: failed?.createdAt ?? draft.at,
    issuedAt: null,
    revokedAt: null,
    furthestStep: 'none',
    language: draft.language ?? null,
    letter: null,
    letterDueAt: null,
  };
}

/**
 * Returns the invitation after the portal's answer.
 * @param at when the portal answered (UTC ms)
 */
export function settledInvitation(
  invitation: Invitation,
  result: InvitationResult,
  at: number,
): Invitation {
  if (result.kind === 'failed') {
    return { ...invitation, stage: 'failed', reason: result.reason, link: null };
  }
  const isUnused = invitation.furthestStep === 'none';
  const isMailed = invitation.mode === 'smtp' && isUnused;
  return {
    ...invitation,
    stage: 'issued',
    reason: null,
    link: isUnused ? result.link : null,
    userId: result.userId ?? invitation.userId,
    issuedAt: at,
    ...(isMailed ? ({ letter: 'pending', letterDueAt: at } as const) : {}),
  };
}

/**
 * Decides whether an invitation may be revoked or sent again.
 * @param current the id of another invitation that is the current one of the address, or null
 * @param now UTC ms
 */
export function judgeChange(
  invitation: Invitation | null,
  verb: ReissueVerb,
  current: string | null,
  now: number,
): InvitationChange {
  if (invitation === null) return { kind: 'missing' };
  const { id } = invitation;
  const permission = mayReissue(invitation, verb, now);
  if (permission.kind === 'forbidden') {
    return { kind: 'forbidden', reason: permission.reason, invitationId: id };
  }
  if (verb === 'resend' && current !== null) {
    return { kind: 'forbidden', reason: { code: 'already_invited' }, invitationId: current };
  }
  return { kind: 'done', invitation };
}

/**
 * The most members, and the most timeline entries, that are read with an open link. The newest ones
 * are read.
 */
export const maxOpenLinkEntries = 100;
/**
 * The most members, and the most timeline entries, that are read with a personal invitation. Only a
 * fault that repeats entries endlessly could create more entries.
 */
export const maxPersonEntries = 1_000;
/** The most invitations in each list of `Candidates`. The newest ones are read. */
export const maxCandidates = 100;

// ── Letters ─────────────────────────────────────────────────────────────────────────────────────

/**
 * Returns the changed invitation and the timeline entries that are stored when an attempt to mail a
 * letter begins.
 * @returns null if the letter must not be mailed
 */
export function begunLetter(
  letterCase: LetterCase,
  { attempt, freshLink, remindAfterMs, at }: Parameters<LetterVerbs['beginLetter']>[0],
) {
  const next = nextLetter(letterCase, remindAfterMs, at);
  const isStillDue =
    next.kind === 'send' && next.letter === attempt.kind && next.number === attempt.number;
  if (!isStillDue) return null;
  const renewed = freshLink === null ? {} : { link: freshLink, issuedAt: at };
  const source = letterSource(attempt.id);
  const started: Entry = { event: 'letter_started', letter: attempt.kind, ...source };
  const entries: Entry[] =
    freshLink === null ? [started] : [{ event: 'link_renewed', ...source }, started];
  // If no outcome is recorded, the invitation becomes due again when the lease ends.
  const letterDueAt = attempt.leaseUntil;
  return { invitation: { ...letterCase.invitation, ...renewed, letterDueAt }, entries };
}

/** Returns what the store records about the outcome of an attempt to mail a letter. */
export function endedLetter(
  invitation: Invitation,
  letter: LetterKind,
  { attemptId, outcome, at }: Parameters<LetterVerbs['endLetter']>[0],
) {
  // True if the person was forgotten while the letter was being mailed.
  const isErased = invitation.email?.startsWith(erasedAddress) === true;
  const reason = isErased ? ({ code: 'forgotten' } as const) : outcome.reason;
  const event = letterEvent(letter, { ...outcome, reason });
  const columns = { outcome: outcome.kind, reason, endedAt: at };
  return { columns, entry: { ...event, ...letterSource(attemptId) } };
}

/** The actor and the cause of a timeline entry about an attempt to mail a letter. */
function letterSource(attemptId: string) {
  return { actor: service, cause: { kind: 'attempt', id: attemptId } } as const;
}

/** The timeline event for the outcome of a letter. */
function letterEvent(letter: LetterKind, outcome: Outcome): TimelineEvent {
  const { kind, reason } = outcome;
  return kind === 'sent'
    ? { event: 'letter_sent', letter }
    : { event: `letter_${kind}`, letter, reason };
}

// ── Deliveries ──────────────────────────────────────────────────────────────────────────────────

/** The most delivery bodies that are read to find the addresses of one user. */
export const maxBodies = 50;

/**
 * Returns the `payload.email` of a delivery as a list, which is empty if there is no address. The body
 * of a delivery about a forgotten person is empty.
 */
export function addressIn(body: Uint8Array): string[] {
  try {
    const email: unknown = JSON.parse(new TextDecoder().decode(body))?.payload?.email;
    return typeof email === 'string' && email !== '' ? [email] : [];
  } catch {
    return [];
  }
}

/** Maps the id of each delivery to its address. Deliveries without an address are left out. */
export function addressesOf(
  rows: readonly { readonly id: number; readonly body: Uint8Array }[],
): ReadonlyMap<number, string> {
  return new Map(rows.flatMap(({ id, body }) => addressIn(body).map((email) => [id, email])));
}

/**
 * The most members that one process can lease at the same time: the worker leases two for each
 * connection to the portal, and DOCSPACE_CONCURRENCY is at most 256. `nextDueAt` reads one member more,
 * so that leased members do not hide the first member without a lease.
 */
export const mostLeased = 512;

// ── Counts and waits ────────────────────────────────────────────────────────────────────────────

const quarterMs = 15 * 60_000;

/** The start of the quarter hour that contains a time (UTC ms): a key of the table `activity`. */
export function quarterOf(at: number): number {
  return at - (at % quarterMs);
}

/** One hour more than the longest wait of a member, six hours (src/domain/retry-policy.ts). */
export const longestWaitMs = 7 * 3_600_000;

// ── Search ──────────────────────────────────────────────────────────────────────────────────────

/**
 * Returns the form in which a search compares texts: lower case, without accents, and with one form
 * of each letter (σ for ς). Each character is folded separately, so a part of a text is found in the
 * whole text.
 */
export function foldForSearch(text: string): string {
  const withoutMarks = text.normalize('NFKD').replace(/\p{M}/gu, '');
  return withoutMarks.toLowerCase().replace(/\p{M}/gu, '').replaceAll('ς', 'σ');
}

/**
 * The text of a member that the filter `q` searches. A line break separates name and address, so that
 * no match includes parts of both.
 */
export function memberSearchText(member: Pick<Member, 'firstName' | 'lastName' | 'email'>): string {
  const name = [member.firstName, member.lastName].filter(Boolean).join(' ');
  return foldForSearch([name, member.email].filter(Boolean).join('\n'));
}

/** The text of an invitation that the filter `q` searches. */
export function invitationSearchText(invitation: Pick<Invitation, 'email' | 'note'>): string {
  return foldForSearch([invitation.email, invitation.note].filter(Boolean).join('\n'));
}

// ── Erasure ─────────────────────────────────────────────────────────────────────────────────────

/** The rows of the tables that belong to one person. */
export type PersonRows = {
  readonly members: readonly Member[];
  /** Only invitations with an address, because an open link does not belong to one person. */
  readonly invitations: readonly Invitation[];
  /** All addresses, normalised, in all their forms: see `formsOf`. */
  readonly emails: readonly string[];
  /**
   * The users of deliveries whose body contains the searched address. `usersNotFollowed`: the users
   * among them who are not members.
   */
  readonly userIdsInDeliveries: readonly string[];
  readonly usersNotFollowed: readonly string[];
};

/**
 * Whether `changes` has a change for each member who was not forgotten before and for each user in
 * `usersNotFollowed`, and for nobody else.
 */
export function isComplete(person: PersonRows, changes: readonly Change[]): boolean {
  const known = person.members.filter((one) => one.forgottenAt === null);
  const wanted = [...known.map((one) => one.userId), ...person.usersNotFollowed];
  const changedIds = new Set(changes.map((change) => change.member.userId));
  return wanted.length === changedIds.size && wanted.every((userId) => changedIds.has(userId));
}

/**
 * The start of the text that replaces an erased address. The invitation's id follows. No real address
 * contains a colon.
 */
export const erasedAddress = 'forgotten:';

/**
 * An invitation after its person was forgotten. It gets a replacement address, because an
 * invitation without an address is an open link. If nobody has used the invitation yet and it has not
 * failed, it is revoked.
 * @param at UTC ms
 */
export function erasedInvitation(invitation: Invitation, at: number): Invitation {
  const isUnused = invitation.furthestStep === 'none' && invitation.stage !== 'failed';
  return {
    ...withoutDueLetter(invitation),
    email: `${erasedAddress}${invitation.id}`,
    note: null,
    language: null,
    link: null,
    reason: invitation.reason && { code: 'forgotten' },
    revokedAt: invitation.revokedAt ?? (isUnused ? at : null),
  };
}

/**
 * Codes whose parameters repeat words of the portal, a mail server or the network. These words may
 * name a person, so the whole reason is replaced when the person is forgotten.
 */
const codesWithForeignWords: readonly TimelineReason['code'][] = [
  'portal_unreachable',
  'portal_connection_lost',
  'portal_is_another',
  'mail_accepted',
  'mail_recipient_refused',
  'mail_refused',
  'mail_recipient_deferred',
  'mail_deferred',
  'mail_login_refused',
  'mail_sender_refused',
  'mail_session_refused',
  'mail_certificate_untrusted',
  'mail_unreachable',
  'resend_unknown',
  'address_of_another_user',
];

type TimelineReason = MemberReason | InvitationReason | CommandReason;

/** The reason of a timeline entry after its person was forgotten. */
export function erasedReason<R extends TimelineReason>(
  reason: R,
): R | { readonly code: 'forgotten' } {
  return codesWithForeignWords.includes(reason.code) ? { code: 'forgotten' } : reason;
}

/**
 * Returns a pattern for an e-mail address in free text. A longer address that contains this address is
 * a different one, so the match may not be preceded by further characters of a local part, or followed
 * by further characters of a domain.
 */
function mentionsOf(email: string): RegExp {
  const letter = '\\p{L}\\p{M}\\p{N}';
  // Quotes and similar characters before an address do not belong to it, unless a letter, a digit or
  // one of `_%+-` comes before them.
  const before = `(?<![${letter}_%+-][.!#$&'*^{|}~]*)`;
  const behind = `(?![${letter}_-]|\\.[${letter}])`;
  const literally = email.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return new RegExp(`${before}${literally}${behind}`, 'giu');
}

/**
 * Whether a text contains an address.
 * @param email normalised
 */
function mentions(text: string, email: string): boolean {
  return mentionsOf(email).test(text.normalize('NFC'));
}

/**
 * Replaces an address in a text by `forgotten`.
 * @returns the same text if it does not contain the address
 */
export function withoutMentions(text: string, email: string): string {
  const composed = text.normalize('NFC');
  const without = composed.replace(mentionsOf(email), 'forgotten');
  return without === composed ? text : without;
}

/**
 * Erases an address in a row of a run. If the address is the row's own, the request of the row is
 * erased, too.
 * @param email normalised
 * @returns null if the row does not contain the address
 */
export function erasedRunRow<Row extends Pick<RunRow, 'email' | 'request' | 'result'>>(
  row: Row,
  email: string,
): Row | null {
  const { result } = row;
  if (emailKeyOf(row.email) === emailKey(email)) {
    const reason = result?.reason ? ({ code: 'forgotten' } as const) : null;
    return { ...row, email: 'forgotten', request: null, result: result && { ...result, reason } };
  }
  const before = JSON.stringify(row);
  // Only texts change, so the type of the row stays the same.
  const without = JSON.parse(before, (_, part: unknown) =>
    typeof part === 'string' ? withoutMentions(part, email) : part,
  ) as Row;
  return JSON.stringify(without) === before ? null : without;
}

/**
 * Whether the body of a delivery contains an address. In JSON, each string and each field name is
 * searched. Any other body is searched as free text.
 * @param email normalised
 */
export function bodyNames(body: Uint8Array, email: string): boolean {
  const text = new TextDecoder().decode(body);
  try {
    return valueNames(JSON.parse(text), email);
  } catch {
    return mentions(unescaped(text), email);
  }
}

/**
 * Resolves escapes of JSON such as `\u0040`. A body that is not valid JSON, or JSON
 * inside a string, may still contain them.
 */
function unescaped(text: string): string {
  return text.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function valueNames(value: unknown, email: string): boolean {
  if (typeof value === 'string') return mentions(unescaped(value), email);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([name, part]) => mentions(name, email) || valueNames(part, email),
  );
}

/**
 * Returns the longest part of an address that every body spells in the same way, apart from upper
 * case. JSON may escape the other characters, and letters beyond ASCII have several forms.
 */
export function plainPartOf(email: string): string {
  const parts = email.match(/[a-z0-9@._-]+/g) ?? [''];
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest));
}

/**
 * The forms in which a text may contain an address: its domain as it was typed, in ASCII, and in
 * Unicode.
 */
export function formsOf(email: string): readonly string[] {
  const key = emailKey(email);
  const at = key.lastIndexOf('@') + 1;
  const domain = key.slice(at);
  const unicode = domain.includes('xn--') ? domainToUnicode(domain) || domain : domain;
  return [...new Set([normaliseEmail(email), key, `${key.slice(0, at)}${unicode}`])];
}

/**
 * The spellings of an address in the bytes of the files: unchanged, with JSON escapes, and folded for
 * the search.
 */
export function spellingsOf(email: string): readonly string[] {
  const escaped = email.replace(
    /[^a-z0-9@._-]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [...new Set([email, escaped, foldForSearch(email)])];
}

// ── Idempotency keys ────────────────────────────────────────────────────────────────────────────

type IdempotencyRow = {
  readonly request: string;
  readonly begunAt: number;
  readonly status: number | null;
  readonly body: string | null;
};

/** Returns the answer that the row of a key gives to a request. Null: the row no longer counts. */
export function answerTo(
  row: IdempotencyRow,
  start: Parameters<IdempotencyKeys['beginIdempotent']>[0],
): IdempotencyStart | null {
  const { request, begunAt, status, body } = row;
  if (begunAt < (status === null ? start.begunSince : start.answeredSince)) return null;
  if (request !== start.request) return { kind: 'other_request' };
  if (status === null || body === null) return { kind: 'under_way' };
  return { kind: 'answered', status, body };
}

// ── Attempts ────────────────────────────────────────────────────────────────────────────────────

/**
 * The pause that is stored, and its timeline entry, when an attempt must not begin because the hourly
 * limit is reached.
 * @param since UTC ms
 */
export function hourlyPause(
  maxPerHour: number,
  since: number,
): { readonly pause: PauseRow; readonly entry: Entry } {
  const reason = { code: 'hourly_limit_reached', maxPerHour } as const;
  const cause = { kind: 'limit', name: 'welcomes_per_hour' } as const;
  return {
    pause: { name: 'hourly', reason, since },
    entry: { event: 'service_paused', reason, actor: service, cause },
  };
}

/**
 * Counts an outcome for or against its channel.
 * @param before the stored value `refusals:…`, or null
 * @returns the new value
 */
export function countedText(before: string | null, outcome: Outcome, userId: string): string {
  // Only results of this function are stored as this value, so its type is known.
  const refusals = before === null ? null : (JSON.parse(before) as Refusals | null);
  return JSON.stringify(countRefusals(refusals, outcome, userId).refusals);
}
