import { type Context, Hono } from 'hono';
import { parseDelivery } from '../docspace/delivery.ts';
import { isSigned, signatureHeader } from '../docspace/signature.ts';
import type { Health } from '../health.ts';
import { readBody } from '../http/body.ts';
import { answerProblem, answerTooLarge, invalidRequest, problem } from '../http/problem.ts';
import type { Log } from '../log.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';

export const webhookPath = '/webhooks/docspace';

/** What the service answered the portal; counted since the start. */
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

/** Whether what was answered so came from the portal: it was signed. */
export function isSignedAnswer(answer: DeliveryAnswer): boolean {
  return ['accepted', 'duplicate', 'ignored', 'unreadable'].includes(answer);
}

export type WebhookOptions = {
  readonly store: Pick<Store, 'acceptDelivery' | 'keepUnreadable' | 'queuedWrites'>;
  /** The current secret, and while it is rotated the previous one. */
  readonly secrets: readonly string[];
  readonly now: () => number;
  readonly log: Log;
  readonly health: Health;
  readonly isStopping: () => boolean;
  /** A stored delivery is a hint. */
  readonly nudge: () => void;
  readonly count: (answer: DeliveryAnswer) => void;
};

export const longestBodyBytes = 1024 * 1024;
/** Above this the portal is asked to come again, before anything is read or verified. */
const mostQueued = 4_096;
/** The portal's own retries come after 1, 2, 4, 8 and 16 s (wire 7.3). */
const retryAfterSeconds = '5';

/**
 * The portal's door. Answers after the delivery reached the disk and before any work; never 410,
 * which makes the portal delete the webhook, and never a redirect, which it does not follow (wire 7.3).
 */
export function webhookRoutes(options: WebhookOptions): Hono {
  const { store, secrets, now, log, health, count } = options;
  let hasAccepted = false;

  const routes = new Hono();
  // The portal probes with HEAD before it saves a webhook; Hono answers HEAD by the GET route.
  routes.get(webhookPath, (c) => c.json({ status: 'ready' }));

  // One handler and no middleware: Hono awaits each of them, and this is the busiest door.
  routes.post(webhookPath, async (c) => {
    if (options.isStopping()) return unavailable(c, 'The service is stopping');
    if (store.queuedWrites() >= mostQueued) return unavailable(c, 'Too much is queued');
    const read = await readBody(c, longestBodyBytes);
    if (read.kind === 'too_large') {
      count('too_large');
      return answerTooLarge(c);
    }
    if (read.kind === 'broken_off') return answerProblem(c, invalidRequest([]));
    const { body } = read;
    if (!isSigned({ body, signature: c.req.header(signatureHeader), secrets })) {
      count('unsigned');
      sayWrongSignature();
      const detail = `The header ${signatureHeader} does not fit the body and this service's secret`;
      return answerProblem(c, problem('unauthorized', detail));
    }
    try {
      const status = await keep(body);
      count(status);
      sayArrival();
      return c.json({ status });
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      health.say('store', 'wrong', 'the database cannot be written');
      options.nudge();
      log.error({ err: error }, 'a delivery could not be kept: the portal will try again');
      return unavailable(c, 'The delivery could not be kept');
    }
  });

  function unavailable(c: Context, detail: string): Response {
    count('unavailable');
    const headers = { 'retry-after': retryAfterSeconds };
    return answerProblem(c, problem('store-unavailable', detail), headers);
  }

  async function keep(
    body: Uint8Array,
  ): Promise<'accepted' | 'duplicate' | 'ignored' | 'unreadable'> {
    const delivery = parseDelivery(body);
    switch (delivery.kind) {
      case 'about_user': {
        const { kind, ...described } = delivery;
        // New keys come before a spread: after it, V8 (Node 20) gives each object a hidden class of its
        // own, which lives until a major collection. Without a store, this door so answers 1.8 times as many.
        const answer = await store.acceptDelivery({ receivedAt: now(), body, ...described });
        log.debug({ event: delivery.eventId, member: delivery.userId }, `delivery ${answer}`);
        if (answer === 'accepted') options.nudge();
        return answer;
      }
      case 'other_trigger':
        return 'ignored';
      case 'unreadable':
        await store.keepUnreadable(body, delivery.reason, now());
        log.warn({}, `a signed delivery cannot be read: ${delivery.reason}`);
        return 'unreadable';
      default:
        return delivery satisfies never;
    }
  }

  function sayArrival(): void {
    if (!hasAccepted) health.say('webhook', 'ok', 'deliveries arrive');
    hasAccepted = true;
  }

  function sayWrongSignature(): void {
    if (!hasAccepted) health.say('webhook', 'warning', 'requests arrive with a wrong signature');
  }

  return routes;
}
