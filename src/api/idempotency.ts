import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isLinkUsable } from '../domain/invitation.ts';
import { answerProblem, problem, problemMediaType } from '../http/problem.ts';
import type { Store, StoredAnswer } from '../store/store.ts';

const hourMs = 3_600_000;
const keyLifetimeMs = 24 * hourMs;
/** After this time, a request without a stored answer counts as ended, so that its key is free again. */
const longestRequestMs = hourMs;

export type IdempotencyStore = Pick<
  Store,
  'beginIdempotent' | 'completeIdempotent' | 'abandonIdempotent' | 'invitation'
>;

/** Makes sure that a repeated request takes effect only once. */
export type Idempotency = {
  /**
   * Runs `work`, or repeats the stored answer if this key has one. Answers with a problem if the first
   * request with this key is still running or was a different request.
   * @param key the Idempotency-Key of the request; undefined: the request has none
   * @param request the validated request and not its text, so that two spellings of one request are the
   * same
   */
  readonly once: <R extends Response>(
    c: Context,
    key: string | undefined,
    request: unknown,
    work: () => Promise<R>,
  ) => Promise<R | ReturnType<typeof answerProblem>>;
};

export function createIdempotency(options: {
  readonly store: IdempotencyStore;
  readonly now: () => number;
}): Idempotency {
  const { store, now } = options;

  async function answerAndKeep<R extends Response>(
    key: string,
    work: () => Promise<R>,
  ): Promise<R> {
    try {
      const response = await work();
      const { status } = response;
      // After a 5xx, the key is free again. Otherwise the error would be repeated for a day.
      if (status >= 500) await store.abandonIdempotent(key);
      else {
        const body = withoutLinks(await response.clone().text());
        await store.completeIdempotent(key, { status, body });
      }
      return response;
    } catch (error) {
      // If the database cannot be written, the key is free after `longestRequestMs`, or earlier if this
      // process has ended.
      await store.abandonIdempotent(key).catch(() => {});
      throw error;
    }
  }

  async function repeat(c: Context, { status, body }: StoredAnswer) {
    const answer: unknown = JSON.parse(body);
    const items: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
    for (const item of items) await giveLinkBack(item);
    const type = status < 400 ? 'application/json' : problemMediaType;
    const response = c.body(JSON.stringify(answer), status as ContentfulStatusCode, {
      'content-type': type,
    });
    // A stored answer was checked by its route when it was made.
    return response as ReturnType<typeof answerProblem>;
  }

  /** Adds the link of an invitation to a stored answer, if the link can still be used. */
  async function giveLinkBack(item: unknown): Promise<void> {
    if (!isInvitation(item)) return;
    const invitation = await store.invitation(item.id);
    if (invitation && isLinkUsable(invitation, now())) item.link = invitation.link;
  }

  return {
    async once(c, key, request, work) {
      if (key === undefined) return work();
      const at = now();
      const begun = await store.beginIdempotent({
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
          const detail = 'Ask again in a moment with the same Idempotency-Key';
          return answerProblem(c, problem('request-under-way', detail), { 'retry-after': '1' });
        }
        case 'other_request': {
          const detail = 'This Idempotency-Key was used for another request: use a new one';
          return answerProblem(c, problem('key-reused', detail));
        }
        case 'answered':
          return repeat(c, begun);
        default:
          return begun satisfies never;
      }
    },
  };
}

/** Removes the links from an answer before it is stored, so that no second copy of a link is kept. */
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
