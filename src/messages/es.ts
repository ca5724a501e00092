import type { MemberState } from '../domain/member.ts';
import type { Command, Limit, PollHint, PollSource } from '../domain/timeline.ts';
import type { EmployeeType, LetterKind } from '../domain/vocabulary.ts';
import type { Messages } from './messages.ts';

export const es: Messages = {
  reasons: {
    // Why the portal gave no usable answer.
    portal_unreachable: ({ cause }) => `no se puede acceder al portal (${cause})`,
    portal_name_unknown: ({ host, cause }) =>
      `el DNS no conoce ${host} (${cause}): compruebe DOCSPACE_URL y el servidor de nombres`,
    portal_certificate_untrusted: ({ host, cause }) =>
      `el certificado de ${host} no es de confianza (${cause}): instale un certificado de confianza o indique en NODE_EXTRA_CA_CERTS un archivo con el certificado de su autoridad`,
    portal_connection_lost: ({ cause }) =>
      `la conexión con el portal se cortó antes de su respuesta (${cause})`,
    portal_timed_out: 'el portal no respondió a tiempo',
    portal_answer_too_large: 'la respuesta del portal es demasiado grande',
    portal_asks_to_wait: ({ status }) => `el portal pide esperar (${status})`,
    portal_rate_limited: 'el portal limita el número de peticiones',
    portal_queue_timed_out:
      'la petición esperó demasiado detrás de otras peticiones al portal y no se envió',
    portal_rejects_credentials:
      'el portal no acepta la clave de API (401): compruebe DOCSPACE_API_KEY',
    portal_not_paid: 'la suscripción del portal no está pagada (402)',
    portal_permission_missing: 'a la clave de API le falta un permiso (403): dé a la clave *:write',
    portal_forbids:
      'la cuenta de la clave de API no tiene permiso para esto, o la función está desactivada en la configuración del portal (403)',
    portal_closed: ({ status }) =>
      `el portal rechaza todas las peticiones (${status}): está suspendido o se está restaurando`,
    portal_limiter_down:
      'el portal no puede acceder a su Redis, así que rechaza todas las peticiones (500)',
    portal_name_taken:
      'el portal estaba creando en ese momento otro usuario con el mismo nombre: inténtelo de nuevo',
    proxy_answered: ({ status }) =>
      `la respuesta ${status} vino de un proxy o cortafuegos delante del portal, no de DocSpace: compruebe la ruta de red hasta DOCSPACE_URL`,
    portal_not_found:
      'el portal respondió 404: compruebe DOCSPACE_URL y si el portal está suspendido',
    portal_redirects: ({ status }) => `el portal redirige (${status}): compruebe DOCSPACE_URL`,
    portal_answered: ({ status }) => `el portal respondió ${status}`,
    portal_answer_unreadable: 'la respuesta del portal no se puede leer',
    portal_answered_other_user: 'la respuesta del portal se refería a otra persona',
    portal_is_another: ({ expected, actual }) =>
      `esta base de datos pertenece al portal ${expected}, pero DOCSPACE_URL lleva al portal ${actual}: si el portal se trasladó allí, ejecute «portal moved --to URL»`,
    // How an attempt ended.
    portal_accepted: 'el portal aceptó la bienvenida (200)',
    portal_rejects_key:
      'el portal no aceptó la Key (403): en un servidor propio, configure DOCSPACE_MACHINE_KEY_FILE, o use WELCOME_CHANNEL=smtp',
    portal_refused: ({ status }) => `el portal rechazó a esta persona (${status})`,
    portal_unwell: 'el propio portal tiene problemas',
    tenant_id_unknown:
      'todavía no se conoce el identificador del tenant, que una Key firmada necesita',
    mail_accepted: ({ reply }) => `el servidor de correo aceptó el mensaje (${reply})`,
    mail_address_invalid: 'no se puede enviar correo a esta dirección',
    mail_address_needs_utf8:
      'esta dirección tiene caracteres fuera de ASCII, que el servidor de correo no admite (SMTPUTF8)',
    mail_recipient_refused: ({ reply }) =>
      `el servidor de correo rechazó al destinatario (${reply})`,
    mail_refused: ({ reply }) => `el servidor de correo rechazó el mensaje (${reply})`,
    mail_recipient_deferred: ({ reply }) =>
      `el servidor de correo no acepta al destinatario por ahora (${reply})`,
    mail_deferred: ({ reply }) => `el servidor de correo no acepta el mensaje por ahora (${reply})`,
    mail_login_refused: ({ reply }) =>
      `el servidor de correo rechazó el inicio de sesión${inBrackets(reply)}: compruebe el usuario y la contraseña de SMTP_URL; algunos proveedores piden una contraseña de aplicación`,
    mail_basic_login_disabled: ({ reply }) =>
      `el proveedor desactivó el inicio de sesión con contraseña (${reply}): permita SMTP AUTH para este buzón o use un relay que lo acepte`,
    mail_app_password_needed: ({ reply }) =>
      `el servidor de correo pide una contraseña de aplicación (${reply}): cree una en la configuración de seguridad de la cuenta y póngala en SMTP_URL`,
    mail_login_not_offered: ({ reply }) =>
      `el servidor de correo no ofrece inicio de sesión (${reply}): quite el usuario y la contraseña de SMTP_URL`,
    mail_login_required: ({ reply }) =>
      `el servidor de correo pide antes un inicio de sesión (${reply}): ponga el usuario y la contraseña en SMTP_URL, y quite tls=off si aparece ahí`,
    mail_sender_refused: ({ reply }) =>
      `el servidor de correo rechazó al remitente${inBrackets(reply)}: compruebe WELCOME_FROM`,
    mail_session_refused: ({ reply }) => `el servidor de correo rechazó la sesión (${reply})`,
    mail_certificate_untrusted: ({ cause }) =>
      `el certificado del servidor de correo no es de confianza (${cause}): añada ?tls=insecure a SMTP_URL si este servidor es suyo`,
    mail_server_not_found: 'el servidor de correo de SMTP_URL no tiene dirección (DNS)',
    mail_encryption_missing:
      'el servidor de correo no ofrece cifrado (STARTTLS), o el cifrado falló: añada ?tls=off a SMTP_URL si este servidor está en su propia red',
    mail_port_without_tls: ({ port }) =>
      `el puerto ${port} del servidor de correo empieza sin TLS: escriba smtp:// en SMTP_URL o use el puerto 465`,
    mail_port_with_tls: ({ port }) =>
      `el puerto ${port} del servidor de correo empieza con TLS: escriba smtps:// en SMTP_URL o use el puerto 587`,
    mail_rate_limited: 'este mensaje espera su turno, porque el servidor de correo limita el ritmo',
    mail_timed_out: 'el servidor de correo no respondió a tiempo',
    mail_connection_closed: 'el servidor de correo cerró la conexión antes de enviarse el mensaje',
    mail_unreachable: ({ cause }) =>
      `no se puede acceder al servidor de correo${inBrackets(cause)}`,
    mail_timed_out_after_text: 'el servidor de correo no respondió después de enviarse el mensaje',
    mail_connection_lost_after_text:
      'el servidor de correo cerró la conexión después de enviarse el mensaje',
    attempt_lease_expired: 'el intento no terminó a tiempo',
    halted_before_request:
      'el proceso estuvo detenido antes de la petición, así que no se envió nada',
    service_stopped_before_answer: 'el servicio se detuvo antes de la respuesta',
    service_died_during_attempt: 'el servicio se detuvo antes de poder registrar la respuesta',
    settled_by_operator: 'decidido por un administrador',
    answered_late: 'una respuesta tardía mostró que la bienvenida se envió',
    forgotten: 'los datos de esta persona se borraron',
    // Why a member is in its state.
    not_registered: 'todavía no se ha registrado',
    address_not_confirmed: 'todavía no ha confirmado la dirección de correo',
    not_visible: 'la clave de API no tiene permiso para ver a esta persona',
    not_invited: 'no recibió invitación de este servicio',
    address_not_invited:
      'se registró por un enlace de esta cuenta, pero nadie invitó a esta dirección',
    invitation_revoked: 'la invitación se revocó',
    existing_user: 'ya era usuario antes de instalar este servicio',
    welcomed_before_forgotten: 'ya recibió la bienvenida y después se borraron sus datos',
    deleted: 'eliminado en el portal',
    disabled: 'desactivado en el portal',
    // Why an invitation failed.
    type_not_allowed: ({ employeeType }) =>
      `la cuenta de la clave de API no puede invitar con este rol (${roles[employeeType]})`,
    inviting_switched_off:
      'las invitaciones de miembros están desactivadas en el portal: un administrador las activa en Configuración, Seguridad, Configuración de invitaciones',
    guests_switched_off:
      'los invitados están desactivados en el portal: un administrador los activa en Configuración, Seguridad, Configuración de invitaciones',
    inviting_not_allowed: ({ employeeType }) =>
      `la cuenta de la clave de API no puede invitar con este rol (${roles[employeeType]}), o las invitaciones están desactivadas en el portal`,
    address_not_accepted: 'el portal no acepta esta dirección (400)',
    no_seat_left:
      'al portal no le queda ninguna plaza pagada, o su suscripción no está pagada (402)',
    answer_without_link: 'el portal respondió sin enlace',
    interrupted: 'el servicio se detuvo antes de que el portal respondiera: vuelva a invitar',
    resend_unknown: ({ cause }, render) =>
      `${render(cause)}: no se sabe si la invitación se envió de nuevo`,
    mail_not_configured:
      'no hay ningún servidor de correo configurado: defina SMTP_URL y WELCOME_FROM, o elija el modo «link»',
    user_not_found:
      'el portal ya no conoce a esta persona: revoque la invitación y vuelva a invitar',
    pending_as_other_type: ({ pending, asked }) =>
      `ya invitado en el portal con el rol ${roles[pending]}, que el portal no cambia a ${roles[asked]}: invite con el rol ${roles[pending]}, o cambie el rol en el portal cuando la persona se haya registrado`,
    invitation_not_made: ({ employeeType }) =>
      `el portal respondió, pero no creó la invitación: la cuenta de la clave de API no puede invitar con este rol (${roles[employeeType]}), o el portal no acepta la dirección`,
    permission_missing: ({ permission }) =>
      `a la clave de API le falta un permiso (403): necesita ${permission}`,
    // What an operator has to know about an invitation.
    link_stays_open:
      'el portal no puede anular un enlace: quien lo use aún puede registrarse, pero no recibe la bienvenida, porque la invitación está revocada',
    link_not_distinguishable: ({ invitationId }) =>
      `el portal no puede anular un enlace ni muestra cuál usó una persona: mientras exista el enlace abierto ${invitationId} con el mismo rol, también recibe la bienvenida quien use el enlace revocado. Revoque también ${invitationId} para evitarlo`,
    link_host_differs: ({ host, expected }) =>
      `el enlace lleva a ${host}, pero DOCSPACE_URL es ${expected}: abra el enlace antes de entregarlo`,
    link_host_private: ({ host }) =>
      `el enlace lleva a ${host}, que no es accesible fuera de su red: ponga en DOCSPACE_URL la dirección pública del portal`,
    // Why a command is not possible now.
    already_invited: 'ya tiene una invitación',
    already_user: 'ya es usuario del portal',
    user_disabled: 'desactivado en el portal: active allí a este usuario',
    registered_not_confirmed:
      'ya registrado, pero la dirección de correo no está confirmada, así que una invitación no sirve: pida a la persona que inicie sesión en el portal, solicite allí de nuevo el correo de confirmación y abra su enlace',
    added_by_admin:
      'añadido en el portal por un administrador, así que una invitación no sirve: pida a la persona que use «¿Olvidó su contraseña?» en la página de inicio de sesión del portal; la nueva contraseña confirma también la dirección de correo',
    pending_by_letter:
      'ya invitado por correo en el portal, así que un enlace no funciona para esta dirección: revoque el enlace si lo hay, y luego invite con el modo «email»',
    former_address: ({ asked, present }) =>
      `${asked} es una dirección anterior de un usuario del portal, que ahora tiene ${present}: no hace falta una invitación. Si ${asked} pertenece ahora a otra persona, invítela con un enlace abierto`,
    address_of_another_user: ({ asked, found }) =>
      `el portal toma ${asked} y ${found} por la misma dirección, y ${found} pertenece a otro usuario: compruebe la ortografía, o invite a esta persona con otra dirección`,
    invitation_issuing:
      'esta invitación se está solicitando al portal: inténtelo de nuevo en un momento',
    too_late_to_resend: 'ya se registró: no hay nada que reenviar',
    too_late_to_revoke:
      'ya se registró: para excluir a esta persona, desactive al usuario en el portal',
    person_left: 'esta persona dejó el portal: vuelva a invitarla',
    never_issued: 'esta invitación nunca se emitió: vuelva a invitar',
    already_revoked: 'esta invitación ya está revocada',
    revoked_invite_again: 'esta invitación se revocó: vuelva a invitar',
    letter_under_way:
      'se está enviando una carta de esta invitación: vuelva a intentarlo en un momento',
    attempt_under_way:
      'se está enviando una bienvenida a esta persona: vuelva a intentarlo en un momento',
    outcome_unknown: 'no se sabe si la bienvenida llegó: pregunte a la persona y decida después',
    already_welcomed: 'esta persona ya recibió la bienvenida',
    not_unknown: ({ state }) =>
      `solo se puede decidir cuando no se sabe si la bienvenida llegó; esta persona está en el estado «${states[state]}»`,
    person_forgotten: 'los datos de esta persona se borraron: vuelva a invitarla',
    person_forgotten_only_sent:
      'los datos de esta persona se borraron: la bienvenida solo se puede marcar como enviada',
    body_not_kept: 'el contenido de esta notificación ya no se conserva',
    still_unreadable: ({ cause }, render) => `sigue siendo ilegible: ${render(cause)}`,
    not_about_a_user: ({ trigger }) =>
      `esta notificación no se refiere a ningún usuario: ${trigger}`,
    baseline_under_way: 'se está tomando el estado inicial: inténtelo después',
    // Why a delivery could not be read.
    not_json: 'el contenido no es JSON',
    no_event: ({ path, fault }) => `el contenido no describe ningún evento: ${path} ${fault}`,
    no_user: ({ path, fault }) => `el contenido no describe a ningún usuario: ${path} ${fault}`,
    trigger_missing: 'el contenido no nombra ningún desencadenante: procede de un DocSpace antiguo',
    // Why the portal was not asked about a row of a CSV file, or gave no answer.
    row_without_address:
      'no tiene dirección de correo: dé a la fila el modo open-link, o use --open-links, para crear un enlace abierto para muchas personas',
    row_with_address: 'tiene el modo open-link y una dirección de correo: quite uno de los dos',
    row_repeats_address: ({ row }) => `tiene la misma dirección que la fila ${row}`,
    row_not_valid: ({ faults }) => faults.map(({ field, fault }) => `${field} ${fault}`).join('; '),
    row_not_reached: 'no procesada: importe el archivo otra vez para continuar aquí',
    row_without_answer: 'el portal no dio ninguna respuesta para esta fila: vuelva a invitar',
    // Why a CSV file cannot be imported.
    csv_not_utf8: 'no es UTF-8: guárdelo como «CSV UTF-8»',
    csv_line_too_long: 'no es una tabla: una de sus líneas es demasiado larga',
    csv_too_many_columns: 'tiene más columnas de las que puede tener una hoja de cálculo',
    csv_too_many_empty_rows: 'tiene demasiadas filas vacías',
    csv_broken: ({ cause }) => `no se puede leer: ${cause}`,
    csv_empty: 'está vacío',
    csv_column_missing: ({ column }) => `no tiene la columna «${column}»`,
    csv_several_address_columns: ({ columns }) =>
      `tiene ${columns.length} columnas de direcciones: ${quoted(columns)}. Deje solo una, o indique una con --email-column`,
    csv_several_email_columns: 'tiene varias columnas «email»: deje solo una',
    csv_no_address_column:
      'no tiene columna «email» ni columna de direcciones: la primera línea nombra las columnas, por ejemplo email,type,mode,note',
    // Why sending is paused.
    paused_by_operator: 'en pausa por un administrador',
    hourly_limit_reached: ({ maxPerHour }) =>
      `más bienvenidas en una hora de las que permite WELCOME_MAX_PER_HOUR (${maxPerHour}): reanude los envíos si es lo que quiere`,
    account_used_before:
      'esta base de datos es nueva, pero la cuenta de la clave de API ya ha invitado a personas, o tiene un webhook para este servicio en otra dirección: otra base de datos puede dar la bienvenida a las mismas personas. Si existe, ponga su dirección en DATABASE_URL; si no, reanude los envíos',
    restored_copy:
      'esta base de datos es una copia restaurada, o un servidor de reserva que tomó el relevo sin las últimas transacciones: puede que falten las últimas bienvenidas. Antes de reanudar los envíos, compruebe quién recibiría otra vez la bienvenida',
    refused_in_a_row: ({ count, cause }, render) =>
      `rechazado ${count} veces seguidas: ${render(cause)}`,
    service_stopping: 'el servicio se está deteniendo',
    unknown_in_a_row: ({ count, cause }, render) =>
      `resultado desconocido ${count} veces seguidas: ${render(cause)}`,
    channel_refuses: ({ cause }, render) => render(cause),
    // Why the program at EVENTS_URL did not accept an event.
    receiver_name_unknown: ({ host }) => `el DNS no conoce ${host}: corrija EVENTS_URL`,
    receiver_unreachable: ({ host, cause }) => `sin conexión con ${host} (${cause})`,
    receiver_timed_out: 'sin respuesta en 30 segundos',
    receiver_redirects: ({ status }) =>
      `el receptor redirige (${status}): ponga la dirección final en EVENTS_URL`,
    receiver_gone: 'el receptor ya no quiere eventos (410)',
    receiver_answered: ({ status }) => `el receptor respondió ${status}`,
  },
  events: {
    invitation_requested: ({ employeeType }) => `invitación solicitada (${roles[employeeType]})`,
    invitation_issued: 'invitación emitida',
    invitation_failed: ({ reason }, render) => `la invitación falló: ${render(reason)}`,
    invitation_resent: 'invitación reenviada por el portal',
    link_renewed: 'otro enlace creado',
    invitation_revoked: 'invitación revocada',
    letter_requested: 'se pidió enviar de nuevo la carta',
    letter_started: ({ letter }) => `envío de la ${letters[letter]}`,
    letter_sent: ({ letter }) => `${letters[letter]} enviada`,
    letter_not_sent: ({ letter, reason }, render) =>
      `${letters[letter]} no enviada: ${render(reason)}`,
    letter_refused: ({ letter, reason }, render) =>
      `${letters[letter]} rechazada: ${render(reason)}`,
    letter_unknown: ({ letter, reason }, render) =>
      `${letters[letter]}: no se sabe si llegó: ${render(reason)}`,
    letter_withheld: ({ reason }, render) => `no se envía ninguna carta: ${render(reason)}`,
    invitation_expired: 'el enlace caducó',
    delivery_received: ({ trigger }) => `${trigger} recibido`,
    delivery_missed: ({ trigger }) => `${trigger} no llegó; se leyó en el registro del portal`,
    poll_hint: ({ hint }) => pollHints[hint],
    registered: 'registro hecho',
    waiting: ({ reason }, render) => `en espera: ${render(reason)}`,
    activated: 'cuenta activada: bienvenida pendiente',
    skipped: ({ reason }, render) => `sin envío: ${render(reason)}`,
    gone: ({ reason }, render) => `ya no está: ${render(reason)}`,
    returned: 'de vuelta en el portal: otra vez en espera',
    left: 'dejó el portal',
    present_again: 'de vuelta en el portal',
    attempt_started: ({ channel }) => `envío por ${channel}`,
    welcomed: ({ late }) =>
      late ? 'bienvenida enviada: lo confirmó una respuesta tardía' : 'bienvenida enviada',
    attempt_not_sent: ({ reason, late }, render) =>
      `${lateNote(late)}no enviada: ${render(reason)}`,
    attempt_refused: ({ reason, late }, render) => `${lateNote(late)}rechazada: ${render(reason)}`,
    attempt_unknown: ({ reason, late }, render) =>
      `${lateNote(late)}resultado desconocido: ${render(reason)}`,
    late_answer: ({ outcome }) => `respuesta tardía a un intento anterior: ${outcomes[outcome]}`,
    refusal_reverted: ({ channel }) =>
      `pendiente de nuevo: el rechazo se debía al canal ${channel}, no a la persona`,
    invited_again: ({ newInvitationId }) =>
      `comprobación nueva por la invitación ${newInvitationId}`,
    retry_requested: 'nuevo intento solicitado',
    resolved: ({ outcome }) =>
      outcome === 'sent' ? 'decidido: marcada como enviada' : 'decidido: enviar de nuevo',
    forgotten: 'datos borrados',
    service_paused: ({ reason }, render) => `envío en pausa: ${render(reason)}`,
    service_resumed: 'envío reanudado',
  },
  causes: {
    delivery: ({ id }) => `notificación ${id}`,
    replay: ({ id }) => `notificación ${id}, leída de nuevo`,
    journal_row: ({ id }) => `fila ${id} del registro del portal`,
    poll: ({ list }) => polls[list],
    portal_api: 'comprobación en el portal',
    attempt: ({ id }) => `intento ${id}`,
    invitation: ({ id }) => `invitación ${id}`,
    channel_paused: ({ channel }) => `canal ${channel} en pausa`,
    command: ({ name }) => commands[name],
    limit: ({ name }) => limits[name],
    restart: 'encontrado después de un reinicio',
  },
  actors: {
    portal: 'el portal',
    service: 'este servicio',
    poll: 'la conciliación',
    operator: ({ name }) => (name === undefined ? 'un administrador' : `administrador ${name}`),
  },
  health: {
    starting: 'iniciando',
    writable: 'funciona',
    database_not_writable: 'no se puede escribir en la base de datos',
    database_damaged: 'la base de datos está dañada: restaure una copia de seguridad',
    database_moved:
      'el archivo de la base de datos se eliminó o se reemplazó: devuélvalo a su lugar o reinicie el servicio',
    stopping: 'el servicio se está deteniendo',
    working: 'funciona',
    task_failed: 'una tarea falló: consulte el log',
    check_failed:
      'no se puede comprobar a una persona en el portal: consulte el log; se intentará de nuevo',
    database_clock_differs:
      'los relojes de esta máquina y de la base de datos, que es el que usa el servicio, difieren en más de cinco segundos: sincronícelos (timedatectl set-ntp true)',
    clock_differs:
      'los relojes de esta máquina y del portal difieren en más de cinco minutos: sincronícelos (timedatectl set-ntp true)',
    answers: 'responde',
    not_asked_yet: 'aún sin consultar',
    portal_unavailable: 'el portal no da ninguna respuesta utilizable',
    portal_refused_a_run: 'responde, pero rechazó la última conciliación: consulte el registro',
    key_rejected: 'el portal no acepta la clave de API (401): compruebe DOCSPACE_API_KEY',
    key_expires_soon:
      'la clave de API caduca en menos de 14 días: cree otra clave y póngala en DOCSPACE_API_KEY',
    ready: 'listo',
    paused_account_used:
      'en pausa: la cuenta de la clave de API quizá se usa con otra base de datos',
    paused_restored: 'en pausa: puede que en esta base de datos falten las últimas bienvenidas',
    paused_hourly: 'en pausa: más bienvenidas en una hora de las permitidas',
    paused_operator: 'en pausa por un administrador',
    all_channels_paused: 'todos los canales están en pausa',
    one_channel_paused: 'un canal está en pausa',
    key_not_signed:
      'ningún portal real acepta esta WELCOME_KEY: defina DOCSPACE_MACHINE_KEY_FILE o use WELCOME_CHANNEL=smtp',
    deliveries_arrive: 'las notificaciones llegan',
    no_delivery_yet: 'ninguna notificación desde el inicio',
    signature_wrong:
      'las notificaciones llegan con una firma incorrecta: consulte el registro o ejecute «doctor»',
    webhook_registered: 'registrado y activado',
    webhook_waiting: 'reparado; se comprobará de nuevo tras los reintentos del portal',
    webhook_of_other_account: 'el webhook del portal pertenece a otra cuenta: ejecute «doctor»',
    webhook_ssl:
      'el webhook tiene una dirección http y exige https: el portal lo desactiva con la primera notificación',
    webhook_missing: 'falta el webhook en el portal',
    webhook_moved: 'el webhook del portal tiene otra dirección',
    webhook_disabled: 'el webhook está desactivado en el portal',
    webhook_triggers: 'el webhook del portal no comunica todos los eventos de los usuarios',
    events_off: 'desactivado: EVENTS_URL no está definido',
    events_on: 'se envían a EVENTS_URL',
    events_failing: 'sin entregar desde hace más de 10 minutos: véase «events status»',
    events_paused: 'el receptor ya no quiere eventos (410): véase «events resume»',
    notices_off: 'NOTIFY_EMAIL no contiene ninguna dirección',
    notices_on: 'se envían a NOTIFY_EMAIL',
    notice_not_sent: 'no se pudo enviar un aviso a NOTIFY_EMAIL: vea el log; se intentará de nuevo',
    notice_unknown: 'no se sabe si llegó un aviso a NOTIFY_EMAIL; no se vuelve a enviar',
  },
};

/** The words of the dashboard for the states. */
const states: Readonly<Record<MemberState, string>> = {
  waiting: 'en espera',
  ready: 'por enviar',
  sending: 'envío en curso',
  welcomed: 'con bienvenida',
  skipped: 'sin envío',
  gone: 'ya no está',
  failed: 'con error',
  unknown: 'por aclarar',
};

const roles: Readonly<Record<EmployeeType, string>> = {
  Guest: 'Invitado',
  User: 'Usuario',
  RoomAdmin: 'Admin. de sala',
  DocSpaceAdmin: 'Admin. de DocSpace',
};

const letters: Readonly<Record<LetterKind, string>> = {
  invitation: 'carta de invitación',
  reminder: 'carta de recordatorio',
};

const pollHints: Readonly<Record<PollHint, string>> = {
  not_followed_yet: 'encontrado en el portal antes de cualquier notificación',
  status_differs: 'el portal indica un estado distinto al de la última notificación',
  address_differs: 'el portal indica otra dirección de correo',
  listed_again: 'figura de nuevo en el portal',
  came_or_left: 'volvió al portal o lo dejó',
  no_longer_listed: 'ya no figura entre las personas aún no activas',
};

const polls: Readonly<Record<PollSource, string>> = {
  newest: 'consulta de los registros más recientes',
  not_yet_active: 'consulta de las personas aún no activas',
  active: 'consulta de las personas activas',
  invited_addresses: 'consulta de las direcciones invitadas',
  baseline: 'estado inicial',
};

const commands: Readonly<Record<Command, string>> = {
  invite: 'invitar',
  resend: 'reenviar',
  revoke: 'revocar',
  retry: 'reintentar',
  retry_failed: 'reintentar todas',
  resolve: 'decidir',
  forget: 'borrar los datos',
  pause: 'pausar',
  resume: 'reanudar',
};

const outcomes = {
  sent: 'enviada',
  not_sent: 'no enviada',
  refused: 'rechazada',
  unknown: 'resultado desconocido',
};

const limits: Readonly<Record<Limit, string>> = {
  welcomes_per_hour: 'límite de bienvenidas por hora',
  link_lifetime: 'un enlace funciona 7 días',
};

function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

function lateNote(late: true | undefined): string {
  return late ? 'respuesta tardía: ' : '';
}

function quoted(names: readonly string[]): string {
  return names.map((one) => `«${one}»`).join(', ');
}
