/**
 * A point in time as a portal writes it: `2026-08-20T10:15:42Z`, with up to seven fractional
 * digits while it is fresh in memory. Moments at rest sort as text.
 */
export type Moment = string;

/** The moment of `epochMs` (UTC), trailing zeros of the fraction cut (wire 7.5). */
export function momentAt(epochMs: number): Moment {
  return new Date(epochMs).toISOString().replace(/\.?0+Z$/, 'Z');
}

/** Back to ms UTC; what is finer than a millisecond is lost. */
export function epochMs(moment: Moment): number {
  return Date.parse(`${moment.replace(/Z$/, '').slice(0, 23)}Z`);
}

/** As the database keeps it: one-second precision (wire 2.3). */
export function atRest(moment: Moment): Moment {
  return `${moment.slice(0, 19)}Z`;
}

/** A plain DateTime read from MySQL has no kind, so it is printed without a zone (wire 2.3). */
export function withoutZone(moment: Moment): string {
  return moment.slice(0, 19);
}

/** ApiDateTime: always seven digits; the portal's zone is UTC, hence `Z` (wire 2.3). */
export function apiDateTime(moment: Moment): string {
  return `${moment.slice(0, 19)}.0000000Z`;
}

/** Printed with the server's local offset, which is zero here (wire 2.3, webhook config DTO). */
export function withOffset(moment: Moment): string {
  return `${moment.slice(0, 19)}+00:00`;
}

/**
 * Reads a date of a request; without a zone it is portal-local, that is UTC here (wire 3.2).
 * Returns undefined when it is not a date.
 */
export function readMoment(text: string): Moment | undefined {
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text) || !text.includes('T') ? text : `${text}Z`;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? undefined : momentAt(ms);
}
