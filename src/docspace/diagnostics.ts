import { performance } from 'node:perf_hooks';
import { Agent, request } from 'undici';
import type { Clock } from '../clock.ts';
import { credential, describeFailure } from './transport.ts';

/** One plain question to the portal, with everything that a diagnosis wants to know of its answer. */
export type Inquired =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly tookMs: number;
      /** How far the portal's clock is ahead of ours, in ms; null without a `Date`. */
      readonly aheadMs: number | null;
      /** Undefined: the body is not JSON. */
      readonly json: unknown;
    }
  | { readonly kind: 'failed'; readonly detail: string };

export type Inquiry = {
  /** `GET` of a path below `/api/2.0/`: never repeated, nothing is held back. */
  readonly ask: (path: string) => Promise<Inquired>;
  readonly close: () => Promise<void>;
};

/**
 * Asks as the API client does, but without its repetitions and its gate: a diagnosis wants the first
 * answer as it is, its time and its `Date`.
 */
export function createInquiry(options: {
  readonly origin: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
  readonly now: Clock['now'];
}): Inquiry {
  const { origin, timeoutMs, now } = options;
  const dispatcher = new Agent({
    connections: 1,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const headers = { accept: 'application/json', authorization: credential(options.apiKey) };

  async function ask(path: string): Promise<Inquired> {
    const startedAt = performance.now();
    const sentAt = now();
    try {
      const answer = await request(`${origin}/api/2.0/${path}`, { dispatcher, headers });
      const receivedAt = now();
      const text = await answer.body.text();
      return {
        kind: 'answered',
        status: answer.statusCode,
        tookMs: performance.now() - startedAt,
        aheadMs: aheadOf(answer.headers.date, (sentAt + receivedAt) / 2),
        json: parsed(text),
      };
    } catch (error) {
      return { kind: 'failed', detail: describeFailure(error, true) };
    }
  }

  return { ask, close: () => dispatcher.destroy() };
}

/** `Date` is cut to seconds (RFC 9110, 5.6.7): on average it is half a second later. */
function aheadOf(date: string | string[] | undefined, ourTime: number): number | null {
  const at = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(at) ? null : Math.round(at + 500 - ourTime);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
