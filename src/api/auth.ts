import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { type Clock, sleepUntil } from '../clock.ts';
import { answerProblem, problem } from '../http/problem.ts';
import type { Log } from '../log.ts';

/** A wrong token is answered this much later, so that guessing is slow; a right one never waits. */
const wrongTokenDelayMs = 250;
const logEveryMs = 60_000;

/** @returns whether a given token is the admin token, in a time that does not tell how near it is */
export function tokenCheck(adminToken: string): (given: string) => boolean {
  const right = digest(adminToken);
  // Digests have one length, so that the comparison takes the same time for every token.
  return (given) => timingSafeEqual(digest(given), right);
}

/** Where a token is asked for. */
export const tokenPlaces = ['api', 'dashboard'] as const;
export type TokenPlace = (typeof tokenPlaces)[number];

/** Leaves a trace of wrong tokens: a figure for `/metrics` and at most one log line a minute. */
export type WrongTokens = { readonly note: (place: TokenPlace) => void };

/** @param count told of each wrong token */
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

/** Lets only requests through that carry the admin token. Their body is not read before. */
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
