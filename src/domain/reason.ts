import { codesOf, none, takes, type UnionIn } from './codes.ts';
import type { ChannelName, EmployeeType, MemberState } from './vocabulary.ts';

/*
 * Reasons are codes with parameters. Codes are stored, used in filters and sent to programs.
 * `src/messages` renders the sentences that people read. A code never changes its meaning: a new
 * meaning gets a new code.
 */

/** Why the portal gave no usable answer. The numbers are the HTTP statuses of its answers. */
const portalFaults = {
  /** There was no connection, so nothing was sent. `cause`: a code such as `ECONNREFUSED`. */
  portal_unreachable: takes<{ cause: string }>,
  /** DNS does not know the host of DOCSPACE_URL. */
  portal_name_unknown: takes<{ host: string; cause: string }>,
  portal_certificate_untrusted: takes<{ host: string; cause: string }>,
  /** The connection broke after the request was sent. */
  portal_connection_lost: takes<{ cause: string }>,
  portal_timed_out: none,
  portal_answer_too_large: none,
  /** The portal answered 429 or 503. */
  portal_asks_to_wait: takes<{ status: number }>,
  /** The request was not sent: the portal had asked to wait. */
  portal_rate_limited: none,
  /** The request was not sent: the requests before it took too long. */
  portal_queue_timed_out: none,
  /** The portal answered 401. */
  portal_rejects_credentials: none,
  /** The portal answered 402. */
  portal_not_paid: none,
  /** 403 with an empty body: the API key has no permission for this request. */
  portal_permission_missing: none,
  /** 403 with a message: forbidden for this account, or switched off in the portal's settings. */
  portal_forbids: none,
  /** 403 or 404 before any action: the portal is suspended or being restored. */
  portal_closed: takes<{ status: number }>,
  /** 500 before any action: the portal counts requests in Redis and cannot reach it. */
  portal_limiter_down: none,
  /** Two invitations at the same time chose the same user name. The address is not the problem. */
  portal_name_taken: none,
  /** A proxy or a firewall answered instead of the portal. */
  proxy_answered: takes<{ status: number }>,
  /** 404 for something that must exist. */
  portal_not_found: none,
  portal_redirects: takes<{ status: number }>,
  /** Any other status. */
  portal_answered: takes<{ status: number }>,
  portal_answer_unreadable: none,
  /** The portal's answer is about another user. */
  portal_answered_other_user: none,
  /** DOCSPACE_URL leads to another portal than the one of this database. */
  portal_is_another: takes<{ expected: string; actual: string }>,
  /** The service was stopping, and aborted the request. Nothing is wrong with the portal. */
  service_stopping: none,
};
export type PortalFault = UnionIn<'code', typeof portalFaults>;

/**
 * How the sending of a mail ended. `reply`: the code of the server's reply, such as `550 5.1.1`. The
 * text of the reply is never stored, because it may contain an address.
 */
const mailReasons = {
  mail_accepted: takes<{ reply: string }>,
  mail_address_invalid: none,
  /** The address has letters beyond ASCII before the @, and the server does not support SMTPUTF8. */
  mail_address_needs_utf8: none,
  mail_recipient_refused: takes<{ reply: string }>,
  mail_refused: takes<{ reply: string }>,
  mail_recipient_deferred: takes<{ reply: string }>,
  mail_deferred: takes<{ reply: string }>,
  mail_login_refused: takes<{ reply: string }>,
  /** 5.7.139: the provider has disabled login with a password. */
  mail_basic_login_disabled: takes<{ reply: string }>,
  mail_app_password_needed: takes<{ reply: string }>,
  mail_login_not_offered: takes<{ reply: string }>,
  /** 530 in reply to MAIL FROM: SMTP_URL has no login, or the server wants encryption first. */
  mail_login_required: takes<{ reply: string }>,
  mail_sender_refused: takes<{ reply: string }>,
  /** The server refused the session (greeting, EHLO, STARTTLS). */
  mail_session_refused: takes<{ reply: string }>,
  mail_certificate_untrusted: takes<{ cause: string }>,
  mail_server_not_found: none,
  mail_encryption_missing: none,
  /** The setting is `smtps://`, but the port starts without TLS. */
  mail_port_without_tls: takes<{ port: number }>,
  /** The setting is `smtp://`, but the port starts with TLS. */
  mail_port_with_tls: takes<{ port: number }>,
  /** The mail has to wait, because mails are sent at a limited rate. */
  mail_rate_limited: none,
  mail_timed_out: none,
  mail_connection_closed: none,
  mail_unreachable: takes<{ cause: string }>,
  /** There was no answer after the text of the mail. */
  mail_timed_out_after_text: none,
  /** The connection broke after the text of the mail. */
  mail_connection_lost_after_text: none,
};
export type MailReason = UnionIn<'code', typeof mailReasons>;

/** How an attempt to send a welcome ended. */
const attemptReasons = {
  ...portalFaults,
  ...mailReasons,
  /** The portal answered 200. */
  portal_accepted: none,
  /** 403 to the welcome request: the portal does not accept the Key. */
  portal_rejects_key: none,
  /** The portal answered 400 or 404, and the answer concerns only this person. */
  portal_refused: takes<{ status: number }>,
  /** The portal refused the welcome, but the account of the API key could not be read either. */
  portal_unwell: none,
  tenant_id_unknown: none,
  attempt_lease_expired: none,
  /** The process was halted between the beginning of the attempt and the request. */
  halted_before_request: none,
  /** The service stopped while the request was in progress. */
  service_stopped_before_answer: none,
  /** The attempt was open when the service started: the service had died before it stored the result. */
  service_died_during_attempt: none,
  settled_by_operator: none,
  /** The welcome was sent, but the answer came after the service had stopped waiting for it. */
  answered_late: none,
  forgotten: none,
};
export type AttemptReason = UnionIn<'code', typeof attemptReasons>;

/** Why a member is in its state, if the state alone does not say it. */
const memberReasons = {
  // for `failed`, for `unknown`, and for `ready` after a failed attempt; `forgotten` in most states
  ...attemptReasons,
  // waiting
  not_registered: none,
  address_not_confirmed: none,
  /** The API key may not see this person. */
  not_visible: none,
  // skipped
  not_invited: none,
  /** The person came by a link of this account, but no invitation has this address. */
  address_not_invited: none,
  invitation_revoked: none,
  /** The person was a user before this service was set up. */
  existing_user: none,
  welcomed_before_forgotten: none,
  // gone
  deleted: none,
  disabled: none,
};
export type MemberReason = UnionIn<'code', typeof memberReasons>;

const pendingAsOther = takes<{ pending: EmployeeType; asked: EmployeeType }>;
/** 403 with an empty body. `permission`: the smallest permission that the API key needs. */
const permissionMissing = takes<{ permission: string }>;

/** Why an invitation failed. */
const invitationReasons = {
  ...portalFaults,
  type_not_allowed: takes<{ employeeType: EmployeeType }>,
  inviting_switched_off: none,
  /** Guests are switched off in the portal's invitation settings. */
  guests_switched_off: none,
  /** This account may not invite this type, or nobody may: the portal does not say which. */
  inviting_not_allowed: takes<{ employeeType: EmployeeType }>,
  address_not_accepted: none,
  no_seat_left: none,
  answer_without_link: none,
  /** The service stopped before the portal answered. */
  interrupted: none,
  /** It is unknown whether the portal mailed the invitation again. */
  resend_unknown: takes<{ cause: PortalFault }>,
  user_not_found: none,
  /** The mode is `smtp`, but SMTP_URL or WELCOME_FROM is not set. */
  mail_not_configured: none,
  /** The user is pending in the portal with another type, and the portal did not change it. */
  pending_as_other_type: pendingAsOther,
  /** Releases up to 3.6.1 answer 200 even if they invite nobody (docs/docspace-wire.md 13.7). */
  invitation_not_made: takes<{ employeeType: EmployeeType }>,
  permission_missing: permissionMissing,
  forgotten: none,
};
export type InvitationReason = UnionIn<'code', typeof invitationReasons>;

/** What an admin has to know about an invitation that was issued or revoked. */
export type InvitationNotice =
  /** The portal cannot take a link back. */
  | { readonly code: 'link_stays_open' }
  /** Another open link has the same type and account: nobody can tell which one a person used. */
  | { readonly code: 'link_not_distinguishable'; readonly invitationId: string }
  /** The link leads to another host than DOCSPACE_URL. */
  | { readonly code: 'link_host_differs'; readonly host: string; readonly expected: string }
  /** The link leads to a host that other networks cannot reach. */
  | { readonly code: 'link_host_private'; readonly host: string };

/** Why a command is not possible now. It is a conflict (409), and nothing was changed. */
const commandReasons = {
  already_invited: none,
  already_user: none,
  user_disabled: none,
  /** The user registered by a link and has to confirm the address. No invitation is needed. */
  registered_not_confirmed: none,
  /** An admin created the user in the portal, so no invitation link works for them. */
  added_by_admin: none,
  /** The user got a letter already, so no link works for them. */
  pending_by_letter: none,
  pending_as_other_type: pendingAsOther,
  /** The portal's database confused two addresses: it found a user with another address. */
  address_of_another_user: takes<{ asked: string; found: string }>,
  /** A user had this address here before, and has another one now. */
  former_address: takes<{ asked: string; present: string }>,
  permission_missing: permissionMissing,
  /** The portal is being asked for this invitation right now. */
  invitation_issuing: none,
  too_late_to_resend: none,
  too_late_to_revoke: none,
  /** The invited person was disabled or deleted in the portal. */
  person_left: none,
  never_issued: none,
  already_revoked: none,
  revoked_invite_again: none,
  /** A letter of this invitation is being mailed right now. */
  letter_under_way: none,
  attempt_under_way: none,
  outcome_unknown: none,
  already_welcomed: none,
  not_unknown: takes<{ state: MemberState }>,
  person_forgotten: none,
  person_forgotten_only_sent: none,
  body_not_kept: none,
  still_unreadable: takes<{ cause: DeliveryReason }>,
  not_about_a_user: takes<{ trigger: string }>,
  baseline_under_way: none,
};
export type CommandReason = UnionIn<'code', typeof commandReasons>;

/** Why a signed delivery could not be read. `path`: the place in the body. `fault`: what is wrong. */
const deliveryReasons = {
  not_json: none,
  no_event: takes<{ path: string; fault: string }>,
  no_user: takes<{ path: string; fault: string }>,
  trigger_missing: none,
};
export type DeliveryReason = UnionIn<'code', typeof deliveryReasons>;

/** Why a row of a CSV file led to no invitation, if the portal did not refuse it. */
export type ImportReason =
  /** The row has no address, and neither its mode nor the import asks for an open link. */
  | { readonly code: 'row_without_address' }
  /** The row has the mode `open-link` and an address. */
  | { readonly code: 'row_with_address' }
  | { readonly code: 'row_repeats_address'; readonly row: number }
  /** `field`: the column. `fault`: what is wrong with its cell, in English. */
  | {
      readonly code: 'row_not_valid';
      readonly faults: readonly { readonly field: string; readonly fault: string }[];
    }
  | { readonly code: 'row_not_reached' }
  | { readonly code: 'row_without_answer' };

/** Why a CSV file cannot be imported. */
export type CsvFault =
  | { readonly code: 'csv_not_utf8' }
  | { readonly code: 'csv_line_too_long' }
  | { readonly code: 'csv_too_many_columns' }
  | { readonly code: 'csv_too_many_empty_rows' }
  /** `cause`: the message of the CSV parser. */
  | { readonly code: 'csv_broken'; readonly cause: string }
  | { readonly code: 'csv_empty' }
  | { readonly code: 'csv_column_missing'; readonly column: string }
  | { readonly code: 'csv_several_address_columns'; readonly columns: readonly string[] }
  | { readonly code: 'csv_several_email_columns' }
  | { readonly code: 'csv_no_address_column' };

/** Why the program at EVENTS_URL did not accept an event. */
const receiverReasons = {
  /** DNS does not know the host of EVENTS_URL. */
  receiver_name_unknown: takes<{ host: string }>,
  /** `cause`: the code of the error, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
  receiver_unreachable: takes<{ host: string; cause: string }>,
  receiver_timed_out: none,
  receiver_redirects: takes<{ status: number }>,
  /** 410: the receiver does not want events any more. */
  receiver_gone: none,
  receiver_answered: takes<{ status: number }>,
};
export type ReceiverReason = UnionIn<'code', typeof receiverReasons>;

/** Why a reconciliation run ended early, or cannot start. */
const interruptReasons = {
  ...portalFaults,
  baseline_under_way: none,
};
export type InterruptReason = UnionIn<'code', typeof interruptReasons>;

/** Why sending is paused. */
const pauseReasons = {
  ...interruptReasons,
  paused_by_operator: none,
  hourly_limit_reached: takes<{ maxPerHour: number }>,
  restored_copy: none,
  /** The database is new, but the account of the API key was used with another database. */
  account_used_before: none,
  refused_in_a_row: takes<{ channel: ChannelName; count: number; cause: AttemptReason }>,
  unknown_in_a_row: takes<{ channel: ChannelName; count: number; cause: AttemptReason }>,
  channel_refuses: takes<{ channel: ChannelName; cause: AttemptReason }>,
};
export type PauseReason = UnionIn<'code', typeof pauseReasons>;

export type Reason =
  | MemberReason
  | InvitationReason
  | InvitationNotice
  | CommandReason
  | DeliveryReason
  | ImportReason
  | CsvFault
  | PauseReason
  | ReceiverReason
  | InterruptReason;
export type ReasonCode = Reason['code'];

/** The codes that `GET /api/members?reason=` and `retry --failed --reason` accept. */
export const memberReasonCodes = codesOf(memberReasons);
export const invitationReasonCodes = codesOf(invitationReasons);
export const commandReasonCodes = codesOf(commandReasons);
export const deliveryReasonCodes = codesOf(deliveryReasons);
export const interruptReasonCodes = codesOf(interruptReasons);
export const pauseReasonCodes = codesOf(pauseReasons);
export const receiverReasonCodes = codesOf(receiverReasons);
