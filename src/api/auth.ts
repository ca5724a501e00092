import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { type Clock, sleepUntil } from '../clock.ts';
import { answerProblem, problem } from '../http/problem.ts';
import type { Log } from '../log.ts';

/** The answer to a wrong token is delayed, so that guessing is slow. A right token is never delayed. */
const wrongTokenDelayMs = 250;
const logEveryMs = 60_000;

/** Creates the check of the admin token. Its duration says nothing about how similar a wrong token is. */
export function tokenCheck(adminToken: string): (given: string) => boolean {
  const right = digest(adminToken);
  // All digests have the same length, so the comparison takes the same time for every token.
  return (given) => timingSafeEqual(digest(given), right);
}

/** The places that ask for the admin token. */
export const tokenPlaces = ['api', 'dashboard'] as const;
export type TokenPlace = (typeof tokenPlaces)[number];

/** Counts wrong tokens for `/metrics`, and logs them at most once a minute. */
export type WrongTokens = { readonly note: (place: TokenPlace) => void };

/** @param options `count` is called for each wrong token */
export function createWrongTokens(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly count: (place: TokenPlace) => void;
}): WrongTokens {
  const { clock, log, count } = options;
  const unlogged: Record<TokenPlace, number> = { api: 0, dashboard: 0 };
  let isWaiting = false;

  function report(): void {
    isWaiting = false;
    const { api, dashboard } = unlogged;
    if (api + dashboard === 0) return;
    log.warn({ api, dashboard }, 'requests came with a wrong admin token');
    unlogged.api = 0;
    unlogged.dashboard = 0;
    isWaiting = true;
    clock.schedule(clock.now() + logEveryMs, report);
  }

  return {
    note(place) {
      count(place);
      unlogged[place] += 1;
      if (!isWaiting) report();
    },
  };
}

/** Lets only requests through that carry the admin token. It does not read their body. */
export function adminOnly(options: {
  readonly adminToken: string;
  readonly clock: Clock;
  readonly wrongTokens: WrongTokens;
}): MiddlewareHandler {
  const { clock, wrongTokens } = options;
  const isRight = tokenCheck(options.adminToken);
  return async (c, next) => {
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    if (isRight(given)) return next();
    if (given !== '') wrongTokens.note('api');
    await sleepUntil(clock, clock.now() + wrongTokenDelayMs);
    const detail = 'Send "Authorization: Bearer" with the ADMIN_TOKEN of this service';
    return answerProblem(c, problem('unauthorized', detail), { 'www-authenticate': 'Bearer' });
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
