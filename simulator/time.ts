/**
 * A point in time as a portal keeps it, in UTC: `2026-08-20T10:15:42.1234567Z` while it is fresh in
 * memory, `2026-08-20T10:15:42Z` after the database has cut it. Stored moments sort correctly as text.
 */
export type Moment = string;

/** A time zone, given by its offsets. */
export type Zone = { offsetMs(epochMs: number): number };

const MINUTE_MS = 60_000;

/** @param name an IANA name such as `Asia/Taipei`; throws a RangeError for any other text */
export function zoneNamed(name: string): Zone {
  if (name === 'UTC') return { offsetMs: () => 0 };
  const format = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' });
  return {
    offsetMs(epochMs) {
      const parts = format.formatToParts(epochMs);
      const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
      const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(text) ?? [];
      const total = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE_MS;
      return sign === '-' ? -total : total;
    },
  };
}

/**
 * The moment of `epochMs` (UTC). It is fresh, so its fraction has seven digits, and the last digit is
 * never 0.
 */
export function momentAt(epochMs: number): Moment {
  const ms = Math.floor(epochMs);
  const finer = String((ms * 7_919) % 1_000).padStart(3, '0');
  return `${new Date(ms).toISOString().slice(0, 23)}${finer}${1 + (ms % 9)}Z`;
}

/** Converts back to ms UTC. Digits finer than a millisecond are lost. */
export function epochMs(moment: Moment): number {
  return Date.parse(`${moment.replace(/Z$/, '').slice(0, 23)}Z`);
}

/** The moment as the database keeps it, exact to the second (docs/docspace-wire.md 2.3). */
export function atRest(moment: Moment): Moment {
  return `${moment.slice(0, 19)}Z`;
}

export function isFresh(moment: Moment): boolean {
  return moment.includes('.');
}

/** The moment that is `ms` later. The fraction of the second stays. */
export function shifted(moment: Moment, ms: number): Moment {
  const seconds = Date.parse(`${moment.slice(0, 19)}Z`) + ms;
  return new Date(seconds).toISOString().slice(0, 19) + moment.slice(19);
}

/** A DateTime that was read from MySQL has no kind, so it is written without a zone. */
export function withoutZone(moment: Moment): string {
  return moment.slice(0, 19);
}

/** Formats an ApiDateTime: the portal's local time with seven digits of the fraction and the offset. */
export function apiDateTime(moment: Moment, zone: Zone): string {
  const offsetMs = zone.offsetMs(epochMs(moment));
  const local = shifted(moment, offsetMs);
  const digits = isFresh(local) ? local.slice(20, -1) : '0000000';
  return `${local.slice(0, 19)}.${digits}${offsetText(offsetMs, 'Z')}`;
}

/**
 * Formats a date of a webhook's configuration: the time of the portal's clock, marked with the server's
 * offset. It is the true time only if the two zones are the same (docs/docspace-wire.md 13.2, 35). A
 * fresh moment keeps its fraction.
 */
export function configurationDate(
  moment: Moment,
  zones: { readonly portal: Zone; readonly server: Zone },
): string {
  const at = epochMs(moment);
  const local = shifted(moment, zones.portal.offsetMs(at)).replace(/Z$/, '');
  return local + offsetText(zones.server.offsetMs(at), '+00:00');
}

/**
 * Formats a date of the journal. The portal treats the UTC time as its local time and converts it to UTC
 * once more.
 */
export function journalDate(moment: Moment, portal: Zone): string {
  return shifted(moment, -portal.offsetMs(epochMs(moment)));
}

function offsetText(offsetMs: number, forZero: string): string {
  if (offsetMs === 0) return forZero;
  const minutes = Math.abs(offsetMs) / MINUTE_MS;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/**
 * Reads a date of a request. A date without a zone is in the portal's local time (docs/docspace-wire.md
 * 3.2). Returns undefined if the text is not a date.
 */
export function readMoment(text: string, portal: Zone): Moment | undefined {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/i.test(text) && text.includes('T');
  const ms = Date.parse(hasZone ? text : `${text.includes('T') ? text : `${text}T00:00:00`}Z`);
  if (Number.isNaN(ms)) return undefined;
  return new Date(hasZone ? ms : ms - portal.offsetMs(ms)).toISOString().replace(/\.\d+Z$/, 'Z');
}
