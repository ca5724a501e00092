import { countBySpan, countOf, type Histogram, percentile } from '../domain/durations.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Names of the spans, in their order. */
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
 * A bar for each span of time that somebody took, and the median and the 90th percentile.
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
    `  half within ${inWords(median)}, nine of ten within ${inWords(slow)} (${countOf(histogram)} people)`,
    ...bars,
  ];
}

type Counted = readonly [name: string, count: number];

function withoutEmptyEnds(counts: readonly Counted[]): readonly Counted[] {
  const isTaken = ([, count]: Counted) => count > 0;
  return counts.slice(counts.findIndex(isTaken), counts.findLastIndex(isTaken) + 1);
}

function inWords(ms: number): string {
  if (ms < secondMs) return `${ms} ms`;
  if (ms < 2 * minuteMs) return `${(ms / secondMs).toFixed(ms < 10 * secondMs ? 1 : 0)} s`;
  if (ms < 2 * hourMs) return `${Math.round(ms / minuteMs)} min`;
  return ms < 2 * dayMs ? `${Math.round(ms / hourMs)} h` : `${(ms / dayMs).toFixed(1)} days`;
}
