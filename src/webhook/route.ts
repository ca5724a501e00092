import { type Context, Hono } from 'hono';
import { parseDelivery } from '../docspace/delivery.ts';
import { isSigned, signatureHeader } from '../docspace/signature.ts';
import type { Health } from '../health.ts';
import { createBodyBudget, readBody } from '../http/body.ts';
import { answerProblem, answerTooLarge, invalidRequest, problem } from '../http/problem.ts';
import type { Log } from '../log.ts';
import { reasonText } from '../messages/render.ts';
import { type NewDelivery, type Store, StoreUnavailable } from '../store/store.ts';
import { createSignatureFaults } from './signature-faults.ts';

export const webhookPath = '/webhooks/docspace';

/** The answers to webhook requests, as they are counted since the start. */
export const webhookAnswers = [
  'accepted',
  'duplicate',
  'ignored',
  'unreadable',
  'unsigned',
  'too_large',
  'unavailable',
] as const;
export type DeliveryAnswer = (typeof webhookAnswers)[number];

/** Whether this answer proves that the request was signed, and therefore came from the portal. */
export function isSignedAnswer(answer: DeliveryAnswer): boolean {
  return ['accepted', 'duplicate', 'ignored', 'unreadable'].includes(answer);
}

export type WebhookDeps = {
  readonly store: Pick<Store, 'acceptDelivery' | 'keepUnreadable' | 'queuedWrites'>;
  /** The current secret, and the previous one while it is being rotated. */
  readonly secrets: readonly string[];
  readonly now: () => number;
  readonly log: Log;
  readonly health: Health;
  readonly isStopping: () => boolean;
  /** Called after a delivery was stored, and after a delivery could not be stored. */
  readonly wake: () => void;
  /** Called when the same delivery came again. It is not stored again, but it is also a hint. */
  readonly onRepeat: (
    delivery: Pick<NewDelivery, 'userId' | 'trigger' | 'shows' | 'eventId'>,
  ) => void;
  readonly count: (answer: DeliveryAnswer) => void;
};

export const longestBodyBytes = 1024 * 1024;
/** The limit for the bytes of all large bodies whose senders are not verified yet. */
const unverifiedBytes = 64 * longestBodyBytes;
/** While this many writes wait, requests are answered 503 at once: they are not read or verified. */
const maxQueuedWrites = 4_096;
/** The portal tries again after 1, 2, 4, 8 and 16 s on its own (docs/docspace-wire.md 7.3). */
const retryAfterSeconds = '5';

/**
 * Receives the portal's deliveries: verify → parse → store → answer. The answer is sent after the
 * delivery has reached the disk. It is never 410, because the portal would delete the webhook. It is
 * never a redirect, because the portal would not send the POST to the new address
 * (docs/docspace-wire.md 7.3).
 */
export function webhookRoutes(deps: WebhookDeps): Hono {
  const { store, secrets, now, log, health, count } = deps;
  const faults = createSignatureFaults({ health, log, now });
  const budget = createBodyBudget(unverifiedBytes);

  const routes = new Hono();
  // The portal sends HEAD before it saves a webhook, and Hono passes a HEAD to the GET route. A GET must
  // not be answered 200: if a portal up to 3.6.1 follows a redirect, it turns its POST into a GET, and
  // would count the delivery as accepted (docs/docspace-wire.md 13.7).
  routes.get(webhookPath, (c) => {
    if (c.req.method === 'HEAD') return c.body(null, 200);
    return answerProblem(
      c,
      problem('method-not-allowed', 'The portal sends deliveries here with POST'),
      { allow: 'POST, HEAD' },
    );
  });

  // One handler without middleware: Hono awaits each middleware, and this is the busiest route.
  routes.post(webhookPath, async (c) => {
    if (deps.isStopping()) return unavailable(c, 'The service is stopping');
    if (store.queuedWrites() >= maxQueuedWrites)
      return unavailable(c, 'Too many writes are queued');
    const read = await readBody(c, longestBodyBytes, budget);
    if (read.kind === 'too_large') {
      count('too_large');
      return answerTooLarge(c);
    }
    if (read.kind === 'no_room') {
      return unavailable(c, 'Too many large requests arrive', { connection: 'close' });
    }
    if (read.kind === 'broken_off') return answerProblem(c, invalidRequest([]));
    const { body } = read;
    const signature = c.req.header(signatureHeader);
    if (!isSigned({ body, signature, secrets })) {
      count('unsigned');
      const contentType = c.req.header('content-type');
      faults.refused({ signature, contentType, isPortalJson: isPortalJson(body) });
      const detail = `The header ${signatureHeader} does not match the body and this service's secret`;
      return answerProblem(c, problem('signature-wrong', detail));
    }
    try {
      const status = await keep(body);
      count(status);
      faults.accepted();
      return c.json({ status });
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      health.set('store', 'wrong', 'database_not_writable');
      deps.wake();
      log.error({ err: error }, 'a delivery could not be stored: the portal will try again');
      return unavailable(c, 'The delivery could not be stored');
    }
  });

  function unavailable(
    c: Context,
    detail: string,
    more: Readonly<Record<string, string>> = {},
  ): Response {
    count('unavailable');
    const headers = { 'retry-after': retryAfterSeconds, ...more };
    return answerProblem(c, problem('busy', detail), headers);
  }

  async function keep(
    body: Uint8Array,
  ): Promise<'accepted' | 'duplicate' | 'ignored' | 'unreadable'> {
    const delivery = parseDelivery(body);
    switch (delivery.kind) {
      case 'about_user': {
        const { kind, ...described } = delivery;
        const answer = await store.acceptDelivery({ receivedAt: now(), body, ...described });
        log.debug({ event: delivery.eventId, member: delivery.userId }, `delivery ${answer}`);
        if (answer === 'accepted') deps.wake();
        else deps.onRepeat(delivery);
        return answer;
      }
      case 'other_trigger':
        return 'ignored';
      case 'unreadable':
        await store.keepUnreadable(body, delivery.reason, now());
        log.warn({}, `a signed delivery cannot be read: ${reasonText(delivery.reason)}`);
        return 'unreadable';
      default:
        return delivery satisfies never;
    }
  }

  return routes;
}

/** Whether a refused body has the form that the portal sends: JSON without white space. */
function isPortalJson(body: Buffer): boolean {
  return body.length > 2 && body.toString('latin1', 0, 2) === '{"' && body.at(-1) === 0x7d;
}
