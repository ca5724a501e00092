/*
 * How long people take, as counts in buckets whose bounds grow by a fixed ratio. The number of
 * buckets stays small for any number of members, and the error of a percentile is at most
 * `precision` (Masson, Rim, Lee: "DDSketch", VLDB 2019).
 */

export type DurationKind = 'invitation_to_activation' | 'activation_to_welcome';

/** The number of durations in each bucket. */
export type Histogram = readonly { readonly bucket: number; readonly count: number }[];

/** The relative error of a percentile. */
const precision = 0.02;
const ratio = (1 + precision) / (1 - precision);

/** @param ms a negative duration counts as 0, because a clock may have been set back */
export function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.ceil(Math.log(ms) / Math.log(ratio));
}

/**
 * Returns the duration (ms) that represents a bucket: within `precision` of every duration in it. The
 * durations up to 1 ms are represented by 1 ms.
 */
function middleOf(bucket: number): number {
  return bucket === 0 ? 1 : (2 * ratio ** bucket) / (ratio + 1);
}

export function countOf(histogram: Histogram): number {
  return histogram.reduce((sum, { count }) => sum + count, 0);
}

/**
 * Returns the duration that `share` (0 to 1) of the people did not exceed (nearest-rank method).
 * @returns ms; null if nothing was counted
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

/** The upper bounds of the spans in which a distribution is shown. The bound is not part of the span. */
const spanBoundsMs = [
  10 * secondMs,
  minuteMs,
  10 * minuteMs,
  hourMs,
  dayMs,
  7 * dayMs,
  Number.POSITIVE_INFINITY,
] as const;

/** @returns the number of durations in each span, in the order of `spanBoundsMs` */
export function countBySpan(histogram: Histogram): number[] {
  return spanBoundsMs.map((under, index) => {
    const from = spanBoundsMs[index - 1] ?? 0;
    const isInside = ({ bucket }: Histogram[number]) =>
      middleOf(bucket) >= from && middleOf(bucket) < under;
    return countOf(histogram.filter(isInside));
  });
}
