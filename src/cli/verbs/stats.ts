import { reasonView, timeView } from '../../api/schemas.ts';
import { countsView, durationsView, restoredView } from '../../api/stats.ts';
import { countBySpan, countOf, type Histogram, percentile } from '../../domain/durations.ts';
import { reasonText } from '../../messages/render.ts';
import type { Restored } from '../../store/store.ts';
import { table } from '../layout.ts';
import { printable, printJson, style, type Terminal } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withReads } from '../verb.ts';

/** `stats`: prints members by state, invitations by status, how long people take, and what is paused. */
export function stats(context: VerbContext): Promise<ExitCode> {
  const { terminal } = context;
  return withReads(context, async (reads) => {
    const view = countsView(await reads.counts(Date.now()));
    const durations = await reads.durations();
    const pauses = await reads.pauses();
    const restored = await reads.restored();
    if (context.json) {
      printJson(terminal, {
        ...view,
        durations: durationsView(durations),
        pauses: pauses.map(({ name, reason, since }) => ({
          name,
          reason: reasonView(reason, 'en'),
          since: timeView(since),
        })),
        restored: restoredView(restored),
      });
      return exitCodes.done;
    }
    printCounts(terminal, 'INVITATIONS', view.invitations);
    terminal.print('');
    printCounts(terminal, 'MEMBERS', view.members);
    if (view.otherType > 0) {
      terminal.print(`  ${view.otherType} of them have another role than they were invited for`);
    }
    const { refused, unknown } = view.letters;
    if (refused + unknown > 0) {
      terminal.print('');
      printCounts(terminal, 'LETTERS THAT NEED ATTENTION', view.letters);
    }
    for (const [heading, histogram] of [
      ['FROM INVITATION TO ACTIVATION', durations.invitation_to_activation],
      ['FROM ACTIVATION TO WELCOME', durations.activation_to_welcome],
    ] as const) {
      terminal.print('');
      terminal.print(style('bold', heading));
      for (const line of durationsChart(histogram, terminal.columns)) terminal.print(line);
    }
    for (const { reason } of pauses) {
      terminal.print(style('yellow', `paused: ${reasonText(reason)}`));
    }
    if (restored) for (const line of restoredLines(restored)) terminal.print(line);
    return exitCodes.done;
  });
}

function printCounts(
  terminal: Terminal,
  heading: string,
  counts: Readonly<Record<string, number>>,
): void {
  terminal.print(style('bold', heading));
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  if (entries.length === 0) terminal.print('  none');
  const rows = entries.map(([name, count]) => [`  ${name}`, String(count)]);
  for (const line of table(rows, terminal.columns)) terminal.print(line);
}

/** How many people are listed; `stats --json` lists up to a thousand. */
const mostNamed = 20;

function restoredLines({ copiedAt, members, count, notYetActive }: Restored): string[] {
  const named = members.slice(0, mostNamed);
  const others = count - named.length;
  return [
    `This database is a copy made at ${new Date(copiedAt).toISOString()}. It has no welcome for these ${count} active members, who may have been welcomed later:`,
    ...named.map(({ email, userId, state }) => `  ${printable(email ?? userId)}  ${state}`),
    ...(others > 0 ? [`  and ${others} more: stats --json`] : []),
    `${notYetActive} more were not active yet. They join this list when they become active.`,
    'Nothing is sent until "resume", which sends to all of them.',
  ];
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The names of the time spans, shortest first. */
const spanNames = [
  'under 10 s',
  '10–60 s',
  '1–10 min',
  '10–60 min',
  '1–24 h',
  '1–7 days',
  'longer',
] as const;

/**
 * Returns the lines of a chart: the median and the 90th percentile, then a bar for each span of time.
 * @param columns characters in a line
 */
export function durationsChart(histogram: Histogram, columns: number): string[] {
  const median = percentile(histogram, 0.5);
  const slow = percentile(histogram, 0.9);
  if (median === null || slow === null) return ['  nobody yet'];
  const bySpan = countBySpan(histogram);
  const counts = spanNames.map((name, index): Counted => [name, bySpan[index] ?? 0]);
  const most = Math.max(...counts.map(([, count]) => count));
  const digits = String(most).length;
  const widest = Math.max(1, Math.min(40, columns - 18 - digits));
  const bars = withoutEmptyEnds(counts).map(([name, count]) => {
    const length = count === 0 ? 0 : Math.max(1, Math.round((count / most) * widest));
    return `  ${name.padEnd(11)} ${String(count).padStart(digits)}  ${'█'.repeat(length)}`.trimEnd();
  });
  return [
    `  half within ${durationText(median)}, nine of ten within ${durationText(slow)} (${countOf(histogram)} people)`,
    ...bars,
  ];
}

type Counted = readonly [name: string, count: number];

function withoutEmptyEnds(counts: readonly Counted[]): readonly Counted[] {
  const isTaken = ([, count]: Counted) => count > 0;
  return counts.slice(counts.findIndex(isTaken), counts.findLastIndex(isTaken) + 1);
}

function durationText(ms: number): string {
  if (ms < secondMs) return `${ms} ms`;
  if (ms < 2 * minuteMs) return `${(ms / secondMs).toFixed(ms < 10 * secondMs ? 1 : 0)} s`;
  if (ms < 2 * hourMs) return `${Math.round(ms / minuteMs)} min`;
  return ms < 2 * dayMs ? `${Math.round(ms / hourMs)} h` : `${(ms / dayMs).toFixed(1)} days`;
}
