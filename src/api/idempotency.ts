import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { linkIsOfUse } from '../domain/invitation.ts';
import { answerProblem, invalidRequest, problem } from '../http/problem.ts';
import type { KeyedAnswer } from '../store/keyed-answers.ts';
import type { Store } from '../store/store.ts';

const keyHeader = 'idempotency-key';
const hourMs = 3_600_000;
const keyLifetimeMs = 24 * hourMs;
/** A request that has not ended by now never will: its answer could not be written. */
const longestRequestMs = hourMs;

/** What makes a repeated request have its effect once. */
export type Idempotency = {
  /**
   * Runs `work`, unless this request's key has an answer already: then that one, once more.
   * @param request what is asked, as validated: two spellings of one request are the same
   */
  readonly once: (c: Context, request: unknown, work: () => Promise<Response>) => Promise<Response>;
};

export function createIdempotency(options: {
  readonly store: Pick<Store, 'beginKeyed' | 'endKeyed' | 'releaseKey' | 'invitation'>;
  readonly now: () => number;
}): Idempotency {
  const { store, now } = options;

  async function once(
    c: Context,
    request: unknown,
    work: () => Promise<Response>,
  ): Promise<Response> {
    const key = c.req.header(keyHeader);
    if (key === undefined) return work();
    if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
      const message = 'needs 1 to 255 printable characters';
      return answerProblem(c, invalidRequest([{ path: 'header.Idempotency-Key', message }]));
    }
    const at = now();
    const begun = await store.beginKeyed({
      key,
      request: createHash('sha256').update(JSON.stringify(request)).digest('base64url'),
      at,
      answeredSince: at - keyLifetimeMs,
      begunSince: at - longestRequestMs,
    });
    switch (begun.kind) {
      case 'begun':
        return answerAndKeep(key, work);
      case 'under_way': {
        const detail = 'The first request with this Idempotency-Key is still under way';
        return answerProblem(c, problem('conflict', detail), { 'retry-after': '1' });
      }
      case 'other_body': {
        const detail = 'This Idempotency-Key was used for another request: use a new one';
        return answerProblem(c, problem('key-reused', detail));
      }
      case 'answered':
        return replay(begun);
      default:
        return begun satisfies never;
    }
  }

  async function answerAndKeep(key: string, work: () => Promise<Response>): Promise<Response> {
    try {
      const response = await work();
      const { status } = response;
      // Nothing came of it: who asks again must not hear for a day that the portal was away.
      if (status >= 500) await store.releaseKey(key);
      else await store.endKeyed(key, { status, body: withoutLinks(await response.clone().text()) });
      return response;
    } catch (error) {
      // While the database cannot write, the key is freed by time or by the next start.
      await store.releaseKey(key).catch(() => {});
      throw error;
    }
  }

  async function replay({ status, body }: KeyedAnswer): Promise<Response> {
    const answer: unknown = JSON.parse(body);
    const items: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
    for (const item of items) await giveLinkBack(item);
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    return new Response(JSON.stringify(answer), { status, headers: { 'content-type': type } });
  }

  /** From where it is erased when the invitation is registered, revoked or expired. */
  async function giveLinkBack(item: unknown): Promise<void> {
    if (!isInvitation(item)) return;
    const invitation = await store.invitation(item.id);
    if (invitation && linkIsOfUse(invitation, now())) item.link = invitation.link;
  }

  return { once };
}

/** No second copy of a link is kept: an answer is stored without, and replayed with the log's. */
function withoutLinks(body: string): string {
  return JSON.stringify(JSON.parse(body), (name, value) => (name === 'link' ? null : value));
}

function isInvitation(item: unknown): item is { readonly id: string; link: unknown } {
  return (
    typeof item === 'object' &&
    item !== null &&
    'id' in item &&
    typeof item.id === 'string' &&
    'link' in item
  );
}
