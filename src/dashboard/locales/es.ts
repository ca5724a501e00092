import type { InvitationStatus } from '../../domain/invitation.ts';
import type { MemberState } from '../../domain/member.ts';
import type { EmployeeType, InvitationMode } from '../../domain/vocabulary.ts';
import type { RowResult } from '../../invitations/import/row-result.ts';
import type { Phrases } from './en.ts';
import { esPages } from './es-pages.ts';

const statuses: Readonly<Record<InvitationStatus, string>> = {
  issuing: 'en creación',
  issued: 'emitida',
  open: 'abierta',
  registered: 'registro hecho',
  activated: 'cuenta activa',
  welcomed: 'con bienvenida',
  failed: 'con error',
  revoked: 'retirada',
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
  waiting: 'persona conocida, cuenta aún no activa',
  ready: 'cuenta activa, bienvenida por enviar',
  sending: 'la bienvenida está en camino',
  welcomed: 'recibió su única bienvenida',
  skipped: 'ajena a este servicio, con el motivo',
  gone: 'dejó el portal antes de la bienvenida',
  failed: 'la bienvenida fue rechazada para esta persona',
  unknown: 'nadie sabe si la bienvenida llegó',
};

const types: Readonly<Record<EmployeeType, string>> = {
  Guest: 'Invitado',
  User: 'Usuario',
  RoomAdmin: 'Admin. sala',
  DocSpaceAdmin: 'Admin. DocSpace',
};

const modes: Readonly<Record<InvitationMode, string>> = { link: 'enlace', email: 'correo' };

const rowResults: Readonly<Record<RowResult['result'], string>> = {
  invited: 'invitación emitida',
  'already invited': 'invitación ya emitida',
  'already a user': 'ya en el portal',
  disabled: 'cuenta desactivada',
  'duplicate in the file': 'duplicada',
  'not valid': 'no válida',
  refused: 'rechazo del portal',
  failed: 'con error',
  'not reached': 'no tramitada',
};

export const es: Phrases = {
  language: 'Español',
  words: { statuses, states, stateMeanings, types, modes, rowResults },
  frame: {
    skip: 'Ir al contenido',
    overview: 'Resumen',
    invitations: 'Invitaciones',
    invite: 'Invitar',
    health: 'Servicio',
    signOut: 'Cerrar sesión',
    timesIn: (zone) => `Horas en la zona ${zone}.`,
    updated: 'Actualización:',
    live: 'Esta página se actualiza sola.',
    stopLive: 'Detener la actualización',
    goOnLive: 'Reanudar la actualización',
    lost: 'El servicio no responde. Lo que ve puede no estar al día.',
    languages: 'Idioma',
    documentation: 'HTTP API',
  },
  signIn: {
    title: 'Inicio de sesión',
    intro:
      'El historial de invitaciones de su portal: a quién se invitó, quién llegó y quién recibió la bienvenida.',
    token: 'Token de administración',
    hint: 'El valor de ADMIN_TOKEN en la configuración de este servicio.',
    button: 'Iniciar sesión',
    wrong: 'Este no es el token de administración.',
  },
  common: {
    nobody: 'Nadie.',
    none: 'Ninguna entrada.',
    show: 'Mostrar',
    openLink: 'Enlace abierto',
    figures: 'Las cifras',
    older: 'Anteriores',
    newest: 'Volver a las más recientes',
    copy: 'Copiar enlace',
    copied: 'Copiado',
    notFound: 'Esta página no existe aquí.',
    notFoundHint: 'Puede que se haya movido o que la dirección esté incompleta.',
    failed: 'Algo ha fallado aquí.',
    failedHint: 'No se ha cambiado nada. Los logs del servicio indican qué ha ocurrido.',
    noForm: 'Este formulario no ha llegado completo.',
    noFormHint: 'Abra de nuevo la página aquí y vuelva a enviar el formulario.',
    crossSite: 'Este formulario no procede de este sitio.',
    crossSiteHint: 'Abra de nuevo la página aquí y envíe el formulario desde ella.',
    tooLarge: 'Es más de lo que se puede enviar de una vez.',
    tooLargeHint: 'Envíelo en varias partes: nunca se invita dos veces a la misma persona.',
    storeDown: 'La base de datos no se puede usar en este momento.',
    storeDownHint:
      'No se ha cambiado nada. Inténtelo de nuevo en un momento; en «Servicio» se indica qué falla.',
  },
  overview: {
    title: 'Resumen',
    needs: 'Requiere su atención',
    nothing: 'Nada requiere su atención.',
    unknown: (n, one) =>
      one
        ? 'Una bienvenida puede haber llegado o no. Pregunte a la persona y aclárelo aquí.'
        : `${n} bienvenidas pueden haber llegado o no. Pregunte a las personas y aclárelo aquí.`,
    settle: 'Aclarar',
    failed: (n, one) =>
      one ? 'Una bienvenida fue rechazada.' : `${n} bienvenidas fueron rechazadas.`,
    see: 'Ver quién',
    cameByUs: (n, one) =>
      one
        ? 'Una persona llegó por una invitación de esta cuenta con una dirección que nadie invitó.'
        : `${n} personas llegaron por una invitación de esta cuenta con direcciones que nadie invitó.`,
    paused: 'Los envíos están en pausa:',
    look: 'Ver',
    funnel: 'De la invitación a la bienvenida',
    funnelSteps: {
      issued: 'Invitación emitida',
      registered: 'Registro hecho',
      activated: 'Cuenta activa',
      welcomed: 'Con bienvenida',
    },
    funnelNote: 'Invitaciones a una sola persona y hasta dónde han llegado.',
    funnelEmpty: 'Todavía no hay invitaciones.',
    inviteFirst: 'Invitar a alguien',
    byOpenLink: (came, welcomed) =>
      `Llegadas por enlaces abiertos: ${came}; con bienvenida: ${welcomed}.`,
    expired: (n, one) =>
      one ? 'Una invitación caducó sin registro.' : `${n} invitaciones caducaron sin registro.`,
    apart: 'No incluidas aquí:',
    days: 'Día a día',
    range: 'Período',
    lastDays: (n) => `${n} días`,
    kinds: { invited: 'Invitaciones', activated: 'Activaciones', welcomed: 'Bienvenidas' },
    daysLabel: (kind, total, days) => `${kind}: ${total} en los últimos ${days} días`,
    most: (n, day) => `máximo el ${day}: ${n}`,
    day: 'Día',
    toActivation: 'De la invitación a la activación',
    toWelcome: 'De la activación a la bienvenida',
    half: (half, nine) =>
      `La mitad, en ${half} como máximo; nueve de cada diez, en ${nine} como máximo.`,
    noDurations: 'Nadie ha llegado todavía a este punto.',
    span: 'Tiempo',
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
    balance: 'Cada persona, en un solo estado',
    balanceNote:
      'Todas las personas del portal que sigue este servicio. La suma de los estados da el total.',
    state: 'Estado',
    means: 'Significado',
    total: 'Total',
  },
  next: {
    issuing: 'Se está consultando al portal.',
    issuedLink: 'Entregue el enlace: la persona lo abre y se registra.',
    issuedEmail: 'La persona abre el correo del portal y se registra.',
    open: 'Cualquiera que tenga el enlace puede registrarse.',
    registered: 'La persona se ha registrado y aún no ha confirmado su dirección.',
    welcomed: 'La persona llegó y recibió la bienvenida. No queda nada por hacer.',
    failedInvitation: 'Vuelva a invitar cuando se haya corregido la causa.',
    revoked: 'La invitación se retiró. El propio portal no puede anular un enlace.',
    expired: 'Vuelva a invitar: el enlace ya no se abre. Quien llegue tarde cuenta igualmente.',
    waiting: (when) =>
      `La cuenta aún no está activa. Próxima comprobación el ${when}, o en cuanto el portal avise de algo.`,
    waitingNow: 'Se está preguntando al portal si la cuenta está activa.',
    ready: 'La bienvenida sale en cuanto los envíos no estén retenidos.',
    sending: 'La bienvenida se está enviando en este momento.',
    skipped: 'No se envía nada, salvo que usted lo indique.',
    gone: 'La persona dejó el portal. Si vuelve, se comprobará de nuevo.',
    failed: 'La bienvenida fue rechazada. Corrija la causa y vuelva a intentarlo.',
    unknown: 'Pregunte a la persona si llegó y aclárelo aquí.',
  },
  actions: {
    resend: 'Enviar de nuevo',
    resendLink: 'Obtener otro enlace',
    resendSays:
      'El portal envía la invitación por correo una vez más. Cuenta para su límite diario.',
    resendLinkSays:
      'El portal crea otro enlace para la misma invitación. El anterior sigue valiendo hasta que caduque.',
    revoke: 'Retirar',
    revokeSays:
      'La invitación se cierra aquí, y quien llegue por ella no recibe la bienvenida. El portal no puede anular el enlace: se sigue abriendo hasta que caduque.',
    revokeYes: 'Retirar la invitación',
    look: 'Comprobar ahora',
    lookSays:
      'Se pregunta al portal por esta persona de inmediato. No se envía nada si su cuenta no está activa.',
    retry: 'Reintentar',
    retrySays:
      'Se pregunta al portal por esta persona y, si su cuenta está activa, la bienvenida se envía de nuevo.',
    retrySkipped: 'Dar la bienvenida igualmente',
    retrySkippedSays:
      'Esta persona pasa a contarse entre las suyas: en cuanto su cuenta esté activa, recibe la bienvenida.',
    resolveSent: 'Llegó',
    resolveSentSays: 'La bienvenida cuenta como enviada. A esta persona no se le envía nada más.',
    resolveRetry: 'No llegó',
    resolveRetrySays:
      'La bienvenida se envía de nuevo. Si la primera llegó pese a todo, la persona la recibe dos veces.',
    retryFailed: 'Reintentar todas',
    retryFailedSays:
      'Se comprueba cada persona y, si su cuenta está activa, se le envía la bienvenida de nuevo.',
    reconcile: 'Conciliar ahora',
    reconcileSays:
      'Una pasada completa: todo lo que sabe el portal se compara con este historial. No se envía nada que no se fuera a enviar de todos modos.',
    pause: 'Pausar los envíos',
    pauseSays:
      'No sale ninguna bienvenida hasta que reanude los envíos. Las invitaciones y las notificaciones continúan.',
    resume: 'Reanudar los envíos',
    resumeSays:
      'Se levantan todas las pausas, se concede una hora nueva y lo pendiente se envía de inmediato.',
    replay: 'Leer de nuevo',
    replaySays: 'La notificación se lee otra vez, como si acabara de llegar.',
    yes: 'Confirmar',
  },
  done: {
    resent: 'Enviada de nuevo.',
    freshLink: 'Ya hay otro enlace.',
    revoked: 'Invitación retirada. El enlace se sigue abriendo en el portal hasta que caduque.',
    retried: 'Comprobación en curso.',
    resolvedSent: 'Aclarado: la bienvenida cuenta como enviada.',
    resolvedRetry: 'Aclarado: la bienvenida se envía de nuevo.',
    retriedAll: (n) => `Personas en comprobación: ${n}.`,
    reconciled: (looked, found) =>
      `Personas y entradas comprobadas: ${looked}; por seguir: ${found}.`,
    interrupted: (reason) => `La pasada terminó antes de tiempo: ${reason}. La próxima continúa.`,
    paused: 'Los envíos están en pausa.',
    resumed: 'Los envíos continúan.',
    replayed: 'La notificación se leyó de nuevo.',
  },
  ...esPages,
};
