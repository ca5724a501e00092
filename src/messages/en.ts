import type { Messages } from './messages.ts';

export const en: Messages = {
  reasons: {
    // Why the portal gave no usable answer.
    portal_unreachable: ({ cause }) => `the portal cannot be reached (${cause})`,
    portal_name_unknown: ({ host, cause }) =>
      `DNS does not know ${host} (${cause}): check DOCSPACE_URL and the name server`,
    portal_certificate_untrusted: ({ host, cause }) =>
      `the certificate of ${host} is not trusted (${cause}): install a trusted certificate, or set NODE_EXTRA_CA_CERTS to a file with the certificate of its authority`,
    portal_connection_lost: ({ cause }) =>
      `the connection to the portal broke before its answer (${cause})`,
    portal_timed_out: 'the portal did not answer in time',
    portal_answer_too_large: 'the answer of the portal is too large',
    portal_asks_to_wait: ({ status }) => `the portal asks to wait (${status})`,
    portal_rate_limited: 'the portal is rate-limiting requests',
    portal_queue_timed_out:
      'the request waited too long behind other requests to the portal, and was not sent',
    portal_rejects_credentials:
      'the portal does not accept the API key (401): check DOCSPACE_API_KEY',
    portal_not_paid: 'the subscription of the portal is not paid (402)',
    portal_permission_missing: 'the API key lacks a permission (403): give the key *:write',
    portal_forbids:
      'the account of the API key may not do this, or the feature is switched off in the settings of the portal (403)',
    portal_closed: ({ status }) =>
      `the portal refuses every request (${status}): it is suspended, or being restored`,
    portal_limiter_down: 'the portal cannot reach its Redis, so it refuses every request (500)',
    portal_name_taken:
      'the portal was making another user with the same name at that moment: try again',
    proxy_answered: ({ status }) =>
      `${status} came from a proxy or firewall before the portal, not from DocSpace: check the network path to DOCSPACE_URL`,
    portal_not_found:
      'the portal answered 404: check DOCSPACE_URL, and whether the portal is suspended',
    portal_redirects: ({ status }) => `the portal redirects (${status}): check DOCSPACE_URL`,
    portal_answered: ({ status }) => `the portal answered ${status}`,
    portal_answer_unreadable: 'the answer of the portal cannot be read',
    portal_answered_other_user: 'the portal answered about another user',
    portal_is_another: ({ expected, actual }) =>
      `this database belongs to the portal ${expected}, but DOCSPACE_URL leads to the portal ${actual}: if the portal was moved there, run "portal moved --to URL"`,
    // How an attempt ended.
    portal_accepted: 'the portal accepted the welcome (200)',
    portal_rejects_key:
      'the portal did not accept the Key (403): set DOCSPACE_MACHINE_KEY_FILE on a server of your own, or use WELCOME_CHANNEL=smtp',
    portal_refused: ({ status }) => `the portal refused this person (${status})`,
    portal_unwell: 'the portal itself has a problem',
    tenant_id_unknown: 'the tenant id, which a signed Key needs, is not known yet',
    mail_accepted: ({ reply }) => `the mail server accepted the mail (${reply})`,
    mail_address_invalid: 'mail cannot be sent to this address',
    mail_address_needs_utf8:
      'this address has characters outside ASCII, which the mail server does not support (SMTPUTF8)',
    mail_recipient_refused: ({ reply }) => `the mail server refused the recipient (${reply})`,
    mail_refused: ({ reply }) => `the mail server refused the mail (${reply})`,
    mail_recipient_deferred: ({ reply }) =>
      `the mail server does not accept the recipient for now (${reply})`,
    mail_deferred: ({ reply }) => `the mail server does not accept the mail for now (${reply})`,
    mail_login_refused: ({ reply }) =>
      `the mail server did not accept the login${inBrackets(reply)}: check user and password in SMTP_URL; some providers want an app password`,
    mail_basic_login_disabled: ({ reply }) =>
      `the provider has switched off login by password (${reply}): allow SMTP AUTH for this mailbox, or use a relay that accepts it`,
    mail_app_password_needed: ({ reply }) =>
      `the mail server wants an app password (${reply}): make one in the account's security settings and put it into SMTP_URL`,
    mail_login_not_offered: ({ reply }) =>
      `the mail server offers no login (${reply}): remove user and password from SMTP_URL`,
    mail_login_required: ({ reply }) =>
      `the mail server wants a login first (${reply}): put user and password into SMTP_URL, and remove tls=off if it is there`,
    mail_sender_refused: ({ reply }) =>
      `the mail server did not accept the sender${inBrackets(reply)}: check WELCOME_FROM`,
    mail_session_refused: ({ reply }) => `the mail server refused the session (${reply})`,
    mail_certificate_untrusted: ({ cause }) =>
      `the certificate of the mail server is not trusted (${cause}): add ?tls=insecure to SMTP_URL if this server is your own`,
    mail_server_not_found: 'the mail server of SMTP_URL has no address (DNS)',
    mail_encryption_missing:
      'the mail server offers no encryption (STARTTLS), or it failed: add ?tls=off to SMTP_URL if this server is on your own network',
    mail_port_without_tls: ({ port }) =>
      `port ${port} of the mail server begins without TLS: write smtp:// in SMTP_URL, or use port 465`,
    mail_port_with_tls: ({ port }) =>
      `port ${port} of the mail server begins with TLS: write smtps:// in SMTP_URL, or use port 587`,
    mail_rate_limited: 'this mail waits for its turn, because the mail server limits the rate',
    mail_timed_out: 'the mail server did not answer in time',
    mail_connection_closed: 'the mail server closed the connection before the mail was sent',
    mail_unreachable: ({ cause }) => `the mail server cannot be reached${inBrackets(cause)}`,
    mail_timed_out_after_text: 'the mail server did not answer after the mail was sent',
    mail_connection_lost_after_text:
      'the mail server closed the connection after the mail was sent',
    attempt_lease_expired: 'the attempt did not end in time',
    halted_before_request: 'this process was halted before the request, so nothing was sent',
    service_stopped_before_answer: 'the service stopped before the answer came',
    service_died_during_attempt: 'the service stopped before it could record the answer',
    settled_by_operator: 'decided by an operator',
    answered_late: 'a late answer showed that the welcome was sent',
    forgotten: 'this person was forgotten',
    // Why a member is in its state.
    not_registered: 'has not registered yet',
    address_not_confirmed: 'has not confirmed the e-mail address yet',
    not_visible: 'the API key is not allowed to see this person',
    not_invited: 'not invited by this service',
    address_not_invited:
      'registered through a link of the API key’s account, but nobody invited this address',
    invitation_revoked: 'the invitation was revoked',
    existing_user: 'was a user before this service was set up',
    welcomed_before_forgotten: 'was welcomed before, and then forgotten',
    deleted: 'deleted in the portal',
    disabled: 'disabled in the portal',
    // Why an invitation failed.
    type_not_allowed: ({ employeeType }) =>
      `the account of the API key may not invite this role (${employeeType})`,
    inviting_switched_off:
      'inviting members is switched off in the portal: an admin switches it on under Settings, Security, Invitation settings',
    guests_switched_off:
      'guests are switched off in the portal: an admin switches them on under Settings, Security, Invitation settings',
    inviting_not_allowed: ({ employeeType }) =>
      `the account of the API key may not invite this role (${employeeType}), or inviting members is switched off in the portal`,
    address_not_accepted: 'the portal does not accept this address (400)',
    no_seat_left: 'the portal has no paid seat left, or its subscription is not paid (402)',
    answer_without_link: 'the portal answered without a link',
    interrupted: 'the service stopped before the portal had answered: invite again',
    resend_unknown: ({ cause }, render) =>
      `${render(cause)}: it is not known whether the invitation was mailed again`,
    mail_not_configured:
      'no mail server is set up: set SMTP_URL and WELCOME_FROM, or choose the mode "link"',
    user_not_found: 'the portal does not know this person any more: revoke, then invite again',
    pending_as_other_type: ({ pending, asked }) =>
      `already pending in the portal with the role ${pending}, and the portal does not change it to ${asked}: invite with the role ${pending}, or change the role in the portal after the person has registered`,
    invitation_not_made: ({ employeeType }) =>
      `the portal answered, but did not make the invitation: the account of the API key may not invite this role (${employeeType}), or the portal does not accept the address`,
    permission_missing: ({ permission }) =>
      `the API key lacks a permission (403): give the key ${permission}`,
    // What an operator has to know about an invitation.
    link_stays_open:
      'the portal cannot take a link back: a person who uses it can still register, but gets no welcome, because the invitation is revoked',
    link_not_distinguishable: ({ invitationId }) =>
      `the portal cannot take a link back, and does not show which link a person used: as long as the open link ${invitationId} with the same role exists, a person who uses the revoked link is welcomed as well. Revoke ${invitationId} too to prevent this`,
    link_host_differs: ({ host, expected }) =>
      `the link leads to ${host}, but DOCSPACE_URL is ${expected}: open the link before you hand it over`,
    link_host_private: ({ host }) =>
      `the link leads to ${host}, which people outside your network cannot reach: set DOCSPACE_URL to the public address of the portal`,
    // Why a command is not possible now.
    already_invited: 'already invited',
    already_user: 'already a user of the portal',
    user_disabled: 'disabled in the portal: enable this user there',
    registered_not_confirmed:
      'already registered, but the e-mail address is not confirmed, so an invitation does not work: ask the person to sign in to the portal, request the confirmation e-mail again there, and open its link',
    added_by_admin:
      'added in the portal by an admin, so an invitation does not work: ask the person to use "Forgot your password?" on the sign-in page of the portal; the new password also confirms the e-mail address',
    pending_by_letter:
      'the portal has already mailed an invitation to this address, so a link does not work for it: revoke the link if there is one, then invite with the mode "email"',
    former_address: ({ asked, present }) =>
      `${asked} is a former address of a user of the portal, who now has ${present}: no invitation is needed. If ${asked} belongs to somebody else now, invite that person by an open link`,
    address_of_another_user: ({ asked, found }) =>
      `the portal takes ${asked} and ${found} for the same address, and ${found} belongs to a user: check the spelling, or invite this person with another address`,
    invitation_issuing: 'the portal is being asked for this invitation: try again in a moment',
    too_late_to_resend: 'already registered: there is nothing to resend',
    too_late_to_revoke:
      'already registered: to keep this person out, disable the user in the portal',
    person_left: 'this person left the portal: invite them again',
    never_issued: 'this invitation was never issued: invite again',
    already_revoked: 'this invitation is revoked already',
    revoked_invite_again: 'this invitation was revoked: invite again',
    letter_under_way: 'a letter of this invitation is being mailed: try again in a moment',
    attempt_under_way: 'a welcome is being sent to this person right now: try again in a moment',
    outcome_unknown: 'it is not known whether the welcome arrived: ask the person, then resolve it',
    already_welcomed: 'this person was already welcomed',
    not_unknown: ({ state }) =>
      `only a welcome with unknown outcome can be resolved; this person is ${state}`,
    person_forgotten: 'this person was forgotten: invite them again',
    person_forgotten_only_sent: 'this person was forgotten: the welcome can only be marked as sent',
    body_not_kept: 'the body of this delivery is not kept any more',
    still_unreadable: ({ cause }, render) => `still unreadable: ${render(cause)}`,
    not_about_a_user: ({ trigger }) => `this delivery is not about a user: ${trigger}`,
    baseline_under_way: 'the baseline is being taken: try again afterwards',
    // Why a delivery could not be read.
    not_json: 'the body is not JSON',
    no_event: ({ path, fault }) => `the body describes no event: ${path} ${fault}`,
    no_user: ({ path, fault }) => `the body describes no user: ${path} ${fault}`,
    trigger_missing: 'the body names no trigger: it comes from an old DocSpace',
    // Why the portal was not asked about a row of a CSV file, or gave no answer.
    row_without_address:
      'has no e-mail address: give the row the mode open-link, or use --open-links, to create an open link for many people',
    row_with_address: 'has the mode open-link and an e-mail address: remove one of them',
    row_repeats_address: ({ row }) => `has the same address as row ${row}`,
    row_not_valid: ({ faults }) => faults.map(({ field, fault }) => `${field} ${fault}`).join('; '),
    row_not_reached: 'not reached: import the file again to continue here',
    row_without_answer: 'the portal gave no answer for this row: invite again',
    // Why a CSV file cannot be imported. The text follows the name of the file, or "The file".
    csv_not_utf8: 'is not UTF-8: save it as "CSV UTF-8"',
    csv_line_too_long: 'is not a table: one of its lines is too long',
    csv_too_many_columns: 'has more columns than a spreadsheet can have',
    csv_too_many_empty_rows: 'has too many empty rows',
    csv_broken: ({ cause }) => `cannot be read: ${cause}`,
    csv_empty: 'is empty',
    csv_column_missing: ({ column }) => `has no column "${column}"`,
    csv_several_address_columns: ({ columns }) =>
      `has ${columns.length} columns of addresses: ${quoted(columns)}. Remove all but one, or name one with --email-column`,
    csv_several_email_columns: 'has several columns "email": remove all but one',
    csv_no_address_column:
      'has no column "email" and no column of addresses: write the names of the columns into the first line, such as email,type,mode,note',
    // Why sending is paused.
    paused_by_operator: 'paused by an operator',
    hourly_limit_reached: ({ maxPerHour }) =>
      `more welcomes in an hour than WELCOME_MAX_PER_HOUR allows (${maxPerHour}): resume if this is intended`,
    account_used_before:
      'this database is new, but the account of the API key has already invited people, or has a webhook for this service elsewhere: another database may welcome the same people. If there is one, set DATABASE_URL to it; if not, resume',
    restored_copy:
      'this database is a restored copy, or a standby that took over without the last commits: the latest welcomes may be missing from it. Before you resume, check who would be welcomed again',
    refused_in_a_row: ({ count, cause }, render) =>
      `refused ${count} times in a row: ${render(cause)}`,
    service_stopping: 'the service is stopping',
    unknown_in_a_row: ({ count, cause }, render) =>
      `outcome unknown ${count} times in a row: ${render(cause)}`,
    channel_refuses: ({ cause }, render) => render(cause),
    // Why the program at EVENTS_URL did not accept an event.
    receiver_name_unknown: ({ host }) => `DNS does not know ${host}: correct EVENTS_URL`,
    receiver_unreachable: ({ host, cause }) => `no connection to ${host} (${cause})`,
    receiver_timed_out: 'no answer within 30 seconds',
    receiver_redirects: ({ status }) =>
      `the receiver redirects (${status}): set EVENTS_URL to the final address`,
    receiver_gone: 'the receiver does not want events any more (410)',
    receiver_answered: ({ status }) => `the receiver answered ${status}`,
  },
  events: {
    invitation_requested: ({ employeeType }) => `invitation requested (${employeeType})`,
    invitation_issued: 'invitation issued',
    invitation_failed: ({ reason }, render) => `invitation failed: ${render(reason)}`,
    invitation_resent: 'invitation mailed again by the portal',
    link_renewed: 'fresh link issued',
    invitation_revoked: 'invitation revoked',
    letter_requested: 'letter requested again',
    letter_started: ({ letter }) => `mailing ${letters[letter]}`,
    letter_sent: ({ letter }) => `mailed ${letters[letter]}`,
    letter_not_sent: ({ letter, reason }, render) =>
      `${letters[letter]} was not sent: ${render(reason)}`,
    letter_refused: ({ letter, reason }, render) =>
      `${letters[letter]} was refused: ${render(reason)}`,
    letter_unknown: ({ letter, reason }, render) =>
      `it is not known whether ${letters[letter]} arrived: ${render(reason)}`,
    letter_withheld: ({ reason }, render) => `no letter is mailed: ${render(reason)}`,
    invitation_expired: 'the link expired',
    delivery_received: ({ trigger }) => `${trigger} received`,
    delivery_missed: ({ trigger }) =>
      `${trigger} was not delivered; read from the portal's journal`,
    poll_hint: ({ hint }) => pollHints[hint],
    registered: 'registered',
    waiting: ({ reason }, render) => `waiting: ${render(reason)}`,
    activated: 'activated: the welcome is due',
    skipped: ({ reason }, render) => `skipped: ${render(reason)}`,
    gone: ({ reason }, render) => `gone: ${render(reason)}`,
    returned: 'back in the portal: waiting again',
    left: 'left the portal',
    present_again: 'back in the portal',
    attempt_started: ({ channel }) => `sending through ${channel}`,
    welcomed: ({ late }) => (late ? 'welcomed: a late answer confirmed it' : 'welcomed'),
    attempt_not_sent: ({ reason, late }, render) => `${lateNote(late)}not sent: ${render(reason)}`,
    attempt_refused: ({ reason, late }, render) => `${lateNote(late)}refused: ${render(reason)}`,
    attempt_unknown: ({ reason, late }, render) =>
      `${lateNote(late)}outcome unknown: ${render(reason)}`,
    late_answer: ({ outcome }) => `late answer to an earlier attempt: ${outcome}`,
    refusal_reverted: ({ channel }) => `ready again: the refusal was about the ${channel} channel`,
    invited_again: ({ newInvitationId }) =>
      `checked again because of invitation ${newInvitationId}`,
    retry_requested: 'retry requested',
    resolved: ({ outcome }) =>
      outcome === 'sent' ? 'resolved: marked as sent' : 'resolved: send again',
    forgotten: 'forgotten',
    service_paused: ({ reason }, render) => `sending paused: ${render(reason)}`,
    service_resumed: 'sending resumed',
  },
  causes: {
    delivery: ({ id }) => `delivery ${id}`,
    replay: ({ id }) => `delivery ${id}, read again`,
    journal_row: ({ id }) => `journal row ${id}`,
    poll: ({ list }) => polls[list],
    portal_api: 'check in the portal',
    attempt: ({ id }) => `attempt ${id}`,
    invitation: ({ id }) => `invitation ${id}`,
    channel_paused: ({ channel }) => `channel ${channel} paused`,
    command: ({ name }) => name.replace('_', ' '),
    limit: ({ name }) => limits[name],
    restart: 'found after a restart',
  },
  actors: {
    portal: 'the portal',
    service: 'this service',
    poll: 'the poll',
    operator: ({ name }) => (name === undefined ? 'an operator' : `operator ${name}`),
  },
  health: {
    starting: 'starting',
    writable: 'works',
    database_not_writable: 'the database cannot be written',
    database_damaged: 'the database is damaged: restore a backup',
    database_moved:
      'the database file was removed or replaced: put it back, or restart the service',
    stopping: 'the service is stopping',
    working: 'works',
    task_failed: 'a task failed: see the log',
    check_failed: 'a user cannot be checked in the portal: see the log; it is tried again',
    database_clock_differs:
      'the clocks of this machine and of the database, which the service uses, differ by more than five seconds: synchronise them (timedatectl set-ntp true)',
    clock_differs:
      'the clocks of this machine and of the portal differ by more than five minutes: synchronise them (timedatectl set-ntp true)',
    answers: 'answers',
    not_asked_yet: 'not asked yet',
    portal_unavailable: 'the portal gives no usable answer',
    portal_refused_a_run: 'works, but refused the last run of reconciliation: see the log',
    key_rejected: 'the portal does not accept the API key (401): check DOCSPACE_API_KEY',
    key_expires_soon:
      'the API key expires in less than 14 days: create another key and set DOCSPACE_API_KEY to it',
    ready: 'ready',
    paused_account_used: 'paused: the account of the API key may be used with another database',
    paused_restored: 'paused: the latest welcomes may be missing from this database',
    paused_hourly: 'paused: more welcomes in an hour than allowed',
    paused_operator: 'paused by an operator',
    all_channels_paused: 'every channel is paused',
    one_channel_paused: 'a channel is paused',
    key_not_signed:
      'no real portal accepts this WELCOME_KEY: set DOCSPACE_MACHINE_KEY_FILE, or use WELCOME_CHANNEL=smtp',
    deliveries_arrive: 'deliveries arrive',
    no_delivery_yet: 'no delivery since the start',
    signature_wrong: 'deliveries come with a wrong signature: see the log, or run "doctor"',
    webhook_registered: 'registered and enabled',
    webhook_waiting: "repaired; it is checked again after the portal's retries",
    webhook_of_other_account: 'the webhook in the portal belongs to another account: run "doctor"',
    webhook_ssl:
      'the webhook has an http address, but SSL verification is on, so the portal disables it at the first delivery',
    webhook_missing: 'the webhook is missing in the portal',
    webhook_moved: 'the webhook in the portal has another address',
    webhook_disabled: 'the webhook is disabled in the portal',
    webhook_triggers: 'the webhook in the portal does not report all events about users',
    events_off: 'off: EVENTS_URL is not set',
    events_on: 'sent to EVENTS_URL',
    events_failing: 'not delivered for more than 10 minutes: see "events status"',
    events_paused: 'the receiver wants no events any more (410): see "events resume"',
    notices_off: 'no address is set in NOTIFY_EMAIL',
    notices_on: 'sent to NOTIFY_EMAIL',
    notice_not_sent: 'a notice to NOTIFY_EMAIL could not be sent: see the log; it is tried again',
    notice_unknown:
      'it is not known whether a notice to NOTIFY_EMAIL arrived; it is not sent again',
  },
};

const letters = { invitation: 'the letter', reminder: 'a reminder' };

const pollHints = {
  not_followed_yet: 'found in the portal before a delivery arrived',
  status_differs: 'the portal lists another status than the last delivery',
  address_differs: 'the portal lists another e-mail address',
  listed_again: 'listed in the portal again',
  came_or_left: 'came back to the portal or left it',
  no_longer_listed: 'no longer in the list of people not yet active',
};

const polls = {
  newest: 'poll of the newest registrations',
  not_yet_active: 'poll of the people not yet active',
  active: 'poll of the active people',
  invited_addresses: 'poll of the invited addresses',
  baseline: 'baseline',
};

const limits = {
  welcomes_per_hour: 'limit of welcomes in an hour',
  link_lifetime: 'a link works for 7 days',
};

function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

function lateNote(late: true | undefined): string {
  return late ? 'late answer: ' : '';
}

function quoted(names: readonly string[]): string {
  return names.map((one) => `"${one}"`).join(', ');
}
