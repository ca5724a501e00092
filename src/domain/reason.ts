import type { ChannelName, EmployeeType, MemberState } from './vocabulary.ts';

/*
 * Reasons are codes with parameters. Codes are stored, used in filters and sent to programs.
 * `src/messages` renders the sentences that people read. A code never changes its meaning: a new
 * meaning gets a new code.
 */

/** Why the portal gave no usable answer. */
export type PortalFault =
  /**
   * There was no connection, so the request was not sent. `cause`: the code of the error, such as
   * `ECONNREFUSED`.
   */
  | { readonly code: 'portal_unreachable'; readonly cause: string }
  /** DNS does not know the host of DOCSPACE_URL. */
  | { readonly code: 'portal_name_unknown'; readonly host: string; readonly cause: string }
  | { readonly code: 'portal_certificate_untrusted'; readonly host: string; readonly cause: string }
  /** The connection broke after the request was sent. */
  | { readonly code: 'portal_connection_lost'; readonly cause: string }
  | { readonly code: 'portal_timed_out' }
  | { readonly code: 'portal_answer_too_large' }
  /** 429 or 503. */
  | { readonly code: 'portal_asks_to_wait'; readonly status: number }
  /** An earlier answer asked this client to wait. */
  | { readonly code: 'portal_rate_limited' }
  /** 401. */
  | { readonly code: 'portal_rejects_credentials' }
  /** 402. */
  | { readonly code: 'portal_not_paid' }
  /** 403 with an empty body: the API key has no permission for this. */
  | { readonly code: 'portal_permission_missing' }
  /**
   * 403 with a message of the portal: forbidden for this account, or switched off in the portal's
   * settings.
   */
  | { readonly code: 'portal_forbids' }
  /** 403 or 404 before any action: the portal is suspended or being restored. */
  | { readonly code: 'portal_closed'; readonly status: number }
  /** 500 before any action: the portal counts requests in Redis and cannot reach it. */
  | { readonly code: 'portal_limiter_down' }
  /** Two invitations at the same time chose the same user name. The address is not the problem. */
  | { readonly code: 'portal_name_taken' }
  /** A proxy or a firewall answered instead of the portal. */
  | { readonly code: 'proxy_answered'; readonly status: number }
  /** 404 for something that must exist. */
  | { readonly code: 'portal_not_found' }
  | { readonly code: 'portal_redirects'; readonly status: number }
  /** Any other status. */
  | { readonly code: 'portal_answered'; readonly status: number }
  | { readonly code: 'portal_answer_unreadable' }
  /** The portal's answer is about another user. */
  | { readonly code: 'portal_answered_other_user' }
  /** DOCSPACE_URL leads to another portal than the one of this database. */
  | { readonly code: 'portal_is_another'; readonly expected: string; readonly actual: string };

/** How an attempt to send a welcome ended. */
export type AttemptReason =
  | PortalFault
  /** The portal answered 200. */
  | { readonly code: 'portal_accepted' }
  /** 403 to the welcome call: `WELCOME_KEY` is not a Key that this portal signed. */
  | { readonly code: 'portal_rejects_key' }
  /** 400 or 404 that concerns this person. */
  | { readonly code: 'portal_refused'; readonly status: number }
  /** The portal refused the person, but its own account could not be read either. */
  | { readonly code: 'portal_unwell' }
  | { readonly code: 'tenant_id_unknown' }
  | MailReason
  | { readonly code: 'attempt_lease_expired' }
  /** The service stopped while the request was in progress. */
  | { readonly code: 'service_stopped_before_answer' }
  /** Found open at start: the service died after the request and before its result was stored. */
  | { readonly code: 'service_died_during_attempt' }
  | { readonly code: 'settled_by_operator' }
  /** The welcome was sent, but the answer came after the service had stopped waiting for it. */
  | { readonly code: 'answered_late' }
  | { readonly code: 'forgotten' };

/**
 * The result of a mail server. `reply`: its code, such as `550 5.1.1`. The text of the reply is
 * never stored, because it may contain an address.
 */
export type MailReason =
  | { readonly code: 'mail_accepted'; readonly reply: string }
  | { readonly code: 'mail_address_invalid' }
  /**
   * The address has letters beyond ASCII before the @, and the server does not support SMTPUTF8.
   */
  | { readonly code: 'mail_address_needs_utf8' }
  | { readonly code: 'mail_recipient_refused'; readonly reply: string }
  | { readonly code: 'mail_refused'; readonly reply: string }
  | { readonly code: 'mail_recipient_deferred'; readonly reply: string }
  | { readonly code: 'mail_deferred'; readonly reply: string }
  | { readonly code: 'mail_login_refused'; readonly reply: string }
  /** 5.7.139: the provider has disabled login with a password. */
  | { readonly code: 'mail_basic_login_disabled'; readonly reply: string }
  | { readonly code: 'mail_app_password_needed'; readonly reply: string }
  | { readonly code: 'mail_login_not_offered'; readonly reply: string }
  /** 530 after the sender: SMTP_URL has no login, or the server wants encryption first. */
  | { readonly code: 'mail_login_required'; readonly reply: string }
  | { readonly code: 'mail_sender_refused'; readonly reply: string }
  /** The server refused the session (greeting, EHLO, STARTTLS). */
  | { readonly code: 'mail_session_refused'; readonly reply: string }
  | { readonly code: 'mail_certificate_untrusted'; readonly cause: string }
  | { readonly code: 'mail_server_not_found' }
  | { readonly code: 'mail_encryption_missing' }
  /** The setting is `smtps://`, but the port starts without TLS. */
  | { readonly code: 'mail_port_without_tls'; readonly port: number }
  /** The setting is `smtp://`, but the port starts with TLS. */
  | { readonly code: 'mail_port_with_tls'; readonly port: number }
  /** The mail has to wait, because mails are sent at a limited rate. */
  | { readonly code: 'mail_rate_limited' }
  | { readonly code: 'mail_timed_out' }
  | { readonly code: 'mail_connection_closed' }
  | { readonly code: 'mail_unreachable'; readonly cause: string }
  /** There was no answer after the text of the mail. */
  | { readonly code: 'mail_timed_out_after_text' }
  /** The connection broke after the text of the mail. */
  | { readonly code: 'mail_connection_lost_after_text' };

/** Why a member is in its state, if the state alone does not say it. */
export type MemberReason =
  // waiting
  | { readonly code: 'not_registered' }
  | { readonly code: 'address_not_confirmed' }
  /** The API key may not see this person. */
  | { readonly code: 'not_visible' }
  // skipped
  | { readonly code: 'not_invited' }
  /** The person came by a link of this account, but no invitation has this address. */
  | { readonly code: 'address_not_invited' }
  | { readonly code: 'invitation_revoked' }
  /** The person was a user before this service was set up. */
  | { readonly code: 'existing_user' }
  | { readonly code: 'welcomed_before_forgotten' }
  // gone
  | { readonly code: 'deleted' }
  | { readonly code: 'disabled' }
  // ready after a failed attempt, failed, unknown; `forgotten` in any state
  | AttemptReason;

/** Why an invitation failed. */
export type InvitationReason =
  | PortalFault
  | { readonly code: 'type_not_allowed'; readonly employeeType: EmployeeType }
  | { readonly code: 'inviting_switched_off' }
  /**
   * This account may not invite this type, or inviting is switched off. The portal does not say
   * which.
   */
  | { readonly code: 'inviting_not_allowed'; readonly employeeType: EmployeeType }
  | { readonly code: 'address_not_accepted' }
  | { readonly code: 'no_seat_left' }
  | { readonly code: 'answer_without_link' }
  /** The service stopped before the portal answered. */
  | { readonly code: 'interrupted' }
  /** It is unknown whether the portal mailed the invitation again. */
  | { readonly code: 'resend_unknown'; readonly cause: PortalFault }
  | { readonly code: 'user_not_found' }
  /** Mode `smtp`, but SMTP_URL or WELCOME_FROM is not set. */
  | { readonly code: 'mail_not_configured' }
  /** The user is pending in the portal with another type, and the portal did not change it. */
  | PendingAsOther
  /** Releases up to 3.6.1 answer 200 even if they invite nobody (docs/docspace-wire.md 13.7). */
  | { readonly code: 'invitation_not_made'; readonly employeeType: EmployeeType }
  | PermissionMissing
  | { readonly code: 'forgotten' };

type PendingAsOther = {
  readonly code: 'pending_as_other_type';
  readonly pending: EmployeeType;
  readonly asked: EmployeeType;
};
/**
 * 403 with an empty body. `permission`: the smallest permission that the API key needs for this.
 */
type PermissionMissing = { readonly code: 'permission_missing'; readonly permission: string };

/** What an admin has to know about an invitation that was issued or revoked. */
export type InvitationNotice =
  /** The portal cannot take a link back. */
  | { readonly code: 'link_stays_open' }
  /**
   * Another open link has the same type and account, so nobody can tell which of them a person
   * used.
   */
  | { readonly code: 'link_not_distinguishable'; readonly invitationId: string }
  /** The link leads to another host than DOCSPACE_URL. */
  | { readonly code: 'link_host_differs'; readonly host: string; readonly expected: string }
  /** The link leads to a host that other networks cannot reach. */
  | { readonly code: 'link_host_private'; readonly host: string };

/** Why a command is not possible now. It is a conflict (409), and nothing was changed. */
export type CommandReason =
  | { readonly code: 'already_invited' }
  | { readonly code: 'already_user' }
  | { readonly code: 'user_disabled' }
  /**
   * The user registered by a link and has not confirmed the address. No invitation is needed or
   * possible.
   */
  | { readonly code: 'registered_not_confirmed' }
  /** An admin created the user in the portal, so no invitation link works for them. */
  | { readonly code: 'added_by_admin' }
  /** The user got a letter already, so no link works for them. */
  | { readonly code: 'pending_by_letter' }
  | PendingAsOther
  /** The portal's database confused two addresses: it found a user with another address. */
  | { readonly code: 'address_of_another_user'; readonly asked: string; readonly found: string }
  | PermissionMissing
  /** The portal is being asked for this invitation right now. */
  | { readonly code: 'invitation_issuing' }
  | { readonly code: 'too_late_to_resend' }
  | { readonly code: 'too_late_to_revoke' }
  /** The invited person was disabled or deleted in the portal. */
  | { readonly code: 'person_left' }
  | { readonly code: 'never_issued' }
  | { readonly code: 'already_revoked' }
  | { readonly code: 'revoked_invite_again' }
  /** A letter of this invitation is being mailed right now. */
  | { readonly code: 'letter_under_way' }
  | { readonly code: 'attempt_under_way' }
  | { readonly code: 'outcome_unknown' }
  | { readonly code: 'already_welcomed' }
  | { readonly code: 'not_unknown'; readonly state: MemberState }
  | { readonly code: 'person_forgotten' }
  | { readonly code: 'person_forgotten_only_sent' }
  | { readonly code: 'body_not_kept' }
  | { readonly code: 'still_unreadable'; readonly cause: DeliveryReason }
  | { readonly code: 'not_about_a_user'; readonly trigger: string }
  | { readonly code: 'baseline_under_way' };

/**
 * Why a signed delivery could not be read. `path`: the place in the body. `fault`: what is wrong
 * there.
 */
export type DeliveryReason =
  | { readonly code: 'not_json' }
  | { readonly code: 'no_event'; readonly path: string; readonly fault: string }
  | { readonly code: 'no_user'; readonly path: string; readonly fault: string }
  | { readonly code: 'trigger_missing' };

/** Why a row of a CSV file was not sent to the portal. */
export type ImportReason =
  /** The row has no address, and nothing asks for an open link. */
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
  /** `cause`: the words of the CSV parser. */
  | { readonly code: 'csv_broken'; readonly cause: string }
  | { readonly code: 'csv_empty' }
  | { readonly code: 'csv_column_missing'; readonly column: string }
  | { readonly code: 'csv_several_address_columns'; readonly columns: readonly string[] }
  | { readonly code: 'csv_several_email_columns' }
  | { readonly code: 'csv_no_address_column' };

/** Why sending is paused. */
export type PauseReason =
  | { readonly code: 'paused_by_operator' }
  | { readonly code: 'hourly_limit_reached'; readonly maxPerHour: number }
  | { readonly code: 'restored_copy' }
  | {
      readonly code: 'refused_in_a_row';
      readonly channel: ChannelName;
      readonly count: number;
      readonly cause: AttemptReason;
    }
  | {
      readonly code: 'unknown_in_a_row';
      readonly channel: ChannelName;
      readonly count: number;
      readonly cause: AttemptReason;
    }
  | {
      readonly code: 'channel_refuses';
      readonly channel: ChannelName;
      readonly cause: AttemptReason;
    }
  | InterruptReason;

/** Why the program at EVENTS_URL did not accept an event. */
export type ReceiverReason =
  /** DNS does not know its host. */
  | { readonly code: 'receiver_name_unknown'; readonly host: string }
  /** `cause`: the code of the error, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
  | { readonly code: 'receiver_unreachable'; readonly host: string; readonly cause: string }
  | { readonly code: 'receiver_timed_out' }
  | { readonly code: 'receiver_redirects'; readonly status: number }
  /** 410: it does not want events any more. */
  | { readonly code: 'receiver_gone' }
  | { readonly code: 'receiver_answered'; readonly status: number };

/** Why a reconciliation run ended early, or cannot start. */
export type InterruptReason =
  | PortalFault
  | { readonly code: 'baseline_under_way' }
  | { readonly code: 'service_stopping' };

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

// ── The codes as values, for schemas and filters ────────────────────────────────────────────────

/** A table with every code of a union. A missing or unknown code does not compile. */
type CodeTable<R extends Reason> = Readonly<Record<R['code'], true>>;

function codesOf<C extends string>(table: Readonly<Record<C, true>>): readonly [C, ...C[]] {
  return Object.keys(table) as [C, ...C[]];
}

const portalFaults: CodeTable<PortalFault> = {
  portal_unreachable: true,
  portal_name_unknown: true,
  portal_certificate_untrusted: true,
  portal_connection_lost: true,
  portal_timed_out: true,
  portal_answer_too_large: true,
  portal_asks_to_wait: true,
  portal_rate_limited: true,
  portal_rejects_credentials: true,
  portal_not_paid: true,
  portal_permission_missing: true,
  portal_forbids: true,
  portal_closed: true,
  portal_limiter_down: true,
  portal_name_taken: true,
  proxy_answered: true,
  portal_not_found: true,
  portal_redirects: true,
  portal_answered: true,
  portal_answer_unreadable: true,
  portal_answered_other_user: true,
  portal_is_another: true,
};
const mailReasons: CodeTable<MailReason> = {
  mail_accepted: true,
  mail_address_invalid: true,
  mail_address_needs_utf8: true,
  mail_recipient_refused: true,
  mail_refused: true,
  mail_recipient_deferred: true,
  mail_deferred: true,
  mail_login_refused: true,
  mail_basic_login_disabled: true,
  mail_app_password_needed: true,
  mail_login_not_offered: true,
  mail_login_required: true,
  mail_sender_refused: true,
  mail_session_refused: true,
  mail_certificate_untrusted: true,
  mail_server_not_found: true,
  mail_encryption_missing: true,
  mail_port_without_tls: true,
  mail_port_with_tls: true,
  mail_rate_limited: true,
  mail_timed_out: true,
  mail_connection_closed: true,
  mail_unreachable: true,
  mail_timed_out_after_text: true,
  mail_connection_lost_after_text: true,
};
const attemptReasons: CodeTable<AttemptReason> = {
  ...portalFaults,
  ...mailReasons,
  portal_accepted: true,
  portal_rejects_key: true,
  portal_refused: true,
  portal_unwell: true,
  tenant_id_unknown: true,
  attempt_lease_expired: true,
  service_stopped_before_answer: true,
  service_died_during_attempt: true,
  settled_by_operator: true,
  answered_late: true,
  forgotten: true,
};
const memberReasons: CodeTable<MemberReason> = {
  ...attemptReasons,
  not_registered: true,
  address_not_confirmed: true,
  not_visible: true,
  not_invited: true,
  address_not_invited: true,
  invitation_revoked: true,
  existing_user: true,
  welcomed_before_forgotten: true,
  deleted: true,
  disabled: true,
};
const invitationReasons: CodeTable<InvitationReason> = {
  ...portalFaults,
  type_not_allowed: true,
  inviting_switched_off: true,
  inviting_not_allowed: true,
  address_not_accepted: true,
  no_seat_left: true,
  answer_without_link: true,
  interrupted: true,
  resend_unknown: true,
  user_not_found: true,
  mail_not_configured: true,
  pending_as_other_type: true,
  invitation_not_made: true,
  permission_missing: true,
  forgotten: true,
};
const commandReasons: CodeTable<CommandReason> = {
  already_invited: true,
  already_user: true,
  user_disabled: true,
  registered_not_confirmed: true,
  added_by_admin: true,
  pending_by_letter: true,
  pending_as_other_type: true,
  address_of_another_user: true,
  permission_missing: true,
  invitation_issuing: true,
  too_late_to_resend: true,
  too_late_to_revoke: true,
  person_left: true,
  never_issued: true,
  already_revoked: true,
  revoked_invite_again: true,
  letter_under_way: true,
  attempt_under_way: true,
  outcome_unknown: true,
  already_welcomed: true,
  not_unknown: true,
  person_forgotten: true,
  person_forgotten_only_sent: true,
  body_not_kept: true,
  still_unreadable: true,
  not_about_a_user: true,
  baseline_under_way: true,
};
const deliveryReasons: CodeTable<DeliveryReason> = {
  not_json: true,
  no_event: true,
  no_user: true,
  trigger_missing: true,
};
const interruptReasons: CodeTable<InterruptReason> = {
  ...portalFaults,
  baseline_under_way: true,
  service_stopping: true,
};
const receiverReasons: CodeTable<ReceiverReason> = {
  receiver_name_unknown: true,
  receiver_unreachable: true,
  receiver_timed_out: true,
  receiver_redirects: true,
  receiver_gone: true,
  receiver_answered: true,
};
const pauseReasons: CodeTable<PauseReason> = {
  ...interruptReasons,
  paused_by_operator: true,
  hourly_limit_reached: true,
  restored_copy: true,
  refused_in_a_row: true,
  unknown_in_a_row: true,
  channel_refuses: true,
};

/** The codes that `GET /api/members?reason=` and `retry --failed --reason` accept. */
export const memberReasonCodes = codesOf(memberReasons);
export const invitationReasonCodes = codesOf(invitationReasons);
export const commandReasonCodes = codesOf(commandReasons);
export const deliveryReasonCodes = codesOf(deliveryReasons);
export const interruptReasonCodes = codesOf(interruptReasons);
export const pauseReasonCodes = codesOf(pauseReasons);
export const receiverReasonCodes = codesOf(receiverReasons);
