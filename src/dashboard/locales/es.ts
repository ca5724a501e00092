import type { InvitationStatus } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import type {
  EmployeeType,
  InvitationMode,
  LetterKind,
  LetterStatus,
} from '../../domain/vocabulary.ts';
import type { RowResult } from '../../invitations/import/row-result.ts';
import type { Texts } from './en.ts';

const statuses: Readonly<Record<InvitationStatus, string>> = {
  issuing: 'en creación',
  issued: 'emitida',
  open: 'abierta',
  registered: 'registro hecho',
  activated: 'cuenta activada',
  welcomed: 'con bienvenida',
  failed: 'con error',
  gone: 'ya no está',
  revoked: 'revocada',
  expired: 'caducada',
};

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

const stateMeanings: Readonly<Record<MemberState, string>> = {
  waiting: 'cuenta aún no activa en el portal',
  ready: 'cuenta activa, bienvenida por enviar',
  sending: 'la bienvenida se está enviando',
  welcomed: 'la bienvenida se envió',
  skipped: 'no recibe bienvenida; se indica el motivo',
  gone: 'dejó el portal antes de la bienvenida',
  failed: 'la bienvenida fue rechazada para esta persona',
  unknown: 'no se sabe si la bienvenida llegó',
};

const types: Readonly<Record<EmployeeType, string>> = {
  Guest: 'Invitado',
  User: 'Usuario',
  RoomAdmin: 'Admin. de sala',
  DocSpaceAdmin: 'Admin. de DocSpace',
};

const modes: Readonly<Record<InvitationMode, string>> = {
  link: 'enlace',
  email: 'correo del portal',
  smtp: 'correo de este servicio',
};

const letters: Readonly<Record<LetterStatus, string>> = {
  pending: 'carta en espera',
  sent: 'carta enviada',
  refused: 'carta rechazada',
  unknown: 'carta: resultado desconocido',
};

const letterKinds: Readonly<Record<LetterKind, string>> = {
  invitation: 'Invitación',
  reminder: 'Recordatorio',
};

const rowResults: Readonly<Record<RowResult['result'], string>> = {
  invited: 'invitación emitida',
  'already invited': 'invitación ya emitida',
  'already a user': 'ya en el portal',
  disabled: 'cuenta desactivada',
  'duplicate in the file': 'duplicada',
  'not valid': 'no válida',
  refused: 'rechazo del portal',
  failed: 'con error',
  'not reached': 'no procesada',
};

export const es: Texts = {
  language: 'Español',
  words: {
    statuses,
    states,
    stateMeanings,
    types,
    modes,
    letters,
    letterKinds,
    rowResults,
    shows: { activated: 'activo', not_active: 'no activo', terminated: 'desactivado' },
  },
  frame: {
    skip: 'Ir al contenido',
    overview: 'Resumen',
    invitations: 'Invitaciones',
    invite: 'Invitar',
    health: 'Servicio',
    signOut: 'Cerrar sesión',
    admin: 'Administración',
    session: (name, role) => `${name} (${role === 'viewer' ? 'solo lectura' : 'gestión'})`,
    timesIn: (zone) => `Horas en la zona ${zone}.`,
    updated: 'Actualización:',
    live: 'Esta página se actualiza automáticamente.',
    stopLive: 'Detener la actualización',
    goOnLive: 'Reanudar la actualización',
    lost: 'El servicio no responde. Lo que ve puede no estar al día.',
    languages: 'Idioma',
    documentation: 'API HTTP',
    people: 'Personas',
  },
  signIn: {
    title: 'Inicio de sesión',
    intro:
      'El historial de invitaciones de su portal: a quién se invitó, quién se registró y quién recibió la bienvenida.',
    token: 'Token',
    hint: 'El valor de ADMIN_TOKEN en la configuración de este servicio, o un token creado para usted.',
    button: 'Iniciar sesión',
    wrong: 'Este token no es válido.',
    textKept:
      'Su sesión ha terminado. Inicie sesión y el formulario volverá a mostrarse con su texto.',
    textTooLong:
      'Su sesión ha terminado y el texto es demasiado largo para conservarlo aquí. Vuelva atrás en el navegador y cópielo antes de iniciar sesión.',
  },
  common: {
    nobody: 'Nadie.',
    none: 'Ninguna entrada.',
    show: 'Mostrar',
    openLink: 'Enlace abierto',
    figures: 'Mostrar como tabla',
    older: 'Anteriores',
    newest: 'Volver a las más recientes',
    copy: 'Copiar enlace',
    copied: 'Copiado',
    notFound: 'Página no encontrada',
    notFoundHint: 'Puede que la dirección esté incompleta o que la entrada ya no exista.',
    failed: 'Esta página no se pudo mostrar',
    failedHint: 'Inténtelo de nuevo. Si vuelve a fallar, el log del servicio indica la causa.',
    noForm: 'El formulario llegó incompleto',
    noFormHint: 'No se ha cambiado nada. Abra la página de nuevo y vuelva a enviar el formulario.',
    readOnly: 'Solo puede consultar',
    readOnlyHint:
      'No se ha cambiado nada. Su token tiene el rol «viewer». Pídaselo a una persona con el rol «operator».',
    crossSite: 'El formulario no procede de este sitio',
    crossSiteHint:
      'No se ha cambiado nada. Abra la página de este servicio y envíe el formulario desde ella.',
    tooLarge: 'Es demasiado grande para enviarlo de una vez',
    tooLargeHint: 'Envíelo en varias partes. Nadie recibe dos invitaciones.',
    storeDown: 'La base de datos no se puede usar en este momento',
    storeDownHint:
      'No se ha cambiado nada. Inténtelo de nuevo en un momento. La página «Servicio» indica qué falla.',
    hostChanged: (origin, host) =>
      `Su navegador abrió ${origin}, pero la petición llegó para el host ${host}. Si hay un proxy de por medio, haga que transmita la cabecera Host sin cambios (nginx: proxy_set_header Host $http_host;) o asigne ${origin} a PUBLIC_URL y reinicie el servicio.`,
  },
  overview: {
    title: 'Resumen',
    nothing: 'Nada requiere atención.',
    unknown: (n, one) =>
      one
        ? 'No se sabe si una bienvenida llegó. Pregunte a la persona y decida después.'
        : `No se sabe si ${n} bienvenidas llegaron. Pregunte a las personas y decida después.`,
    settle: 'Revisar',
    failed: (n, one) =>
      one
        ? 'La bienvenida fue rechazada para una persona.'
        : `La bienvenida fue rechazada para ${n} personas.`,
    lettersRefused: (n, one) =>
      one
        ? 'La carta a una persona invitada fue rechazada.'
        : `Las cartas a ${n} personas invitadas fueron rechazadas.`,
    lettersUnknown: (n, one) =>
      one
        ? 'No se sabe si una carta de invitación llegó.'
        : `No se sabe si ${n} cartas de invitación llegaron.`,
    seeInvitations: 'Mostrar invitaciones',
    see: 'Mostrar personas',
    paused: 'Los envíos están en pausa:',
    look: 'Abrir Servicio',
    funnel: 'De la invitación a la bienvenida',
    funnelSteps: {
      issued: 'Invitación emitida',
      registered: 'Registro hecho',
      activated: 'Cuenta activa',
      welcomed: 'Con bienvenida',
    },
    funnelNote:
      'Muestra hasta dónde han llegado las personas invitadas. Los enlaces abiertos no se cuentan.',
    funnelEmpty: 'Todavía no se ha invitado a nadie.',
    inviteFirst: 'Invitar a personas',
    byOpenLink: (came, welcomed) =>
      `Registros por enlaces abiertos: ${came}; con bienvenida: ${welcomed}.`,
    expired: (n, one) =>
      one ? 'Una invitación caducó sin registro.' : `${n} invitaciones caducaron sin registro.`,
    apart: 'No incluidas arriba:',
    days: 'Día a día',
    range: 'Período',
    lastDays: (n) => `${n} días`,
    kinds: { invited: 'Invitaciones', activated: 'Activaciones', welcomed: 'Bienvenidas' },
    daysLabel: (kind, total, days) => `${kind}: ${total} en los últimos ${days} días`,
    most: (n, day) => `día de mayor actividad: ${day} (${n})`,
    day: 'Día',
    toActivation: 'De la invitación a la activación',
    toWelcome: 'De la activación a la bienvenida',
    half: (half, nine) =>
      `La mitad de las personas tardó como máximo ${half}, y nueve de cada diez, como máximo ${nine}.`,
    noDurations: 'Nadie ha llegado todavía a este punto.',
    span: 'Duración',
    people: 'Personas',
    spans: [
      'menos de 10 s',
      'de 10 a 60 s',
      'de 1 a 10 min',
      'de 10 a 60 min',
      'de 1 a 24 h',
      'de 1 a 7 días',
      'más',
    ],
    state: 'Estado',
    means: 'Significado',
    total: 'Total',
    attention: 'Requiere atención',
    addressNotInvited: (n, one) =>
      one
        ? 'Una persona se registró por un enlace de invitación de esta cuenta con una dirección que nadie invitó.'
        : `${n} personas se registraron por enlaces de invitación de esta cuenta con direcciones que nadie invitó.`,
    byState: 'Personas por estado',
    byStateNote:
      'Todos los usuarios del portal que sigue este servicio; cada uno está en un solo estado.',
    pausedByOperator: 'Un administrador puso los envíos en pausa.',
  },
  next: {
    issuing: 'La invitación se está solicitando al portal.',
    issuedLink: 'Envíe el enlace a la persona. Lo abre y se registra.',
    letter: {
      pending: 'La carta se envía en cuanto sea posible.',
      sent: 'La persona abre el enlace de la carta y se registra.',
      refused: 'El servidor de correo rechazó la carta. Corrija la causa y reenvíela.',
      unknown: 'No se sabe si la carta llegó. Pregunte a la persona o reenvíela.',
      none: 'No se envía ninguna carta. El historial dice por qué.',
    },
    reminder: (when) => `Próximo recordatorio previsto: ${when}.`,
    issuedEmail: 'La persona abre el correo del portal y se registra.',
    open: 'Cualquiera que tenga el enlace puede registrarse.',
    registered: 'La persona se ha registrado. La bienvenida llegará cuando la cuenta esté activa.',
    welcomed: 'La persona recibió la bienvenida. No queda nada por hacer.',
    failedInvitation: 'Corrija la causa y vuelva a invitar.',
    revoked:
      'La invitación se revocó. Puede que el enlace todavía se abra: el portal no puede anularlo.',
    expired: 'El enlace ya no se abre. Vuelva a invitar a la persona si todavía debe registrarse.',
    waiting: (when) =>
      `La cuenta aún no está activa. Próxima comprobación: ${when}, o en cuanto el portal avise de un cambio.`,
    waitingNow: 'Se está preguntando al portal si la cuenta está activa.',
    ready: 'La bienvenida está pendiente. Se envía en cuanto el envío sea posible.',
    sending: 'La bienvenida se está enviando.',
    skipped: 'No se envía ninguna bienvenida, salvo que usted lo indique.',
    gone: 'La persona dejó el portal. Si vuelve, se comprobará de nuevo.',
    failed: 'La bienvenida fue rechazada. Corrija la causa y vuelva a intentarlo.',
    unknown: 'Pregunte a la persona si la bienvenida llegó y decida después.',
  },
  actions: {
    resend: 'Reenviar',
    resendLink: 'Crear otro enlace',
    resendLetter: 'Reenviar',
    resendLetterSays:
      'Este servicio envía la carta de nuevo. Si el enlace caduca en menos de un día, la carta lleva otro.',
    resendSays: 'El portal envía de nuevo la invitación por correo. Cuenta para su límite diario.',
    resendLinkSays:
      'El portal crea otro enlace para la misma invitación. El anterior sigue valiendo hasta que caduque.',
    revoke: 'Revocar',
    revokeSays:
      'La invitación se cierra, y quien se registre por ella no recibe la bienvenida. El portal no puede anular el enlace: se abre hasta que caduque.',
    revokeYes: 'Revocar la invitación',
    retry: 'Reintentar',
    retrySays:
      'Se pregunta al portal por esta persona. Si su cuenta está activa, la bienvenida se envía de nuevo.',
    retrySkipped: 'Dar la bienvenida igualmente',
    retrySkippedSays:
      'Esta persona se trata como si hubiera sido invitada y recibirá la bienvenida cuando su cuenta esté activa.',
    resolveSent: 'Marcar como recibida',
    resolveSentSays: 'La bienvenida cuenta como enviada. A esta persona no se le envía nada más.',
    resolveRetry: 'Enviar de nuevo',
    resolveRetrySays:
      'La bienvenida se envía de nuevo. Si la primera llegó pese a todo, la persona la recibe dos veces.',
    retryFailed: 'Reintentar todas',
    retryFailedSays:
      'Se pregunta al portal por cada una de estas personas. A las que tengan la cuenta activa se les envía la bienvenida de nuevo.',
    reconcile: 'Conciliar ahora',
    reconcileSays:
      'Se pregunta ahora al portal por los cambios que el webhook no comunicó. Solo se envían las bienvenidas que se enviarían de todos modos.',
    pause: 'Pausar los envíos',
    pauseSays:
      'No se envía ninguna bienvenida ni carta hasta que reanude los envíos. Las invitaciones nuevas y las notificaciones del portal se siguen aceptando.',
    resume: 'Reanudar los envíos',
    resumeSays:
      'Levanta todas las pausas, restablece el límite por hora y envía ahora las bienvenidas pendientes.',
    replay: 'Leer de nuevo',
    replaySays: 'La notificación se procesa de nuevo, como si acabara de llegar.',
    check: 'Comprobar ahora',
    checkSays:
      'Se pregunta ahora al portal por esta persona. La bienvenida solo se envía si su cuenta está activa.',
    stop: 'Detener',
    stopSays:
      'Las solicitudes iniciadas se completan; las demás no se hacen. Envíe la misma lista otra vez para continuar.',
  },
  done: {
    letterAgain: 'La carta se está enviando de nuevo.',
    resent: 'El portal envió de nuevo la invitación por correo.',
    freshLink: 'Hay otro enlace.',
    revoked: 'La invitación se revocó. Su enlace se abre hasta que caduque.',
    retried: 'Se está preguntando al portal por esta persona.',
    resolvedSent: 'La bienvenida cuenta como enviada.',
    resolvedRetry: 'La bienvenida se envía de nuevo.',
    retriedAll: (n, one) =>
      one ? 'Se comprueba de nuevo a una persona.' : `Se comprueba de nuevo a ${n} personas.`,
    reconciled: (checked, found) =>
      `Personas y entradas comprobadas: ${checked}. Cambios encontrados: ${found}.`,
    interrupted: (reason) =>
      `La conciliación terminó antes de tiempo: ${reason}. La próxima pasada la continúa.`,
    paused: 'Los envíos están en pausa.',
    resumed: 'Los envíos se han reanudado.',
    replayed: 'La notificación se leyó de nuevo.',
  },
  invitations: {
    title: 'Invitaciones',
    download: 'Descargar como CSV',
    search: 'Buscar',
    searchHint: 'dirección o nota, 3 caracteres o más',
    status: 'Estado',
    type: 'Rol',
    letter: 'Carta',
    mode: 'Forma de envío',
    since: 'Invitaciones desde',
    until: 'Invitaciones hasta',
    any: 'cualquiera',
    filter: 'Filtrar',
    clear: 'Quitar filtro',
    who: 'Dirección de correo',
    invitedAt: 'Fecha',
    link: 'Enlace',
    none: 'Ninguna invitación coincide con este filtro.',
    noneYet: 'Todavía no se ha invitado a nadie.',
    members: (n) => `registros: ${n}`,
    badFilter: (fields) =>
      `No se muestra nada porque estos campos del filtro no son válidos: ${fields}. Corríjalos y filtre de nuevo.`,
    step: (step) => `Paso alcanzado: ${step}`,
  },
  invite: {
    title: 'Invitar',
    people: 'Direcciones de correo',
    peopleHint:
      'Una dirección por línea, o separadas por comas. Déjelo vacío para obtener un enlace abierto que pueden usar muchas personas.',
    type: 'Rol',
    typeHint:
      'El portal no puede enviar por correo una invitación a un invitado: elija otra forma de envío.',
    mode: 'Forma de envío',
    byLetter: 'Una carta: un correo que envía este servicio',
    noMail: 'Este servicio podrá enviar cartas cuando SMTP_URL y WELCOME_FROM estén definidos.',
    language: 'Idioma de la carta',
    languageHint: 'Por ejemplo, de o pt-BR. Vacío: el idioma del portal.',
    badLanguage: 'El idioma no es válido. Escríbalo como «de» o «pt-BR».',
    byLink: 'Un enlace que usted mismo envía',
    byEmail: 'Un correo que envía el portal',
    note: 'Nota',
    noteHint: 'Solo se ve en este historial: por ejemplo, el proyecto o quién pidió la invitación.',
    button: 'Invitar',
    fromFile: 'Invitar desde un archivo',
    file: 'Archivo CSV',
    fileHint:
      'La primera línea contiene los encabezados email, type, mode, note y language, en cualquier orden; solo email es necesario. Una fila sin dirección no es válida, salvo que su mode sea open-link. Subir de nuevo el mismo archivo no invita a nadie dos veces.',
    fileDefaults: 'Valores predeterminados para las celdas vacías:',
    upload: 'Subir e invitar',
    noFile: 'Elija primero un archivo.',
    noRows: 'El archivo no tiene ninguna fila bajo los encabezados.',
    tooMany: (n) => `Puede enviar como máximo ${n} invitaciones de una vez. Divida la lista.`,
    unreadable: (reason) => `El archivo ${reason}.`,
    notValid: 'No se ha invitado a nadie. Corrija antes lo siguiente:',
    restored: 'Su sesión terminó antes de enviar el formulario. Revíselo y envíelo de nuevo.',
    badAddress: (address) => `${address} no es una dirección de correo.`,
    linkOnly: (address) =>
      `El portal no envía invitaciones a ${address}. Elija el enlace u otra forma de envío.`,
    noGuestMail:
      'El portal no puede enviar por correo una invitación a un invitado. Elija otra forma de envío u otro rol.',
    mailNeedsAddress: 'Un correo necesita al menos una dirección. Escriba una o elija el enlace.',
    noteTooLong: 'La nota tiene más de 500 caracteres. Acórtela.',
  },
  run: {
    title: (n, one) => (one ? 'Invitación a una persona' : `Invitación a ${n} personas`),
    done: (n, all) => `${n} de ${all} completadas`,
    waiting: (until, reason) => `El portal pide esperar hasta las ${until}: ${reason}`,
    finished: 'Terminado.',
    interrupted:
      'Detenido. Envíe la misma lista otra vez para continuar; no se invita a nadie dos veces.',
    stopped: (reason) =>
      `Detenido: ${reason}. Envíe la misma lista otra vez para continuar; no se invita a nadie dos veces.`,
    download: 'Descargar todos los resultados con sus enlaces',
    results: 'Resultados',
    needing: 'Filas que requieren atención',
    row: 'Fila',
    result: 'Resultado',
    reason: 'Motivo',
    first: (n) => `Las primeras ${n} filas. El archivo descargado las contiene todas.`,
    again: 'Invitar a más personas',
    gone: 'Esta lista ya no se conserva. Las invitaciones figuran aquí.',
    failed:
      'Algo inesperado detuvo la operación: vea el log del servicio. Envíe la misma lista otra vez para continuar; no se invita a nadie dos veces.',
  },
  person: {
    name: 'Nombre',
    address: 'Dirección de correo',
    type: 'Rol',
    mode: 'Forma de envío',
    note: 'Nota',
    id: 'ID de la invitación',
    userId: 'ID en el portal',
    invitedAt: 'Invitación',
    registeredAt: 'Registro',
    activatedAt: 'Activación',
    welcomedAt: 'Bienvenida',
    absent: (at) => `dejó el portal el ${at}`,
    next: 'Próximo paso',
    timeline: 'Cronología',
    letters: 'Cartas',
    language: 'Idioma',
    attempts: 'Intentos de enviar la bienvenida',
    channel: 'Canal',
    started: 'Inicio',
    outcome: 'Resultado',
    underWay: 'en curso',
    outcomes: {
      sent: 'enviada',
      not_sent: 'no enviada',
      refused: 'rechazada',
      unknown: 'resultado desconocido',
    },
    welcome: 'Mensaje de bienvenida',
    preview: 'Mostrar el mensaje',
    wouldSend: (channel) => `Se enviaría ahora por el canal ${channel}.`,
    wouldNotSend: 'No se enviaría ahora:',
    subject: 'Asunto',
    from: 'De',
    to: 'Para',
    text: 'Versión de texto',
    letter: 'El mensaje tal como lo ve la persona',
    members: 'Personas registradas con este enlace',
    linkTitle: 'Enlace de invitación',
    linkWorks: (until) => `El enlace es válido hasta el ${until}.`,
    noInvitation: 'Esta persona no llegó por una invitación de este servicio.',
    seeInvitation: 'Mostrar la invitación',
    allMembers: (all) => `Mostrar todas (${all})`,
    portalLetter:
      'El portal envía su propio mensaje: el que da la bienvenida al administrador de un portal nuevo. Su texto no se puede cambiar aquí.',
    notSentState: (state, reason) => `el estado es «${state}»${reason && `: ${reason}`}`,
    notSentPaused: (reasons) => `los envíos están en pausa (${reasons})`,
    notSentRefused: 'todos los canales rechazaron a esta persona',
  },
  people: {
    title: 'Personas',
    who: 'Persona',
    state: 'Estado',
    reason: 'Motivo',
    none: 'Nadie coincide con este filtro.',
    all: 'todos',
    registered: 'Registro',
    searchHint: 'nombre o dirección, 3 caracteres o más',
    noneYet: 'Todavía no se ha registrado nadie.',
    ofInvitation: 'Solo las personas que llegaron por una invitación concreta.',
    reasonGroups: {
      person: 'Persona',
      portal: 'Portal',
      mail: 'Servidor de correo',
      service: 'Este servicio',
    },
  },
  health: {
    title: 'Servicio',
    parts: {
      store: 'Base de datos',
      worker: 'Procesamiento',
      portal: 'Portal',
      channel: 'Envíos',
      webhook: 'Webhook',
      events: 'Eventos',
      notices: 'Avisos',
    },
    levels: { ok: 'en orden', warning: 'aviso', wrong: 'error' },
    sending: 'Envíos',
    sends: 'Las bienvenidas se envían en cuanto corresponde.',
    since: (at) => `desde el ${at}`,
    until: (at) => `termina automáticamente el ${at}`,
    byHand: 'hasta que reanude los envíos',
    reconciliation: 'Conciliación',
    deliveries: 'Notificaciones del portal',
    answers: 'Respuestas desde el inicio',
    onlyUnreadable: 'Solo las ilegibles',
    allDeliveries: 'Todas',
    noDeliveries:
      'Todavía no hay notificaciones. Registre el webhook con: docspace-welcome webhook register',
    noUnreadable: 'Todas las notificaciones se pudieron leer.',
    received: 'Recepción',
    answer: 'Respuesta',
    trigger: 'Desencadenante',
    about: 'Usuario',
    repeats: (n) => `repetida: ${n} ×`,
    accepted: 'aceptada',
    unreadable: 'ilegible',
    duplicate: 'duplicada',
    ignored: 'ignorada',
    unsigned: 'sin firma',
    too_large: 'demasiado grande',
    unavailable: 'no disponible',
    pausedChannel: (channel) => `Canal ${channel}`,

    lastRun: (at) => `Última pasada completa: ${at}.`,
    noRun: 'Ninguna pasada completa desde el inicio.',
  },
  delivery: {
    title: (id) => `Notificación ${id}`,
    body: 'Contenido tal como llegó',
    forgotten: 'El contenido ya no se conserva, porque los datos de esta persona se borraron.',
    event: 'ID del evento',
    webhook: 'ID del webhook',
    created: 'Creada en el portal',
    shows: 'Cuenta',
    reason: 'Motivo',
  },
};
