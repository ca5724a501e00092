import type { Outcome } from './outcome.ts';

export type RateLimitOptions = {
  readonly perMinute?: number;
  readonly sensitivePer15Minutes?: number;
  readonly writesPerDay?: number;
};
export type RateLimits = ReturnType<typeof createRateLimits>;

const MINUTE_MS = 60_000;
const QUARTER_HOUR_MS = 15 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
const DEFAULT_SENSITIVE = 5;

/** The limiters of wire 10. Each returns the 429 with its headers and no body, or undefined. */
export function createRateLimits(input: {
  readonly options: RateLimitOptions;
  readonly now: () => number;
}) {
  const { options, now } = input;
  const acceptedAt = new Map<string, number[]>();
  const days = new Map<string, { day: number; count: number }>();

  const sliding = (bucket: string, limit: number, windowMs: number): Outcome | undefined => {
    const since = now() - windowMs;
    const times = acceptedAt.get(bucket) ?? [];
    acceptedAt.set(bucket, times);
    while ((times[0] ?? Number.POSITIVE_INFINITY) <= since) times.shift();
    if (times.length >= limit) return rejection(limit);
    times.push(now());
    return undefined;
  };

  const perDay = (bucket: string, limit: number): Outcome | undefined => {
    const day = Math.floor(now() / DAY_MS);
    const known = days.get(bucket);
    const count = known?.day === day ? known.count : 0;
    days.set(bucket, { day, count: count + 1 });
    if (count < limit) return undefined;
    const resetAt = (day + 1) * DAY_MS;
    return rejection(limit, {
      'X-RateLimit-Reset': String(Math.floor(resetAt / 1_000)),
      'Retry-After': String(Math.ceil((resetAt - now()) / 1_000)),
    });
  };

  return {
    /** Every request, by user id, or by address when anonymous. */
    general(request: { who: string; method: string }): Outcome | undefined {
      const { perMinute, writesPerDay } = options;
      if (perMinute !== undefined) {
        const over = sliding(`all ${request.who}`, perMinute, MINUTE_MS);
        if (over !== undefined) return over;
      }
      const writes = request.method === 'POST' || request.method === 'PUT';
      return writes && writesPerDay !== undefined ? perDay(request.who, writesPerDay) : undefined;
    },
    /** Per user AND path: each single retry has its own bucket (wire 7.7). */
    sensitive(request: { who: string; path: string }): Outcome | undefined {
      const limit = options.sensitivePer15Minutes ?? DEFAULT_SENSITIVE;
      return sliding(`${request.who} ${request.path}`, limit, QUARTER_HOUR_MS);
    },
  };
}

function rejection(limit: number, more: Readonly<Record<string, string>> = {}): Outcome {
  const headers = { 'X-RateLimit-Limit': String(limit), 'X-RateLimit-Remaining': '0', ...more };
  return { kind: 'empty', status: 429, headers };
}
