import type { ChannelName, EmployeeType, MemberState } from './vocabulary.ts';

/*
 * Why something is as it is, as a code with parameters. Codes are stored, filtered by and sent to
 * programs; what a person reads is rendered from them in `src/messages`. A code is never reworded:
 * a new meaning gets a new code.
 */

/** Why the portal gave no usable answer. */
export type PortalFault =
  /** No connection: the request did not leave. `cause`: the error's code, such as `ECONNREFUSED`. */
  | { readonly code: 'portal_unreachable'; readonly cause: string }
  /** DNS does not know the host of DOCSPACE_URL. */
  | { readonly code: 'portal_name_unknown'; readonly host: string; readonly cause: string }
  | { readonly code: 'portal_certificate_untrusted'; readonly host: string; readonly cause: string }
  /** The connection broke after the request had left. */
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
  /** 403 with an empty body: the API key lacks a permission. */
  | { readonly code: 'portal_permission_missing' }
  /** 403 in the portal's own words: not for this account, or switched off in its settings. */
  | { readonly code: 'portal_forbids' }
  /** 403 or 404 before any action: the portal is suspended, or being restored. */
  | { readonly code: 'portal_closed'; readonly status: number }
  /** 500 before any action: the portal counts requests in Redis, and cannot reach it. */
  | { readonly code: 'portal_limiter_down' }
  /** Two invitations at the same time chose the same user name: nothing is wrong with the address. */
  | { readonly code: 'portal_name_taken' }
  /** Something between this service and the portal answered: a proxy or a firewall. */
  | { readonly code: 'proxy_answered'; readonly status: number }
  /** 404 to something that must exist. */
  | { readonly code: 'portal_not_found' }
  | { readonly code: 'portal_redirects'; readonly status: number }
  /** Any other status. */
  | { readonly code: 'portal_answered'; readonly status: number }
  | { readonly code: 'portal_answer_unreadable' }
  /** The portal answered about somebody else. */
  | { readonly code: 'portal_answered_other_user' }
  /** DOCSPACE_URL leads to another portal than the one this database belongs to. */
  | { readonly code: 'portal_is_another'; readonly expected: string; readonly actual: string };

/** How an attempt to send a welcome ended. */
export type AttemptReason =
  | PortalFault
  /** 200 of the portal. */
  | { readonly code: 'portal_accepted' }
  /** 403 to the welcome call: `WELCOME_KEY` is not a Key that this portal signed. */
  | { readonly code: 'portal_rejects_key' }
  /** 400 or 404 about this person. */
  | { readonly code: 'portal_refused'; readonly status: number }
  /** The portal refused somebody while its own account could not be read either. */
  | { readonly code: 'portal_unwell' }
  | { readonly code: 'tenant_id_unknown' }
  | MailReason
  | { readonly code: 'attempt_lease_expired' }
  /** The service stopped while the request was under way. */
  | { readonly code: 'service_stopped_before_answer' }
  /** Found open at start: the service died between the request and its record. */
  | { readonly code: 'service_died_during_attempt' }
  | { readonly code: 'settled_by_operator' }
  /** The answer came after the attempt had been given up: it was sent. */
  | { readonly code: 'answered_late' }
  | { readonly code: 'forgotten' };

/** What a mail server did. `reply`: its code, such as `550 5.1.1`; never its text, which may hold an address. */
export type MailReason =
  | { readonly code: 'mail_accepted'; readonly reply: string }
  | { readonly code: 'mail_address_invalid' }
  /** Letters beyond ASCII before the @, and a server without SMTPUTF8. */
  | { readonly code: 'mail_address_needs_utf8' }
  | { readonly code: 'mail_recipient_refused'; readonly reply: string }
  | { readonly code: 'mail_refused'; readonly reply: string }
  | { readonly code: 'mail_recipient_deferred'; readonly reply: string }
  | { readonly code: 'mail_deferred'; readonly reply: string }
  | { readonly code: 'mail_login_refused'; readonly reply: string }
  /** 5.7.139: the provider switched off login by password. */
  | { readonly code: 'mail_basic_login_disabled'; readonly reply: string }
  | { readonly code: 'mail_app_password_needed'; readonly reply: string }
  | { readonly code: 'mail_login_not_offered'; readonly reply: string }
  /** 530 to the sender: SMTP_URL has no login, or the server wants encryption before. */
  | { readonly code: 'mail_login_required'; readonly reply: string }
  | { readonly code: 'mail_sender_refused'; readonly reply: string }
  /** The server refused the session itself: greeting, EHLO, STARTTLS. */
  | { readonly code: 'mail_session_refused'; readonly reply: string }
  | { readonly code: 'mail_certificate_untrusted'; readonly cause: string }
  | { readonly code: 'mail_server_not_found' }
  | { readonly code: 'mail_encryption_missing' }
  /** `smtps://`, but the port begins without TLS. */
  | { readonly code: 'mail_port_without_tls'; readonly port: number }
  /** `smtp://`, but the port begins with TLS. */
  | { readonly code: 'mail_port_with_tls'; readonly port: number }
  /** This mail has to wait for its turn. */
  | { readonly code: 'mail_rate_limited' }
  | { readonly code: 'mail_timed_out' }
  | { readonly code: 'mail_connection_closed' }
  | { readonly code: 'mail_unreachable'; readonly cause: string }
  /** No answer after the text of the mail had been sent. */
  | { readonly code: 'mail_timed_out_after_text' }
  /** The connection broke after the text of the mail had been sent. */
  | { readonly code: 'mail_connection_lost_after_text' };

/** Why a member is in its state, where the state alone does not say it. */
export type MemberReason =
  // waiting
  | { readonly code: 'not_registered' }
  | { readonly code: 'address_not_confirmed' }
  /** The API key may not see this person. */
  | { readonly code: 'not_visible' }
  // skipped
  | { readonly code: 'not_invited' }
  /** Came by a link of this account, but no invitation has this address. */
  | { readonly code: 'address_not_invited' }
  | { readonly code: 'invitation_revoked' }
  /** Was a user before this service was set up. */
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
  /** Not this type by this account, or inviting is switched off: the portal does not say which. */
  | { readonly code: 'inviting_not_allowed'; readonly employeeType: EmployeeType }
  | { readonly code: 'address_not_accepted' }
  | { readonly code: 'no_seat_left' }
  | { readonly code: 'answer_without_link' }
  /** The service stopped before the portal had answered. */
  | { readonly code: 'interrupted' }
  /** The letter may have been mailed again, or not. */
  | { readonly code: 'resend_unknown'; readonly cause: PortalFault }
  | { readonly code: 'user_not_found' }
  | { readonly code: 'forgotten' };

/** Why a command is not possible now: a conflict (409), with nothing changed. */
export type CommandReason =
  | { readonly code: 'already_invited' }
  | { readonly code: 'already_user' }
  | { readonly code: 'user_disabled' }
  /** The portal is being asked for this invitation. */
  | { readonly code: 'invitation_issuing' }
  | { readonly code: 'too_late_to_resend' }
  | { readonly code: 'too_late_to_revoke' }
  /** The invited person was disabled or deleted in the portal. */
  | { readonly code: 'person_left' }
  | { readonly code: 'never_issued' }
  | { readonly code: 'already_revoked' }
  | { readonly code: 'revoked_invite_again' }
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

/** Why a signed delivery could not be read. `path`: where in the body; `fault`: what is wrong there. */
export type DeliveryReason =
  | { readonly code: 'not_json' }
  | { readonly code: 'no_event'; readonly path: string; readonly fault: string }
  | { readonly code: 'no_user'; readonly path: string; readonly fault: string }
  | { readonly code: 'trigger_missing' };

/** Why a row of a CSV file has no answer of the portal. */
export type ImportReason =
  /** No address, and nothing says that an open link is wanted. */
  | { readonly code: 'row_without_address' }
  /** Mode `open-link` beside an address. */
  | { readonly code: 'row_with_address' }
  | { readonly code: 'row_repeats_address'; readonly row: number }
  /** `field`: the column; `fault`: what is wrong with its cell, in English. */
  | {
      readonly code: 'row_not_valid';
      readonly faults: readonly { readonly field: string; readonly fault: string }[];
    }
  | { readonly code: 'row_not_reached' }
  | { readonly code: 'row_without_answer' };

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

/** Why a run of reconciliation ended early, or cannot begin. */
export type InterruptReason =
  | PortalFault
  | { readonly code: 'baseline_under_way' }
  | { readonly code: 'service_stopping' };

export type Reason =
  | MemberReason
  | InvitationReason
  | CommandReason
  | DeliveryReason
  | ImportReason
  | PauseReason
  | InterruptReason;
export type ReasonCode = Reason['code'];

// ── The codes as values, for schemas and filters ────────────────────────────────────────────────

/** A table of every code of a union: a missing or an unknown code does not compile. */
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
  forgotten: true,
};
const commandReasons: CodeTable<CommandReason> = {
  already_invited: true,
  already_user: true,
  user_disabled: true,
  invitation_issuing: true,
  too_late_to_resend: true,
  too_late_to_revoke: true,
  person_left: true,
  never_issued: true,
  already_revoked: true,
  revoked_invite_again: true,
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
const pauseReasons: CodeTable<PauseReason> = {
  ...interruptReasons,
  paused_by_operator: true,
  hourly_limit_reached: true,
  restored_copy: true,
  refused_in_a_row: true,
  unknown_in_a_row: true,
  channel_refuses: true,
};

/** The codes that `GET /api/members?reason=` and `retry --failed --reason` take. */
export const memberReasonCodes = codesOf(memberReasons);
export const invitationReasonCodes = codesOf(invitationReasons);
export const commandReasonCodes = codesOf(commandReasons);
export const deliveryReasonCodes = codesOf(deliveryReasons);
export const interruptReasonCodes = codesOf(interruptReasons);
export const pauseReasonCodes = codesOf(pauseReasons);
