import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { type Clock, sleepUntil } from '../clock.ts';
import { answerProblem, problem } from './problem.ts';

/** A wrong token is answered this much later, so that guessing is slow; a right one never waits. */
const wrongTokenDelayMs = 250;

/** Lets only requests through that bear the admin token. */
export function adminOnly(adminToken: string, clock: Clock): MiddlewareHandler {
  const right = digest(adminToken);
  return async (c, next) => {
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    // Digests have one length, so that the comparison takes the same time for every token.
    if (timingSafeEqual(digest(given), right)) return next();
    await sleepUntil(clock, clock.now() + wrongTokenDelayMs);
    const detail = 'Send "Authorization: Bearer" with the ADMIN_TOKEN of this service';
    return answerProblem(c, problem('unauthorized', detail), { 'www-authenticate': 'Bearer' });
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
