/* Days in the viewer's time zone. A day is not always 24 hours long. Times are UTC ms. */

/** Names the day of a moment in the viewer's zone, such as `2026-11-27`. */
export type DayKey = (at: number) => string;

/** In every time zone, a day begins at a multiple of 15 minutes in UTC. */
const quarterMs = 15 * 60_000;
const dayMs = 24 * 3_600_000;

/** @returns the start of the day of this moment */
export function startOfDay(at: number, dayKey: DayKey): number {
  const key = dayKey(at);
  let start = at - (at % quarterMs);
  // If noon (UTC) of the day before is in the same day of the viewer, start there to save steps.
  const near = start - (start % dayMs) - dayMs / 2;
  if (dayKey(near) === key) start = near;
  while (dayKey(start - quarterMs) === key) start -= quarterMs;
  return start;
}

/** The start times of the last days, oldest first. @param days how many days, including today */
export function startsOfDays(now: number, days: number, dayKey: DayKey): number[] {
  const starts: number[] = [];
  let start = startOfDay(now, dayKey);
  while (starts.length < days) {
    starts.unshift(start);
    start = dayBefore(start, dayKey);
  }
  return starts;
}

/** The start of the day before: one day back, corrected by quarter hours if the clocks were changed. */
function dayBefore(start: number, dayKey: DayKey): number {
  const key = dayKey(start - quarterMs);
  let before = start - dayMs;
  while (dayKey(before) !== key) before += quarterMs;
  while (dayKey(before - quarterMs) === key) before -= quarterMs;
  return before;
}

/**
 * Finds the bounds of a day in the viewer's zone.
 * @param day in the form that a date field has, such as `2026-11-27`
 * @returns the start of the day and the start of the next day; null if the calendar has no such day
 */
export function boundsOfDay(
  day: string,
  dayKey: DayKey,
): { readonly from: number; readonly until: number } | null {
  const noon = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T12:00:00Z`) : Number.NaN;
  if (Number.isNaN(noon)) return null;
  const within = [noon, noon - dayMs / 2, noon + dayMs / 2].find((at) => dayKey(at) === day);
  if (within === undefined) return null;
  const from = startOfDay(within, dayKey);
  const next = startOfDay(from + dayMs + dayMs / 2, dayKey);
  return { from, until: next };
}
