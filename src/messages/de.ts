import type { MemberState } from '../domain/member.ts';
import type { Command, Limit, PollHint, PollSource } from '../domain/timeline.ts';
import type { EmployeeType, LetterKind } from '../domain/vocabulary.ts';
import type { Messages } from './messages.ts';

export const de: Messages = {
  reasons: {
    // Why the portal gave no usable answer.
    portal_unreachable: ({ cause }) => `das Portal ist nicht erreichbar (${cause})`,
    portal_name_unknown: ({ host, cause }) =>
      `das DNS kennt ${host} nicht (${cause}): prüfen Sie DOCSPACE_URL und den Nameserver`,
    portal_certificate_untrusted: ({ host, cause }) =>
      `dem Zertifikat von ${host} wird nicht vertraut (${cause}): installieren Sie ein vertrauenswürdiges Zertifikat, oder setzen Sie NODE_EXTRA_CA_CERTS auf eine Datei mit dem Zertifikat seiner Zertifizierungsstelle`,
    portal_connection_lost: ({ cause }) =>
      `die Verbindung zum Portal brach vor der Antwort ab (${cause})`,
    portal_timed_out: 'das Portal hat nicht rechtzeitig geantwortet',
    portal_answer_too_large: 'die Antwort des Portals ist zu groß',
    portal_asks_to_wait: ({ status }) => `das Portal bittet zu warten (${status})`,
    portal_rate_limited: 'das Portal begrenzt die Zahl der Anfragen',
    portal_queue_timed_out:
      'die Anfrage wartete zu lange hinter anderen Anfragen an das Portal und wurde nicht gesendet',
    portal_rejects_credentials:
      'das Portal akzeptiert den API-Schlüssel nicht (401): prüfen Sie DOCSPACE_API_KEY',
    portal_not_paid: 'das Abonnement des Portals ist nicht bezahlt (402)',
    portal_permission_missing:
      'dem API-Schlüssel fehlt eine Berechtigung (403): geben Sie ihm *:write',
    portal_forbids:
      'das Konto des API-Schlüssels darf das nicht, oder die Funktion ist in den Einstellungen des Portals abgeschaltet (403)',
    portal_closed: ({ status }) =>
      `das Portal lehnt jede Anfrage ab (${status}): es ist gesperrt oder wird gerade wiederhergestellt`,
    portal_limiter_down:
      'das Portal erreicht sein Redis nicht und lehnt deshalb jede Anfrage ab (500)',
    portal_name_taken:
      'das Portal legte in diesem Moment eine andere Person mit demselben Namen an: versuchen Sie es noch einmal',
    proxy_answered: ({ status }) =>
      `die Antwort ${status} kam von einem Proxy oder einer Firewall vor dem Portal, nicht von DocSpace: prüfen Sie den Netzwerkweg zu DOCSPACE_URL`,
    portal_not_found:
      'das Portal antwortete mit 404: prüfen Sie DOCSPACE_URL und ob das Portal gesperrt ist',
    portal_redirects: ({ status }) =>
      `das Portal leitet weiter (${status}): prüfen Sie DOCSPACE_URL`,
    portal_answered: ({ status }) => `das Portal antwortete mit ${status}`,
    portal_answer_unreadable: 'die Antwort des Portals ist nicht lesbar',
    portal_answered_other_user: 'die Antwort des Portals betraf eine andere Person',
    portal_is_another: ({ expected, actual }) =>
      `diese Datenbank gehört zum Portal ${expected}, aber DOCSPACE_URL führt zum Portal ${actual}: führen Sie „portal moved --to URL“ aus, wenn das Portal dorthin umgezogen ist`,
    // How an attempt ended.
    portal_accepted: 'das Portal hat die Begrüßung angenommen (200)',
    portal_rejects_key:
      'das Portal hat den Key nicht akzeptiert (403): setzen Sie auf einem eigenen Server DOCSPACE_MACHINE_KEY_FILE, oder verwenden Sie WELCOME_CHANNEL=smtp',
    portal_refused: ({ status }) => `das Portal hat diese Person abgelehnt (${status})`,
    portal_unwell: 'das Portal selbst hat eine Störung',
    tenant_id_unknown: 'die Tenant-ID, die ein signierter Key braucht, ist noch nicht bekannt',
    mail_accepted: ({ reply }) => `der Mailserver hat die Mail angenommen (${reply})`,
    mail_address_invalid: 'an diese Adresse lässt sich keine Mail senden',
    mail_address_needs_utf8:
      'diese Adresse enthält Zeichen außerhalb von ASCII, die der Mailserver nicht unterstützt (SMTPUTF8)',
    mail_recipient_refused: ({ reply }) => `der Mailserver hat den Empfänger abgelehnt (${reply})`,
    mail_refused: ({ reply }) => `der Mailserver hat die Mail abgelehnt (${reply})`,
    mail_recipient_deferred: ({ reply }) =>
      `der Mailserver nimmt den Empfänger zurzeit nicht an (${reply})`,
    mail_deferred: ({ reply }) => `der Mailserver nimmt die Mail zurzeit nicht an (${reply})`,
    mail_login_refused: ({ reply }) =>
      `der Mailserver hat die Anmeldung abgelehnt${inBrackets(reply)}: prüfen Sie Benutzer und Passwort in SMTP_URL; manche Anbieter verlangen ein App-Passwort`,
    mail_basic_login_disabled: ({ reply }) =>
      `der Anbieter hat die Anmeldung mit Passwort abgeschaltet (${reply}): erlauben Sie SMTP AUTH für dieses Postfach, oder verwenden Sie ein Relay, das sie annimmt`,
    mail_app_password_needed: ({ reply }) =>
      `der Mailserver verlangt ein App-Passwort (${reply}): erstellen Sie eines in den Sicherheitseinstellungen des Kontos und tragen Sie es in SMTP_URL ein`,
    mail_login_not_offered: ({ reply }) =>
      `der Mailserver bietet keine Anmeldung an (${reply}): entfernen Sie Benutzer und Passwort aus SMTP_URL`,
    mail_login_required: ({ reply }) =>
      `der Mailserver verlangt zuerst eine Anmeldung (${reply}): tragen Sie Benutzer und Passwort in SMTP_URL ein, und entfernen Sie dort tls=off, falls es dort steht`,
    mail_sender_refused: ({ reply }) =>
      `der Mailserver hat den Absender abgelehnt${inBrackets(reply)}: prüfen Sie WELCOME_FROM`,
    mail_session_refused: ({ reply }) => `der Mailserver hat die Verbindung abgelehnt (${reply})`,
    mail_certificate_untrusted: ({ cause }) =>
      `dem Zertifikat des Mailservers wird nicht vertraut (${cause}): ergänzen Sie ?tls=insecure in SMTP_URL, wenn es Ihr eigener Server ist`,
    mail_server_not_found: 'der Mailserver aus SMTP_URL hat keine Adresse (DNS)',
    mail_encryption_missing:
      'der Mailserver bietet keine Verschlüsselung (STARTTLS) an, oder sie ist fehlgeschlagen: ergänzen Sie ?tls=off in SMTP_URL, wenn der Server in Ihrem eigenen Netz steht',
    mail_port_without_tls: ({ port }) =>
      `Port ${port} des Mailservers beginnt ohne TLS: schreiben Sie smtp:// in SMTP_URL, oder verwenden Sie Port 465`,
    mail_port_with_tls: ({ port }) =>
      `Port ${port} des Mailservers beginnt mit TLS: schreiben Sie smtps:// in SMTP_URL, oder verwenden Sie Port 587`,
    mail_rate_limited:
      'diese Mail wartet, bis sie an der Reihe ist, weil der Mailserver die Rate begrenzt',
    mail_timed_out: 'der Mailserver hat nicht rechtzeitig geantwortet',
    mail_connection_closed:
      'der Mailserver hat die Verbindung getrennt, bevor die Mail gesendet war',
    mail_unreachable: ({ cause }) => `der Mailserver ist nicht erreichbar${inBrackets(cause)}`,
    mail_timed_out_after_text: 'der Mailserver hat nach dem Senden der Mail nicht geantwortet',
    mail_connection_lost_after_text:
      'der Mailserver hat die Verbindung nach dem Senden der Mail getrennt',
    attempt_lease_expired: 'der Versuch endete nicht rechtzeitig',
    halted_before_request:
      'der Prozess war vor der Anfrage angehalten, deshalb wurde nichts gesendet',
    service_stopped_before_answer: 'der Dienst wurde beendet, bevor die Antwort kam',
    service_died_during_attempt: 'der Dienst endete, bevor er die Antwort festhalten konnte',
    settled_by_operator: 'von der Administration entschieden',
    answered_late: 'eine späte Antwort zeigte, dass die Begrüßung gesendet wurde',
    forgotten: 'die Daten dieser Person wurden gelöscht',
    // Why a member is in its state.
    not_registered: 'hat sich noch nicht registriert',
    address_not_confirmed: 'hat die E-Mail-Adresse noch nicht bestätigt',
    not_visible: 'der API-Schlüssel darf diese Person nicht sehen',
    not_invited: 'nicht von diesem Dienst eingeladen',
    address_not_invited:
      'hat sich über einen Link dieses Kontos registriert, aber diese Adresse hat niemand eingeladen',
    invitation_revoked: 'die Einladung wurde zurückgezogen',
    existing_user: 'war schon Benutzer, bevor dieser Dienst eingerichtet wurde',
    welcomed_before_forgotten: 'wurde schon begrüßt, danach wurden die Daten gelöscht',
    deleted: 'im Portal gelöscht',
    disabled: 'im Portal gesperrt',
    // Why an invitation failed.
    type_not_allowed: ({ employeeType }) =>
      `das Konto des API-Schlüssels darf niemanden mit dieser Rolle einladen (${roles[employeeType]})`,
    inviting_switched_off:
      'Einladungen von Mitgliedern sind im Portal abgeschaltet: ein Administrator schaltet sie unter Einstellungen, Sicherheit, Einladungseinstellungen ein',
    guests_switched_off:
      'Gäste sind im Portal abgeschaltet: ein Administrator schaltet sie unter Einstellungen, Sicherheit, Einladungseinstellungen ein',
    inviting_not_allowed: ({ employeeType }) =>
      `das Konto des API-Schlüssels darf niemanden mit dieser Rolle einladen (${roles[employeeType]}), oder Einladungen sind im Portal abgeschaltet`,
    address_not_accepted: 'das Portal akzeptiert diese Adresse nicht (400)',
    no_seat_left:
      'das Portal hat keinen bezahlten Platz mehr frei, oder sein Abonnement ist nicht bezahlt (402)',
    answer_without_link: 'das Portal antwortete ohne Link',
    interrupted:
      'der Dienst wurde beendet, bevor das Portal geantwortet hatte: laden Sie noch einmal ein',
    resend_unknown: ({ cause }, render) =>
      `${render(cause)}: es ist nicht bekannt, ob die Einladung noch einmal gesendet wurde`,
    mail_not_configured:
      'es ist kein Mailserver eingerichtet: setzen Sie SMTP_URL und WELCOME_FROM, oder wählen Sie den Modus „link“',
    user_not_found:
      'das Portal kennt diese Person nicht mehr: ziehen Sie die Einladung zurück und laden Sie dann noch einmal ein',
    pending_as_other_type: ({ pending, asked }) =>
      `im Portal bereits mit der Rolle ${roles[pending]} eingeladen, und das Portal ändert sie nicht in ${roles[asked]}: laden Sie mit der Rolle ${roles[pending]} ein, oder ändern Sie die Rolle im Portal, sobald die Person registriert ist`,
    invitation_not_made: ({ employeeType }) =>
      `das Portal hat geantwortet, aber keine Einladung erstellt: das Konto des API-Schlüssels darf niemanden mit dieser Rolle einladen (${roles[employeeType]}), oder das Portal akzeptiert die Adresse nicht`,
    permission_missing: ({ permission }) =>
      `dem API-Schlüssel fehlt eine Berechtigung (403): er braucht ${permission}`,
    // What an operator has to know about an invitation.
    link_stays_open:
      'das Portal kann einen Link nicht zurücknehmen: wer ihn benutzt, kann sich weiterhin registrieren, erhält aber keine Begrüßung, weil die Einladung zurückgezogen ist',
    link_not_distinguishable: ({ invitationId }) =>
      `das Portal kann einen Link nicht zurücknehmen und zeigt nicht, welchen Link eine Person benutzt hat: solange es den offenen Link ${invitationId} mit derselben Rolle gibt, wird auch begrüßt, wer den zurückgezogenen Link benutzt. Ziehen Sie ${invitationId} ebenfalls zurück, um das zu verhindern`,
    link_host_differs: ({ host, expected }) =>
      `der Link führt zu ${host}, DOCSPACE_URL ist aber ${expected}: öffnen Sie den Link, bevor Sie ihn weitergeben`,
    link_host_private: ({ host }) =>
      `der Link führt zu ${host}, das außerhalb Ihres Netzes nicht erreichbar ist: setzen Sie DOCSPACE_URL auf die öffentliche Adresse des Portals`,
    // Why a command is not possible now.
    already_invited: 'schon eingeladen',
    already_user: 'schon Benutzer des Portals',
    user_disabled: 'im Portal gesperrt: entsperren Sie die Person dort',
    registered_not_confirmed:
      'bereits registriert, aber die E-Mail-Adresse ist nicht bestätigt, deshalb hilft eine Einladung nicht: bitten Sie die Person, sich im Portal anzumelden, dort die Bestätigungsmail noch einmal anzufordern und deren Link zu öffnen',
    added_by_admin:
      'im Portal von einem Administrator angelegt, deshalb hilft eine Einladung nicht: bitten Sie die Person, auf der Anmeldeseite des Portals „Passwort vergessen?“ zu benutzen; das neue Passwort bestätigt auch die E-Mail-Adresse',
    pending_by_letter:
      'im Portal bereits per E-Mail eingeladen, deshalb funktioniert ein Link für diese Adresse nicht: ziehen Sie den Link zurück, falls es einen gibt, und laden Sie dann mit dem Modus „email“ ein',
    former_address: ({ asked, present }) =>
      `${asked} ist eine frühere Adresse einer Person, die schon Benutzer des Portals ist und jetzt ${present} hat: eine Einladung ist nicht nötig. Gehört ${asked} jetzt jemand anderem, laden Sie diese Person mit einem offenen Link ein`,
    address_of_another_user: ({ asked, found }) =>
      `das Portal hält ${asked} und ${found} für dieselbe Adresse, und ${found} gehört einer anderen Person: prüfen Sie die Schreibweise, oder laden Sie mit einer anderen Adresse ein`,
    invitation_issuing:
      'diese Einladung wird gerade beim Portal angefordert: versuchen Sie es gleich noch einmal',
    too_late_to_resend: 'schon registriert: es gibt nichts mehr zu senden',
    too_late_to_revoke:
      'schon registriert: sperren Sie die Person im Portal, um sie auszuschließen',
    person_left: 'diese Person hat das Portal verlassen: laden Sie sie noch einmal ein',
    never_issued: 'diese Einladung wurde nie ausgestellt: laden Sie noch einmal ein',
    already_revoked: 'diese Einladung ist schon zurückgezogen',
    revoked_invite_again: 'diese Einladung wurde zurückgezogen: laden Sie noch einmal ein',
    letter_under_way:
      'ein Brief zu dieser Einladung wird gerade gesendet: versuchen Sie es gleich noch einmal',
    attempt_under_way: 'diese Person wird gerade begrüßt: versuchen Sie es gleich noch einmal',
    outcome_unknown:
      'es ist nicht bekannt, ob die Begrüßung ankam: fragen Sie die Person und entscheiden Sie dann',
    already_welcomed: 'diese Person wurde schon begrüßt',
    not_unknown: ({ state }) =>
      `entscheiden lässt sich nur, wenn nicht bekannt ist, ob die Begrüßung ankam; diese Person ist im Zustand „${states[state]}“`,
    person_forgotten: 'die Daten dieser Person wurden gelöscht: laden Sie sie noch einmal ein',
    person_forgotten_only_sent:
      'die Daten dieser Person wurden gelöscht: die Begrüßung lässt sich nur als gesendet markieren',
    body_not_kept: 'der Inhalt dieser Meldung ist nicht mehr gespeichert',
    still_unreadable: ({ cause }, render) => `weiterhin unlesbar: ${render(cause)}`,
    not_about_a_user: ({ trigger }) => `diese Meldung betrifft keine Person: ${trigger}`,
    baseline_under_way:
      'der Anfangsbestand wird gerade aufgenommen: versuchen Sie es danach noch einmal',
    // Why a delivery could not be read.
    not_json: 'der Inhalt ist kein JSON',
    no_event: ({ path, fault }) => `der Inhalt beschreibt kein Ereignis: ${path} ${fault}`,
    no_user: ({ path, fault }) => `der Inhalt beschreibt keine Person: ${path} ${fault}`,
    trigger_missing: 'der Inhalt nennt keinen Auslöser: er stammt von einem alten DocSpace',
    // Why the portal was not asked about a row of a CSV file, or gave no answer.
    row_without_address:
      'hat keine E-Mail-Adresse: geben Sie der Zeile den Modus open-link, oder verwenden Sie --open-links, um einen offenen Link für viele Personen zu erstellen',
    row_with_address: 'hat den Modus open-link und eine E-Mail-Adresse: entfernen Sie eines davon',
    row_repeats_address: ({ row }) => `hat dieselbe Adresse wie Zeile ${row}`,
    row_not_valid: ({ faults }) => faults.map(({ field, fault }) => `${field} ${fault}`).join('; '),
    row_not_reached:
      'nicht bearbeitet: importieren Sie die Datei noch einmal, um hier fortzufahren',
    row_without_answer: 'das Portal gab für diese Zeile keine Antwort: laden Sie noch einmal ein',
    // Why a CSV file cannot be imported.
    csv_not_utf8: 'ist nicht UTF-8: speichern Sie sie als „CSV UTF-8“',
    csv_line_too_long: 'ist keine Tabelle: eine Zeile ist zu lang',
    csv_too_many_columns: 'hat mehr Spalten, als eine Tabelle haben kann',
    csv_too_many_empty_rows: 'hat zu viele leere Zeilen',
    csv_broken: ({ cause }) => `kann nicht gelesen werden: ${cause}`,
    csv_empty: 'ist leer',
    csv_column_missing: ({ column }) => `hat keine Spalte „${column}“`,
    csv_several_address_columns: ({ columns }) =>
      `hat ${columns.length} Spalten mit Adressen: ${quoted(columns)}. Entfernen Sie alle bis auf eine, oder nennen Sie eine mit --email-column`,
    csv_several_email_columns: 'hat mehrere Spalten „email“: entfernen Sie alle bis auf eine',
    csv_no_address_column:
      'hat keine Spalte „email“ und keine Spalte mit Adressen: die Kopfzeile nennt die Spalten, zum Beispiel email,type,mode,note',
    // Why sending is paused.
    paused_by_operator: 'von der Administration angehalten',
    hourly_limit_reached: ({ maxPerHour }) =>
      `mehr Begrüßungen in einer Stunde, als WELCOME_MAX_PER_HOUR erlaubt (${maxPerHour}): setzen Sie den Versand fort, wenn das so gewollt ist`,
    account_used_before:
      'diese Datenbank ist neu, aber das Konto des API-Schlüssels hat schon Personen eingeladen, oder hat anderswo einen Webhook für diesen Dienst: eine andere Datenbank begrüßt womöglich dieselben Personen. Gibt es sie, setzen Sie DATABASE_URL auf diese andere Datenbank; wenn nicht, setzen Sie den Versand fort',
    restored_copy:
      'diese Datenbank ist eine wiederhergestellte Kopie oder ein Standby, der ohne die letzten Commits übernommen hat: Die neuesten Begrüßungen fehlen darin vielleicht. Prüfen Sie, wer noch einmal begrüßt würde, bevor Sie den Versand fortsetzen',
    refused_in_a_row: ({ count, cause }, render) =>
      `${count}-mal in Folge abgelehnt: ${render(cause)}`,
    service_stopping: 'der Dienst wird gerade beendet',
    unknown_in_a_row: ({ count, cause }, render) =>
      `${count}-mal in Folge ungeklärt: ${render(cause)}`,
    channel_refuses: ({ cause }, render) => render(cause),
    // Why the program at EVENTS_URL did not accept an event.
    receiver_name_unknown: ({ host }) => `DNS kennt ${host} nicht: berichtigen Sie EVENTS_URL`,
    receiver_unreachable: ({ host, cause }) => `keine Verbindung zu ${host} (${cause})`,
    receiver_timed_out: 'keine Antwort innerhalb von 30 Sekunden',
    receiver_redirects: ({ status }) =>
      `der Empfänger leitet weiter (${status}): setzen Sie EVENTS_URL auf die endgültige Adresse`,
    receiver_gone: 'der Empfänger will keine Ereignisse mehr (410)',
    receiver_answered: ({ status }) => `der Empfänger antwortete mit ${status}`,
  },
  events: {
    invitation_requested: ({ employeeType }) => `Einladung angefordert (${roles[employeeType]})`,
    invitation_issued: 'Einladung ausgestellt',
    invitation_failed: ({ reason }, render) => `Einladung fehlgeschlagen: ${render(reason)}`,
    invitation_resent: 'Einladung vom Portal erneut gesendet',
    link_renewed: 'neuer Link erstellt',
    invitation_revoked: 'Einladung zurückgezogen',
    letter_requested: 'Brief erneut angefordert',
    letter_started: ({ letter }) => `${letters[letter]} wird gesendet`,
    letter_sent: ({ letter }) => `${letters[letter]} gesendet`,
    letter_not_sent: ({ letter, reason }, render) =>
      `${letters[letter]} nicht gesendet: ${render(reason)}`,
    letter_refused: ({ letter, reason }, render) =>
      `${letters[letter]} abgelehnt: ${render(reason)}`,
    letter_unknown: ({ letter, reason }, render) =>
      `${letters[letter]}: nicht bekannt, ob angekommen: ${render(reason)}`,
    letter_withheld: ({ reason }, render) => `es wird kein Brief gesendet: ${render(reason)}`,
    invitation_expired: 'der Link ist abgelaufen',
    delivery_received: ({ trigger }) => `${trigger} empfangen`,
    delivery_missed: ({ trigger }) =>
      `${trigger} kam nicht an; aus dem Protokoll des Portals gelesen`,
    poll_hint: ({ hint }) => pollHints[hint],
    registered: 'registriert',
    waiting: ({ reason }, render) => `wartet: ${render(reason)}`,
    activated: 'aktiviert: die Begrüßung steht an',
    skipped: ({ reason }, render) => `ausgenommen: ${render(reason)}`,
    gone: ({ reason }, render) => `ausgeschieden: ${render(reason)}`,
    returned: 'wieder im Portal: wartet erneut',
    left: 'hat das Portal verlassen',
    present_again: 'wieder im Portal',
    attempt_started: ({ channel }) => `wird über ${channel} gesendet`,
    welcomed: ({ late }) => (late ? 'begrüßt: eine späte Antwort hat es bestätigt' : 'begrüßt'),
    attempt_not_sent: ({ reason, late }, render) =>
      `${lateNote(late)}nicht gesendet: ${render(reason)}`,
    attempt_refused: ({ reason, late }, render) => `${lateNote(late)}abgelehnt: ${render(reason)}`,
    attempt_unknown: ({ reason, late }, render) =>
      `${lateNote(late)}Ergebnis ungeklärt: ${render(reason)}`,
    late_answer: ({ outcome }) => `späte Antwort auf einen früheren Versuch: ${outcomes[outcome]}`,
    refusal_reverted: ({ channel }) =>
      `wieder fällig: die Ablehnung lag am Kanal ${channel}, nicht an der Person`,
    invited_again: ({ newInvitationId }) => `erneut geprüft wegen der Einladung ${newInvitationId}`,
    retry_requested: 'neuer Versuch angefordert',
    resolved: ({ outcome }) =>
      outcome === 'sent'
        ? 'entschieden: als gesendet markiert'
        : 'entschieden: wird noch einmal gesendet',
    forgotten: 'Daten gelöscht',
    service_paused: ({ reason }, render) => `Versand angehalten: ${render(reason)}`,
    service_resumed: 'Versand fortgesetzt',
  },
  causes: {
    delivery: ({ id }) => `Meldung ${id}`,
    replay: ({ id }) => `Meldung ${id}, erneut gelesen`,
    journal_row: ({ id }) => `Protokollzeile ${id} des Portals`,
    poll: ({ list }) => polls[list],
    portal_api: 'Prüfung im Portal',
    attempt: ({ id }) => `Versuch ${id}`,
    invitation: ({ id }) => `Einladung ${id}`,
    channel_paused: ({ channel }) => `Kanal ${channel} angehalten`,
    command: ({ name }) => commands[name],
    limit: ({ name }) => limits[name],
    restart: 'nach einem Neustart gefunden',
  },
  actors: {
    portal: 'das Portal',
    service: 'dieser Dienst',
    poll: 'der Abgleich',
    operator: ({ name }) => (name === undefined ? 'Administration' : `Administration (${name})`),
  },
  health: {
    starting: 'startet gerade',
    writable: 'funktioniert',
    database_not_writable: 'in die Datenbank lässt sich nicht schreiben',
    database_damaged: 'die Datenbank ist beschädigt: stellen Sie eine Sicherung wieder her',
    database_moved:
      'die Datenbankdatei wurde entfernt oder ersetzt: legen Sie sie zurück, oder starten Sie den Dienst neu',
    stopping: 'der Dienst wird beendet',
    working: 'funktioniert',
    task_failed: 'eine Aufgabe ist fehlgeschlagen: siehe Log',
    check_failed:
      'eine Person kann im Portal nicht geprüft werden: siehe Log; es wird erneut versucht',
    database_clock_differs:
      'die Uhren dieses Rechners und der Datenbank, nach der sich der Dienst richtet, gehen mehr als fünf Sekunden auseinander: gleichen Sie sie ab (timedatectl set-ntp true)',
    clock_differs:
      'die Uhren dieses Rechners und des Portals gehen mehr als fünf Minuten auseinander: gleichen Sie sie ab (timedatectl set-ntp true)',
    answers: 'antwortet',
    not_asked_yet: 'noch nicht gefragt',
    portal_unavailable: 'das Portal gibt keine brauchbare Antwort',
    portal_refused_a_run: 'antwortet, hat aber den letzten Abgleich abgelehnt: siehe Log',
    key_rejected:
      'das Portal akzeptiert den API-Schlüssel nicht (401): prüfen Sie DOCSPACE_API_KEY',
    key_expires_soon:
      'der API-Schlüssel läuft in weniger als 14 Tagen ab: erstellen Sie einen anderen und setzen Sie DOCSPACE_API_KEY darauf',
    ready: 'bereit',
    paused_account_used:
      'angehalten: das Konto des API-Schlüssels wird womöglich mit einer anderen Datenbank verwendet',
    paused_restored: 'angehalten: In dieser Datenbank fehlen vielleicht die neuesten Begrüßungen',
    paused_hourly: 'angehalten: mehr Begrüßungen in einer Stunde als erlaubt',
    paused_operator: 'von der Administration angehalten',
    all_channels_paused: 'alle Kanäle sind angehalten',
    one_channel_paused: 'ein Kanal ist angehalten',
    key_not_signed:
      'kein echtes Portal akzeptiert diesen WELCOME_KEY: setzen Sie DOCSPACE_MACHINE_KEY_FILE, oder verwenden Sie WELCOME_CHANNEL=smtp',
    deliveries_arrive: 'Meldungen kommen an',
    no_delivery_yet: 'seit dem Start keine Meldung',
    signature_wrong:
      'Meldungen kommen mit falscher Signatur an: siehe Log, oder führen Sie „doctor“ aus',
    webhook_registered: 'registriert und eingeschaltet',
    webhook_waiting: 'repariert; wird nach den Wiederholungen des Portals erneut geprüft',
    webhook_of_other_account:
      'der Webhook im Portal gehört einem anderen Konto: führen Sie „doctor“ aus',
    webhook_ssl:
      'der Webhook hat eine http-Adresse und verlangt https: das Portal schaltet ihn bei der ersten Meldung ab',
    webhook_missing: 'der Webhook fehlt im Portal',
    webhook_moved: 'der Webhook im Portal hat eine andere Adresse',
    webhook_disabled: 'der Webhook ist im Portal abgeschaltet',
    webhook_triggers: 'der Webhook im Portal meldet nicht alle Ereignisse über Benutzer',
    events_off: 'aus: EVENTS_URL ist nicht gesetzt',
    events_on: 'gehen an EVENTS_URL',
    events_failing: 'seit mehr als 10 Minuten nicht zustellbar: siehe „events status“',
    events_paused: 'der Empfänger will keine Ereignisse mehr (410): siehe „events resume“',
    notices_off: 'in NOTIFY_EMAIL steht keine Adresse',
    notices_on: 'gehen an NOTIFY_EMAIL',
    notice_not_sent:
      'eine Nachricht an NOTIFY_EMAIL konnte nicht gesendet werden: siehe Log; es wird erneut versucht',
    notice_unknown:
      'ob eine Nachricht an NOTIFY_EMAIL ankam, ist nicht bekannt; sie wird nicht noch einmal gesendet',
  },
};

/** The words of the dashboard for the states. */
const states: Readonly<Record<MemberState, string>> = {
  waiting: 'wartet',
  ready: 'fällig',
  sending: 'wird begrüßt',
  welcomed: 'begrüßt',
  skipped: 'ausgenommen',
  gone: 'ausgeschieden',
  failed: 'fehlgeschlagen',
  unknown: 'ungeklärt',
};

const roles: Readonly<Record<EmployeeType, string>> = {
  Guest: 'Gast',
  User: 'Benutzer',
  RoomAdmin: 'Raum-Admin',
  DocSpaceAdmin: 'DocSpace-Admin',
};

const letters: Readonly<Record<LetterKind, string>> = {
  invitation: 'Einladungsbrief',
  reminder: 'Erinnerung',
};

const pollHints: Readonly<Record<PollHint, string>> = {
  not_followed_yet: 'im Portal gefunden, bevor eine Meldung ankam',
  status_differs: 'das Portal führt einen anderen Status als die letzte Meldung',
  address_differs: 'das Portal führt eine andere E-Mail-Adresse',
  listed_again: 'wieder im Portal aufgeführt',
  came_or_left: 'ins Portal zurückgekehrt oder ausgeschieden',
  no_longer_listed: 'nicht mehr in der Liste der noch nicht aktiven Personen',
};

const polls: Readonly<Record<PollSource, string>> = {
  newest: 'Abfrage der neuesten Registrierungen',
  not_yet_active: 'Abfrage der noch nicht aktiven Personen',
  active: 'Abfrage der aktiven Personen',
  invited_addresses: 'Abfrage der eingeladenen Adressen',
  baseline: 'Anfangsbestand',
};

const commands: Readonly<Record<Command, string>> = {
  invite: 'Einladen',
  resend: 'Erneut senden',
  revoke: 'Zurückziehen',
  retry: 'Erneut versuchen',
  retry_failed: 'Alle erneut versuchen',
  resolve: 'Entscheiden',
  forget: 'Daten löschen',
  pause: 'Anhalten',
  resume: 'Fortsetzen',
};

const outcomes = {
  sent: 'gesendet',
  not_sent: 'nicht gesendet',
  refused: 'abgelehnt',
  unknown: 'ungeklärt',
};

const limits: Readonly<Record<Limit, string>> = {
  welcomes_per_hour: 'Obergrenze der Begrüßungen in einer Stunde',
  link_lifetime: 'ein Link gilt 7 Tage',
};

function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

function lateNote(late: true | undefined): string {
  return late ? 'späte Antwort: ' : '';
}

function quoted(names: readonly string[]): string {
  return names.map((one) => `„${one}“`).join(', ');
}
