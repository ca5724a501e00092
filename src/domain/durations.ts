/*
 * How long people take, as counts in buckets whose bounds grow by a fixed ratio: a million members
 * cost a few hundred rows, and a percentile is off by `precision` at most, whatever its size
 * (the sketch of Masson, Rim, Lee: "DDSketch", VLDB 2019).
 */

export const durationKinds = ['invitation_to_activation', 'activation_to_welcome'] as const;
export type DurationKind = (typeof durationKinds)[number];

/** How many durations fell into each bucket. */
export type Histogram = readonly { readonly bucket: number; readonly count: number }[];

/** Relative error of a percentile; the design allows 5 %. */
const precision = 0.02;
const ratio = (1 + precision) / (1 - precision);

/** @param ms a negative one counts as none: clocks are set back */
export function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.ceil(Math.log(ms) / Math.log(ratio));
}

/** What stands for a bucket, in ms: within `precision` of everything in it. */
function middleOf(bucket: number): number {
  return bucket === 0 ? 1 : (2 * ratio ** bucket) / (ratio + 1);
}

export function countOf(histogram: Histogram): number {
  return histogram.reduce((sum, { count }) => sum + count, 0);
}

/**
 * The duration that `share` (0 to 1) of the people did not exceed, by the nearest rank.
 * @returns ms; null where nothing was counted
 */
export function percentile(histogram: Histogram, share: number): number | null {
  const rank = Math.max(1, Math.ceil(countOf(histogram) * share));
  let seen = 0;
  for (const { bucket, count } of histogram.toSorted((a, b) => a.bucket - b.bucket)) {
    seen += count;
    if (seen >= rank) return Math.round(middleOf(bucket));
  }
  return null;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The spans that a distribution is shown in, each up to and without its bound, in ms. */
const spanBoundsMs = [
  10 * secondMs,
  minuteMs,
  10 * minuteMs,
  hourMs,
  dayMs,
  7 * dayMs,
  Number.POSITIVE_INFINITY,
] as const;

/** @returns how many durations fell into each span, in the order of `spanBoundsMs` */
export function countBySpan(histogram: Histogram): number[] {
  return spanBoundsMs.map((under, index) => {
    const from = spanBoundsMs[index - 1] ?? 0;
    const isInside = ({ bucket }: Histogram[number]) =>
      middleOf(bucket) >= from && middleOf(bucket) < under;
    return countOf(histogram.filter(isInside));
  });
}
