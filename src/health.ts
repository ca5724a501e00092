/** The parts that `/readyz` reports. */
export const healthParts = [
  'store',
  'worker',
  'portal',
  'channel',
  'webhook',
  'events',
  'notices',
] as const;
type HealthPart = (typeof healthParts)[number];

/** What a part reports about itself; the sentences are in `src/messages`. */
export const healthCodes = [
  'starting',
  'writable',
  'database_not_writable',
  'database_damaged',
  'database_moved',
  'database_clock_differs',
  'stopping',
  'working',
  'task_failed',
  'check_failed',
  'clock_differs',
  'not_asked_yet',
  'answers',
  'portal_unavailable',
  'portal_refused_a_run',
  'key_rejected',
  'key_expires_soon',
  'ready',
  'paused_restored',
  'paused_account_used',
  'paused_hourly',
  'paused_operator',
  'all_channels_paused',
  'one_channel_paused',
  'key_not_signed',
  'no_delivery_yet',
  'deliveries_arrive',
  'signature_wrong',
  'webhook_registered',
  'webhook_waiting',
  'webhook_of_other_account',
  'webhook_missing',
  'webhook_disabled',
  'webhook_moved',
  'webhook_triggers',
  'webhook_ssl',
  'events_off',
  'events_on',
  'events_failing',
  'events_paused',
  'notices_off',
  'notices_on',
  'notice_not_sent',
  'notice_unknown',
] as const;
export type HealthCode = (typeof healthCodes)[number];

export type HealthLevel = 'ok' | 'warning' | 'wrong';
type Finding = { readonly level: HealthLevel; readonly code: HealthCode };
export type HealthReport = Readonly<Record<HealthPart, Finding>>;

/** Holds the last report of each part. */
export type Health = {
  readonly report: () => HealthReport;
  readonly set: (part: HealthPart, level: HealthLevel, code: HealthCode) => void;
  /** Turns `ok` into a warning: the part works, but a person should act. Null ends the warning. */
  readonly note: (part: HealthPart, code: HealthCode | null) => void;
  /** Sets `wrong` until the process ends, whatever is reported later, because a person has to act. */
  readonly condemn: (part: HealthPart, code: HealthCode) => void;
};

export function createHealth(): Health {
  let report: HealthReport = {
    store: { level: 'wrong', code: 'starting' },
    worker: { level: 'wrong', code: 'starting' },
    portal: { level: 'warning', code: 'not_asked_yet' },
    channel: { level: 'ok', code: 'ready' },
    webhook: { level: 'warning', code: 'no_delivery_yet' },
    events: { level: 'ok', code: 'events_off' },
    notices: { level: 'ok', code: 'notices_off' },
  };
  const condemned = new Set<HealthPart>();
  const notes = new Map<HealthPart, HealthCode>();

  function withNotes(): HealthReport {
    let noted = report;
    for (const [part, code] of notes) {
      if (report[part].level === 'ok') noted = { ...noted, [part]: { level: 'warning', code } };
    }
    return noted;
  }

  return {
    report: withNotes,
    note(part, code) {
      if (code === null) notes.delete(part);
      else notes.set(part, code);
    },
    set(part, level, code) {
      if (!condemned.has(part)) report = { ...report, [part]: { level, code } };
    },
    condemn(part, code) {
      report = { ...report, [part]: { level: 'wrong', code } };
      condemned.add(part);
    },
  };
}
