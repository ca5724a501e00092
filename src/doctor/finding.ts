/** What `doctor` examines, in the order of its output. */
export const subjects = [
  'configuration',
  'store',
  'portal',
  'key',
  'webhook',
  'channel',
  'pauses',
] as const;
export type Subject = (typeof subjects)[number];

/**
 * The result of one check. `check` is a stable name for programs. `seen`, `means` and `mend` are
 * texts for the person who has to act, and contain no secret.
 */
export type Finding = {
  readonly subject: Subject;
  readonly check: string;
  readonly seen: string;
} & (
  | { readonly level: 'ok' }
  | {
      readonly level: 'warning' | 'wrong';
      /** The effect of the problem. */
      readonly means: string;
      /** How to fix the problem, such as a command to run. */
      readonly mend: string;
    }
);

type Trouble = { readonly seen: string; readonly means: string; readonly mend: string };

/** Returns the functions that make the findings of one subject. */
export function findingsOf(subject: Subject) {
  return {
    ok: (check: string, seen: string): Finding => ({ subject, check, level: 'ok', seen }),
    warning: (check: string, trouble: Trouble): Finding => ({
      subject,
      check,
      level: 'warning',
      ...trouble,
    }),
    wrong: (check: string, trouble: Trouble): Finding => ({
      subject,
      check,
      level: 'wrong',
      ...trouble,
    }),
  };
}

/** Formats a number of bytes, such as `42 GB` or `1.5 MB`. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const amount = bytes / 1000 ** step;
  return `${amount < 10 && step > 0 ? amount.toFixed(1) : Math.round(amount)} ${units[step]}`;
}

/** Formats a duration, such as `40 s`, `12 min`, `3 h` or `5 days`. */
export function durationText(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800
    ? `${Math.round(seconds / 3_600)} h`
    : `${Math.round(seconds / 86_400)} days`;
}

/** Formats a time (UTC ms), such as `2026-11-23 14:03 UTC`. */
export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
