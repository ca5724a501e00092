import { STATUS_CODES } from 'node:http';
import { Agent, type Dispatcher, request } from 'undici';

export type Outgoing = ReturnType<typeof createOutgoing>;
export type AttemptResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: string;
      readonly body: string;
    }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'timedOut'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string };

/** The portal's HTTP client towards webhooks: no redirects, own connections (wire 7.3). */
export function createOutgoing() {
  const verifying = new Agent();
  // ssl false: the certificate is not verified (wire 7.1).
  const trusting = new Agent({ connect: { rejectUnauthorized: false } });
  const agentFor = (ssl: boolean): Dispatcher => (ssl ? verifying : trusting);

  return {
    /** One POST. A `signal` that aborts from outside rejects; the own time-out does not. */
    async post(input: {
      readonly uri: string;
      readonly ssl: boolean;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly timeoutMs: number;
      readonly signal: AbortSignal;
    }): Promise<AttemptResult> {
      const { uri, ssl, headers, body, timeoutMs, signal } = input;
      return await withDeadline({ timeoutMs, signal }, async (deadline) => {
        const answer = await request(uri, {
          method: 'POST',
          headers,
          body,
          dispatcher: agentFor(ssl),
          signal: deadline,
          headersTimeout: 0,
          bodyTimeout: 0,
        });
        const text = await answer.body.text();
        const { statusCode: status } = answer;
        if (status < 200 || status > 299) return refusal(status, answer.statusText);
        return { kind: 'answered', status, headers: JSON.stringify(answer.headers), body: text };
      });
    },

    /** The HEAD probe of wire 7.1: its status, or undefined when nothing answered in time. */
    async probe(input: {
      uri: string;
      ssl: boolean;
      timeoutMs: number;
    }): Promise<number | undefined> {
      const { uri, ssl, timeoutMs } = input;
      try {
        const answer = await request(uri, {
          method: 'HEAD',
          headers: { Accept: '*/*' },
          dispatcher: agentFor(ssl),
          signal: AbortSignal.timeout(timeoutMs),
        });
        await answer.body.dump();
        return answer.statusCode;
      } catch {
        return undefined;
      }
    },

    async stop(): Promise<void> {
      await Promise.all([verifying.destroy(), trusting.destroy()]);
    },
  };
}

function refusal(status: number, statusText: string): AttemptResult {
  const reason = statusText || STATUS_CODES[status] || '';
  const message = `Response status code does not indicate success: ${status} (${reason}).`;
  return { kind: 'refused', status, message };
}

async function withDeadline(
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
  attempt: (deadline: AbortSignal) => Promise<AttemptResult>,
): Promise<AttemptResult> {
  const { timeoutMs, signal } = limits;
  const controller = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, timeoutMs);
  const stop = () => controller.abort();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await attempt(controller.signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const seconds = timeoutMs / 1_000;
    const timeOut = `The request was canceled due to the configured HttpClient.Timeout of ${seconds} seconds elapsing.`;
    if (late) return { kind: 'timedOut', message: timeOut };
    return { kind: 'unreachable', message: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
