import { Counter, Histogram, type Registry } from 'prom-client';
import type { PortalCall } from '../../docspace/transport.ts';
import { channelNames } from '../../domain/outcome.ts';
import type { EndedAttempt } from '../../onboarding/attempts.ts';
import { type DeliveryAnswer, webhookAnswers } from '../../webhook/route.ts';
import { type TokenPlace, tokenPlaces } from '../auth.ts';

/** Counts events since the start of the process. */
export type Meters = {
  readonly delivery: (answer: DeliveryAnswer) => void;
  readonly wrongToken: (place: TokenPlace) => void;
  readonly portalCall: (call: PortalCall) => void;
  readonly ended: (ended: EndedAttempt) => void;
};

const outcomes = [
  'sent',
  'not_sent',
  'refused',
  'unknown',
] as const satisfies EndedAttempt['outcome'][];
/** A portal answers in tens of milliseconds; a call is given up after 20 s. */
const callBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
/** From "at once" over the poll's five minutes to a pause over the weekend. */
const welcomeBuckets = [1, 2, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400, 259_200];

export function createMeters(registry: Registry): Meters {
  const registers = [registry];
  const deliveries = new Counter({
    name: 'docspace_welcome_deliveries_total',
    help: 'Requests to the webhook, by answer',
    labelNames: ['answer'],
    registers,
  });
  const wrongTokens = new Counter({
    name: 'docspace_welcome_wrong_tokens_total',
    help: 'Requests and sign-ins with a wrong admin token',
    labelNames: ['place'],
    registers,
  });
  const attempts = new Counter({
    name: 'docspace_welcome_attempts_total',
    help: 'Attempts to send a welcome, by channel and outcome',
    labelNames: ['channel', 'outcome'],
    registers,
  });
  const calls = new Histogram({
    name: 'docspace_welcome_portal_request_duration_seconds',
    help: 'Calls to the portal, by route and status (none: no answer)',
    labelNames: ['method', 'route', 'status'],
    buckets: callBuckets,
    registers,
  });
  const welcomes = new Histogram({
    name: 'docspace_welcome_activation_to_welcome_seconds',
    help: 'Time from the portal showing a person active to the sent welcome',
    buckets: welcomeBuckets,
    registers,
  });
  // From zero on: a rate over the first event sees it only when the series was there before.
  for (const answer of webhookAnswers) deliveries.inc({ answer }, 0);
  for (const place of tokenPlaces) wrongTokens.inc({ place }, 0);
  for (const channel of channelNames) {
    for (const outcome of outcomes) attempts.inc({ channel, outcome }, 0);
  }

  return {
    delivery: (answer) => deliveries.inc({ answer }),
    wrongToken: (place) => wrongTokens.inc({ place }),
    portalCall({ method, route, status, tookMs }) {
      calls.observe({ method, route, status: String(status ?? 'none') }, tookMs / 1_000);
    },
    ended({ channel, outcome, sinceActivationMs }) {
      attempts.inc({ channel, outcome });
      if (outcome !== 'sent' || sinceActivationMs === null) return;
      welcomes.observe(Math.max(0, sinceActivationMs) / 1_000);
    },
  };
}
