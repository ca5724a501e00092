import type { Language } from '../messages/render.ts';

/** How numbers, times and spans of time are written for one viewer. */
export type Formats = {
  readonly number: (value: number) => string;
  /** @param value 0 to 1 */
  readonly share: (value: number) => string;
  /** Day and time in the viewer's zone. The year is added if `at` is far from now. @param at UTC ms */
  readonly moment: (at: number, now: number) => string;
  /** The date, the time to the second, and the zone, for the `title` of an element. */
  readonly exact: (at: number) => string;
  /** The time of the day, to the second. */
  readonly second: (at: number) => string;
  readonly day: (at: number) => string;
  /** `2026-11-27`: the day of a moment in the viewer's zone. */
  readonly dayKey: (at: number) => string;
  readonly duration: (ms: number) => string;
};

/** A time that is nearer to now than this is clear without the year. */
const halfYearMs = 182 * 24 * 3_600_000;

const made = new Map<string, Formats>();
/** Makes the formats once for each language and zone. Every zone comes from `knownZone`. */
export function formatsFor(language: Language, zone: string): Formats {
  const key = `${language} ${zone}`;
  const formats = made.get(key) ?? makeFormats(language, zone);
  made.set(key, formats);
  return formats;
}

/** @returns the zone if this machine knows it, else UTC */
export function knownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    // With these arguments, an unknown zone is the only possible fault.
    return 'UTC';
  }
}

function makeFormats(language: Language, timeZone: string): Formats {
  // British English writes the day before the month and uses the 24-hour clock, as most countries do.
  const locale = language === 'en' ? 'en-GB' : language;
  const number = new Intl.NumberFormat(locale);
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const minute = {
    timeZone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  } as const;
  const moment = new Intl.DateTimeFormat(locale, minute);
  const longAgo = new Intl.DateTimeFormat(locale, { ...minute, year: 'numeric' });
  const exact = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'full', timeStyle: 'long' });
  const second = new Intl.DateTimeFormat(locale, { timeZone, timeStyle: 'medium' });
  const day = new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'short' });
  const dayKey = new Intl.DateTimeFormat('sv-SE', { timeZone });
  const unit = (name: string) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: 1,
    });
  const units = {
    millisecond: unit('millisecond'),
    second: unit('second'),
    minute: unit('minute'),
    hour: unit('hour'),
    day: unit('day'),
  };

  function duration(ms: number): string {
    const seconds = ms / 1_000;
    if (seconds < 1) return units.millisecond.format(Math.round(ms));
    if (seconds < 10) return units.second.format(seconds);
    if (seconds < 120) return units.second.format(Math.round(seconds));
    if (seconds < 2 * 3_600) return units.minute.format(Math.round(seconds / 60));
    if (seconds < 48 * 3_600) return units.hour.format(Math.round(seconds / 3_600));
    return units.day.format(seconds / 86_400);
  }

  return {
    number: (value) => number.format(value),
    share: (value) => share.format(value),
    moment: (at, now) => (Math.abs(now - at) < halfYearMs ? moment : longAgo).format(at),
    exact: (at) => exact.format(at),
    second: (at) => second.format(at),
    day: (at) => day.format(at),
    dayKey: (at) => dayKey.format(at),
    duration,
  };
}
