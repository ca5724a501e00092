import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { type Clock, sleepUntil } from '../clock.ts';
import { answerProblem, problem } from '../http/problem.ts';

/** A wrong token is answered this much later, so that guessing is slow; a right one never waits. */
const wrongTokenDelayMs = 250;

/** @returns whether a given token is the admin token, in a time that does not tell how near it is */
export function tokenCheck(adminToken: string): (given: string) => boolean {
  const right = digest(adminToken);
  // Digests have one length, so that the comparison takes the same time for every token.
  return (given) => timingSafeEqual(digest(given), right);
}

/** Lets only requests through that bear the admin token. */
export function adminOnly(adminToken: string, clock: Clock): MiddlewareHandler {
  const isRight = tokenCheck(adminToken);
  return async (c, next) => {
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    if (isRight(given)) return next();
    await sleepUntil(clock, clock.now() + wrongTokenDelayMs);
    const detail = 'Send "Authorization: Bearer" with the ADMIN_TOKEN of this service';
    return answerProblem(c, problem('unauthorized', detail), { 'www-authenticate': 'Bearer' });
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
