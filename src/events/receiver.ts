import { Agent, request } from 'undici';
import type { Clock } from '../clock.ts';
import type { OutgoingEvent } from '../domain/events.ts';
import type { ReceiverReason } from '../domain/reason.ts';
import { version } from '../project.ts';
import { signatureOf } from './signature.ts';

/** The result of one try to deliver an event. */
export type Try =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly reason: ReceiverReason };

/** The program at `EVENTS_URL`. */
export type Receiver = {
  /** The origin of the address. The path is left out, because it may be a secret. */
  readonly origin: string;
  /** Sends an event once, and ends after 30 s at the latest. */
  readonly post: (event: OutgoingEvent, signal: AbortSignal) => Promise<Try>;
  readonly close: () => Promise<void>;
};

const longestTryMs = 30_000;
/** How much of an answer is read, so that the connection can be used again. */
const longestAnswerBytes = 64 * 1024;

export function createReceiver(options: {
  readonly url: string;
  readonly secret: string;
  readonly clock: Clock;
}): Receiver {
  const { url, secret, clock } = options;
  const { host, origin } = new URL(url);
  // `longestTryMs` limits the whole try, so its parts need no limits.
  const agent = new Agent({ connections: 2, headersTimeout: 0, bodyTimeout: 0 });

  return {
    origin,
    async post(event, signal) {
      const { webhookId: id, type, at, data } = event;
      const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
      const timestamp = Math.floor(clock.now() / 1_000);
      const ended = new AbortController();
      const abort = () => ended.abort();
      signal.addEventListener('abort', abort, { once: true });
      let isLate = false;
      const cancel = clock.schedule(clock.now() + longestTryMs, () => {
        isLate = true;
        abort();
      });
      try {
        // `request` follows no redirect.
        const answer = await request(url, {
          method: 'POST',
          dispatcher: agent,
          signal: ended.signal,
          headers: {
            'content-type': 'application/json',
            'user-agent': `docspace-welcome/${version}`,
            'webhook-id': id,
            'webhook-timestamp': String(timestamp),
            'webhook-signature': signatureOf(secret, { id, timestamp, body }),
          },
          body,
        });
        // Only the status counts. It does not matter if the body breaks off.
        await answer.body.dump({ limit: longestAnswerBytes }).catch(() => {});
        return resultOf(answer.statusCode);
      } catch (error) {
        const reason = isLate ? timedOut : reasonOfError(error, host);
        return { kind: 'failed', reason };
      } finally {
        cancel();
        signal.removeEventListener('abort', abort);
      }
    },
    close: () => agent.destroy(),
  };
}

const timedOut: ReceiverReason = { code: 'receiver_timed_out' };

function resultOf(status: number): Try {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'failed', reason: { code: 'receiver_gone' } };
  const code = status >= 300 && status < 400 ? 'receiver_redirects' : 'receiver_answered';
  return { kind: 'failed', reason: { code, status } };
}

function reasonOfError(error: unknown, host: string): ReceiverReason {
  const cause = codeOf(error);
  if (cause === 'UND_ERR_CONNECT_TIMEOUT' || cause === 'ETIMEDOUT') return timedOut;
  if (cause === 'ENOTFOUND' || cause === 'EAI_AGAIN') {
    return { code: 'receiver_name_unknown', host };
  }
  return { code: 'receiver_unreachable', host, cause };
}

/** Returns the code of an error, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`, else its name. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
