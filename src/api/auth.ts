import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { type Clock, sleepUntil } from '../clock.ts';
import type { Actor } from '../domain/timeline.ts';
import { answerProblem, problem } from '../http/problem.ts';
import type { Log } from '../log.ts';
import { actorText } from '../messages/render.ts';
import { actorOf, type Caller, type Tokens } from '../operations/tokens.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** Set by `authorize`. */
    caller: Caller;
  }
}

/**
 * How long the answer to a missing or wrong token is delayed, so that guessing is slow. A right token is
 * never delayed.
 */
const wrongTokenDelayMs = 250;
const logEveryMs = 60_000;

/** The places that ask for a token. */
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
    log.warn({ api, dashboard }, 'requests came with a wrong or revoked token');
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

/**
 * Lets a request through only if it has a valid token. A token with the role `viewer` is valid only for
 * GET and HEAD. The body of the request is not read here.
 */
export function authorize(options: {
  readonly tokens: Pick<Tokens, 'callerOf'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly wrongTokens: WrongTokens;
}): MiddlewareHandler {
  const { tokens, clock, log, wrongTokens } = options;
  return async (c, next) => {
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    const caller = await tokens.callerOf(given);
    if (caller === null) {
      if (given !== '') wrongTokens.note('api');
      await sleepUntil(clock, clock.now() + wrongTokenDelayMs);
      const detail =
        'Send "Authorization: Bearer" with the ADMIN_TOKEN of this service, or with a token of "token add"';
      return answerProblem(c, problem('unauthorized', detail), { 'www-authenticate': 'Bearer' });
    }
    c.set('caller', caller);
    if (isRead(c)) return next();
    if (caller.role === 'viewer') return answerReadOnly(c, caller);
    await next();
    logCommand(log, c, caller);
  };
}

/** Whether a request only reads. Its method says so. */
export function isRead(c: Context): boolean {
  return c.req.method === 'GET' || c.req.method === 'HEAD';
}

export function answerReadOnly(c: Context, { name }: Caller) {
  const detail = `The token of ${name} has the role viewer, which changes nothing. Ask an operator`;
  return answerProblem(c, problem('read-only', detail));
}

/** Logs a command and who sent it. Some commands leave no entry in the timeline. */
export function logCommand(log: Log, c: Context, caller: Caller): void {
  const command = `${c.req.method} ${routePath(c, -1)}`;
  const { status } = c.res;
  log.info({ actor: actorText(actorOf(caller)), command, status }, 'an operator sent a command');
}

/** Returns the actor that the timeline names for the effects of this request. */
export function actorIn(c: Context): Actor {
  return actorOf(c.get('caller'));
}

/** Whether the caller of this request may see invitation links. */
export function maySeeLinks(c: Context): boolean {
  return c.get('caller').role === 'operator';
}
