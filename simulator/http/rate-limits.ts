import type { Outcome } from './outcome.ts';

/**
 * The rate limits. A limit is off unless it is set, as in the usual configuration (docs/docspace-wire.md
 * 10).
 */
export type RateLimitOptions = {
  /**
   * The limit for all requests of one user in a minute. It is 1,500 on a real portal with the limiter
   * on.
   */
  readonly perMinute?: number;
  /**
   * The limit for the requests of one user to one path. It is 5 on a real portal with the limiter on.
   */
  readonly sensitivePer15Minutes?: number;
  /**
   * The limit for POST and PUT of one user in a day. It is 10,000 on a real portal with the limiter on.
   */
  readonly writesPerDay?: number;
  /** The limit for the e-mail invitations of the whole portal in a day. */
  readonly invitationsPerDay?: number;
};
export type RateLimits = ReturnType<typeof createRateLimits>;

const MINUTE_MS = 60_000;
const QUARTER_HOUR_MS = 15 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * The limiters of docs/docspace-wire.md 10. Each returns undefined if the request is allowed. Otherwise
 * it returns the answer: 429 with headers and without a body, or 500 if the store is lost.
 */
export function createRateLimits(input: {
  readonly options: RateLimitOptions;
  readonly now: () => number;
  readonly switches: { readonly limiterWithoutStore: boolean };
}) {
  const { options, now, switches } = input;
  const acceptedAt = new Map<string, number[]>();
  const days = new Map<string, { startedAt: number; count: number }>();

  const sliding = (bucket: string, limit: number, windowMs: number): Outcome | undefined => {
    const since = now() - windowMs;
    const times = acceptedAt.get(bucket) ?? [];
    acceptedAt.set(bucket, times);
    while ((times[0] ?? Number.POSITIVE_INFINITY) <= since) times.shift();
    if (times.length >= limit) return rejection(limit);
    times.push(now());
    return undefined;
  };

  /** The limit for one day, which begins with the first request. */
  const perDay = (bucket: string, limit: number, units: number): Outcome | undefined => {
    const known = days.get(bucket);
    const isOver = known === undefined || now() - known.startedAt >= DAY_MS;
    const day = isOver ? { startedAt: now(), count: 0 } : known;
    days.set(bucket, day);
    if (day.count + units <= limit) {
      day.count += units;
      return undefined;
    }
    // The server takes the permits one by one, so a refused request uses up the permits that were left.
    day.count = limit;
    const resetAt = day.startedAt + DAY_MS;
    return rejection(limit, {
      'X-RateLimit-Reset': String(Math.floor(resetAt / 1_000)),
      'Retry-After': String(Math.ceil((resetAt - now()) / 1_000)),
    });
  };

  return {
    /** Limits every request by user id, or by IP address if the caller is anonymous. */
    general(request: { who: string; method: string }): Outcome | undefined {
      if (switches.limiterWithoutStore) return WITHOUT_STORE;
      const { perMinute, writesPerDay } = options;
      if (perMinute !== undefined) {
        const over = sliding(`all ${request.who}`, perMinute, MINUTE_MS);
        if (over !== undefined) return over;
      }
      const isWrite = request.method === 'POST' || request.method === 'PUT';
      return isWrite && writesPerDay !== undefined
        ? perDay(request.who, writesPerDay, 1)
        : undefined;
    },
    /**
     * Limits by user and path. The retry of each journal row has its own path (docs/docspace-wire.md
     * 7.7).
     */
    sensitive(request: { who: string; path: string }): Outcome | undefined {
      const limit = options.sensitivePer15Minutes;
      if (limit === undefined) return undefined;
      return sliding(`${request.who} ${request.path}`, limit, QUARTER_HOUR_MS);
    },
    /** Uses one unit of the daily limit for each e-mail address of POST people/invite. */
    invitations(count: number): Outcome | undefined {
      const limit = options.invitationsPerDay;
      return limit === undefined ? undefined : perDay('invitations', limit, count);
    },
  };
}

// The message of the library, without the names of its queues (docs/docspace-wire.md 13.2, 33).
const WITHOUT_STORE: Outcome = {
  kind: 'fault',
  fault: 'redis',
  message:
    'The message timed out in the backlog attempting to send because no connection became available (1000ms)',
  early: true,
};

function rejection(limit: number, more: Readonly<Record<string, string>> = {}): Outcome {
  const headers = { 'X-RateLimit-Limit': String(limit), 'X-RateLimit-Remaining': '0', ...more };
  return { kind: 'empty', status: 429, headers };
}
