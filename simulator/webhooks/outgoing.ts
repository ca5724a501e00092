import { Agent, type IncomingMessage, request as requestHttp, STATUS_CODES } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';
import { newTrace } from '../http/outcome.ts';
import { dotnetJson } from '../json.ts';

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
  | Failure;
/** A request without an answer. `message` is the message of the portal's HTTP client. */
export type Failure = {
  readonly kind: 'unreachable' | 'tls' | 'brokenOff';
  readonly message: string;
};
type Target = { readonly uri: string; readonly ssl: boolean };
type Sending = Target & {
  readonly method: 'POST' | 'HEAD' | 'GET';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
};
type Received = { readonly response: IncomingMessage; readonly body: string };

const MOST_REDIRECTS = 50;
// If the connection breaks, the client repeats a request that changes nothing, such as the probe.
const PROBE_ATTEMPTS = 4;

/**
 * The portal's HTTP client for webhooks. It sends exactly the real headers in their order, uses its own
 * connections, and has one cookie store for all webhooks (docs/docspace-wire.md 7.3, 13.2).
 */
export function createOutgoing(options: { readonly followsRedirects: boolean }) {
  const plain = new Agent({ keepAlive: true });
  const verifying = new TlsAgent({ keepAlive: true });
  // If `ssl` is false, the certificate is not verified (docs/docspace-wire.md 7.1).
  const trusting = new TlsAgent({ keepAlive: true, rejectUnauthorized: false });
  const cookies = new Map<string, Map<string, string>>();

  const send = async (sending: Sending): Promise<Received> => {
    const url = new URL(sending.uri.trim());
    // The real client ignores a user name and a password in the address.
    url.username = '';
    url.password = '';
    const secure = url.protocol === 'https:';
    const received = await new Promise<Received>((resolve, reject) => {
      const options = {
        method: sending.method,
        headers: { Host: url.host, ...sending.headers },
        signal: sending.signal,
      };
      const outgoing = secure
        ? requestHttps(url, { ...options, agent: sending.ssl ? verifying : trusting })
        : requestHttp(url, { ...options, agent: plain });
      outgoing.removeHeader('connection');
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => resolve({ response, body: Buffer.concat(chunks).toString() }));
      });
      outgoing.end(sending.body);
    });
    keepCookies(cookies, url, received.response);
    return received;
  };

  /**
   * Sends a request. Redirects are followed as in older releases: after 301 to 303, a POST becomes a
   * GET.
   */
  const follow = async (sending: Sending, left: number): Promise<Received> => {
    const received = await send(sending);
    const { statusCode = 0, headers } = received.response;
    const isRedirect = [301, 302, 303, 307, 308].includes(statusCode);
    if (!options.followsRedirects || !isRedirect || !headers.location || left === 0) {
      return received;
    }
    const uri = new URL(headers.location, sending.uri.trim()).href;
    if (statusCode >= 307 || sending.method !== 'POST')
      return follow({ ...sending, uri }, left - 1);
    const { body: _, ...rest } = sending;
    const { 'Content-Type': _type, 'Content-Length': _length, ...kept } = sending.headers;
    return follow({ ...rest, method: 'GET', headers: kept, uri }, left - 1);
  };

  return {
    /**
     * Sends one attempt of a delivery. Rejects if `signal` is aborted from outside, but not at its own
     * time-out.
     */
    async post(
      input: Target & {
        readonly signature: string;
        readonly body: string;
        readonly timeoutMs: number;
        readonly signal: AbortSignal;
        /** Further headers, in addition to the usual ones. */
        readonly more: Readonly<Record<string, string>>;
      },
    ): Promise<AttemptResult> {
      const { uri, ssl, signature, body, timeoutMs, signal, more } = input;
      const url = new URL(uri.trim());
      const jar = [...(cookies.get(url.hostname) ?? [])].map(([name, value]) => `${name}=${value}`);
      const headers = {
        Accept: '*/*',
        'x-docspace-signature-256': signature,
        ...more,
        ...(jar.length === 0 ? {} : { Cookie: jar.join('; ') }),
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': String(Buffer.byteLength(body)),
      };
      return await withDeadline({ timeoutMs, signal, target: url }, async (deadline) => {
        const sending = { uri, ssl, method: 'POST', headers, body, signal: deadline } as const;
        const received = await follow(sending, MOST_REDIRECTS);
        const { statusCode: status = 0, statusMessage = '', rawHeaders } = received.response;
        if (status < 200 || status > 299) return refusal(status, statusMessage);
        return { kind: 'answered', status, headers: headersText(rawHeaders), body: received.body };
      });
    },

    /**
     * Sends the HEAD request of docs/docspace-wire.md 7.1 and 13.2, with two headers. Returns the status
     * of the answer, or the failure.
     */
    async probe(
      input: Target & { readonly timeoutMs: number },
    ): Promise<number | Failure | { readonly kind: 'timedOut'; readonly message: string }> {
      const { uri, ssl, timeoutMs } = input;
      const signal = new AbortController().signal;
      const target = new URL(uri.trim());
      for (let attempt = 1; ; attempt += 1) {
        const result = await withDeadline({ timeoutMs, signal, target }, async (deadline) => {
          const headers = { traceparent: newTrace() };
          const sending = { uri, ssl, method: 'HEAD', headers, signal: deadline } as const;
          const { response } = await follow(sending, MOST_REDIRECTS);
          return { kind: 'refused', status: response.statusCode ?? 0, message: '' };
        });
        if (result.kind === 'refused' || result.kind === 'answered') return result.status;
        if (result.kind !== 'brokenOff' || attempt === PROBE_ATTEMPTS) return result;
      }
    },

    stop(): void {
      for (const agent of [plain, verifying, trusting]) agent.destroy();
    },
  };
}

function keepCookies(
  cookies: Map<string, Map<string, string>>,
  url: URL,
  response: IncomingMessage,
): void {
  for (const line of response.headers['set-cookie'] ?? []) {
    const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const jar = cookies.get(url.hostname) ?? new Map<string, string>();
    cookies.set(url.hostname, jar.set(name, value));
  }
}

/**
 * The headers of an answer as the journal keeps them: a list of values by name, without the content
 * headers.
 */
function headersText(raw: readonly string[]): string {
  const lists: Record<string, string[]> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (/^(?:content-.*|allow|expires|last-modified)$/i.test(name)) continue;
    lists[name] = [...(lists[name] ?? []), raw[index + 1] ?? ''];
  }
  return dotnetJson(lists);
}

function refusal(status: number, statusText: string): AttemptResult {
  const reason = statusText || STATUS_CODES[status] || '';
  const message = `Response status code does not indicate success: ${status} (${reason}).`;
  return { kind: 'refused', status, message };
}

async function withDeadline(
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly target: URL },
  attempt: (deadline: AbortSignal) => Promise<AttemptResult>,
): Promise<AttemptResult> {
  const { timeoutMs, signal, target } = limits;
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
    if (late) return { kind: 'timedOut', message: timeOutMessage(timeoutMs) };
    return failureOf(error, target);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

export function timeOutMessage(timeoutMs: number): string {
  return `The request was canceled due to the configured HttpClient.Timeout of ${timeoutMs / 1_000} seconds elapsing.`;
}

function failureOf(error: unknown, target: URL): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  const at = `(${target.hostname}:${port})`;
  if (code === 'ECONNREFUSED') return { kind: 'unreachable', message: `Connection refused ${at}` };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return { kind: 'unreachable', message: `Name or service not known ${at}` };
  }
  if (
    code === 'EPROTO' ||
    code.startsWith('ERR_TLS') ||
    code.startsWith('ERR_SSL') ||
    /CERT/.test(code)
  ) {
    const message = 'The SSL connection could not be established, see inner exception.';
    return { kind: 'tls', message };
  }
  return { kind: 'brokenOff', message: 'An error occurred while sending the request.' };
}
