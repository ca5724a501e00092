import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { PortalCall } from '../../docspace/transport.ts';
import { type NoticeKind, noticeKinds } from '../../domain/decide-notice.ts';
import { channelNames, type OutcomeKind, outcomeKinds } from '../../domain/outcome.ts';
import { type LetterKind, letterKinds } from '../../domain/vocabulary.ts';
import type { EndedAttempt } from '../../onboarding/attempts.ts';
import { type DeliveryAnswer, webhookAnswers } from '../../webhook/route.ts';
import { type TokenPlace, tokenPlaces } from '../auth.ts';

/** Each function counts one event. The counts begin at zero when the process starts. */
export type Meters = {
  readonly delivery: (answer: DeliveryAnswer) => void;
  readonly wrongToken: (place: TokenPlace) => void;
  readonly portalCall: (call: PortalCall) => void;
  readonly ended: (ended: EndedAttempt) => void;
  /** Called when a run of reconciliation ended. */
  readonly runEnded: () => void;
  /** Called when an attempt at mailing a letter of an invitation ended. */
  readonly letter: (kind: LetterKind, outcome: OutcomeKind) => void;
  /** Called when an attempt at mailing a notice to an admin ended. */
  readonly notice: (kind: NoticeKind, outcome: OutcomeKind) => void;
};

/**
 * Upper bounds of the buckets in seconds. The last one is `portalTimeoutMs` in `service.ts`. A call may
 * take longer.
 */
const callBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
/** Upper bounds in seconds, from an immediate welcome to one that was paused over a weekend. */
const welcomeBuckets = [1, 2, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400, 259_200];

export function createMeters(registry: Registry): Meters {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `docspace_welcome_${name}`, help, labelNames, registers });
  const deliveries = counter('deliveries_total', 'Requests to the webhook, by answer', ['answer']);
  const wrongTokensHelp = 'Requests and sign-ins with a wrong or revoked token';
  const wrongTokens = counter('wrong_tokens_total', wrongTokensHelp, ['place']);
  const attemptsHelp = 'Attempts to send a welcome, by channel and outcome';
  const attempts = counter('attempts_total', attemptsHelp, ['channel', 'outcome']);
  const noticesHelp = 'Mails to the admins of NOTIFY_EMAIL, by kind and outcome';
  const notices = counter('notices_total', noticesHelp, ['kind', 'outcome']);
  const lettersHelp = 'Invitation letters and reminders of this service, by kind and outcome';
  const letters = counter('letters_total', lettersHelp, ['kind', 'outcome']);
  const calls = new Histogram({
    name: 'docspace_welcome_portal_request_duration_seconds',
    help: 'Calls to the portal, by route and status (none: no answer)',
    labelNames: ['method', 'route', 'status'],
    buckets: callBuckets,
    registers,
  });
  const welcomes = new Histogram({
    name: 'docspace_welcome_activation_to_welcome_seconds',
    help: 'Seconds from the moment the portal shows a person as active to the sent welcome',
    buckets: welcomeBuckets,
    registers,
  });
  const perWelcome = requestsPer(registry, {
    name: 'docspace_welcome_requests_per_welcome',
    help: 'Portal requests about single people since the start, for each welcome that was sent',
    routes: ['people/{id}', 'portal/users/{id}', 'portal/sendcongratulations'],
  });
  const perRun = requestsPer(registry, {
    name: 'docspace_welcome_requests_per_run',
    help: 'Portal requests for lists, webhook and journal since the start, for each run of reconciliation',
    routes: ['people/filter', 'settings/webhook', 'settings/webhooks/log'],
  });
  // Every series of a counter starts at zero: a rate counts the first increase only if the series
  // existed before.
  for (const answer of webhookAnswers) deliveries.inc({ answer }, 0);
  for (const place of tokenPlaces) wrongTokens.inc({ place }, 0);
  for (const channel of channelNames) {
    for (const outcome of outcomeKinds) attempts.inc({ channel, outcome }, 0);
  }
  for (const kind of letterKinds) {
    for (const outcome of outcomeKinds) letters.inc({ kind, outcome }, 0);
  }
  for (const kind of noticeKinds) {
    for (const outcome of outcomeKinds) notices.inc({ kind, outcome }, 0);
  }

  return {
    delivery: (answer) => deliveries.inc({ answer }),
    wrongToken: (place) => wrongTokens.inc({ place }),
    portalCall({ method, route, status, tookMs }) {
      perWelcome.call(route);
      perRun.call(route);
      calls.observe({ method, route, status: String(status ?? 'none') }, tookMs / 1_000);
    },
    ended({ channel, outcome, sinceActivationMs }) {
      attempts.inc({ channel, outcome });
      if (outcome === 'sent') perWelcome.done();
      if (outcome !== 'sent' || sinceActivationMs === null) return;
      welcomes.observe(Math.max(0, sinceActivationMs) / 1_000);
    },
    runEnded: perRun.done,
    letter: (kind, outcome) => letters.inc({ kind, outcome }),
    notice: (kind, outcome) => notices.inc({ kind, outcome }),
  };
}

/**
 * Creates a gauge whose value is the number of requests to `routes`, divided by the number of calls of
 * `done`. The value is NaN before the first `done`.
 */
function requestsPer(
  registry: Registry,
  given: { readonly name: string; readonly help: string; readonly routes: readonly string[] },
) {
  const { name, help, routes } = given;
  let calls = 0;
  let results = 0;
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(results === 0 ? Number.NaN : calls / results);
    },
  });
  return {
    call(route: string) {
      if (routes.includes(route)) calls += 1;
    },
    done() {
      results += 1;
    },
  };
}
