import { isIP } from 'node:net';
import type { Http2Bindings, HttpBindings } from '@hono/node-server';
import { problem, problemMediaType } from './problem.ts';

/**
 * The judgement about the header `Host` of a request. A foreign web page can make its own host name lead
 * to this machine (DNS rebinding); the requests of that page then contain that name.
 */
export type HostJudgement = 'own' | 'foreign' | 'malformed';

/**
 * Creates the check of the header `Host`. These hosts are the service's own: IP addresses; names without
 * a dot, which no public DNS knows; `*.localhost`; the address that the service listens on; and the host
 * of `PUBLIC_URL`.
 * @returns a function that judges the value of the header
 */
export function createHostCheck(options: {
  readonly host: string;
  readonly publicUrl: string | null;
}): (header: string | undefined) => HostJudgement {
  const named = [options.host, options.publicUrl && new URL(options.publicUrl).hostname];
  const own = new Set(named.flatMap((name) => name?.toLowerCase() ?? []));
  /** The last header that was judged as own. Nearly all requests carry the same header. */
  let lastOwn: string | undefined;

  return (header) => {
    if (header !== undefined && header === lastOwn) return 'own';
    const name = nameIn(header ?? '');
    if (name === null) return 'malformed';
    const isOwn =
      isIP(name) !== 0 || !name.includes('.') || name.endsWith('.localhost') || own.has(name);
    if (isOwn) lastOwn = header;
    return isOwn ? 'own' : 'foreign';
  };
}

/** @returns the host in lower case (an IPv6 address without brackets); null if there is no valid host */
function nameIn(header: string): string | null {
  if (!/^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.test(header)) return null;
  const url = `http://${header}`;
  if (!URL.canParse(url)) return null;
  const { hostname } = new URL(url);
  // The parser turns 0x7f.1 into 127.0.0.1. A browser sends only the parsed form, so other forms are
  // refused.
  const given = header.replace(/:\d+$/, '').toLowerCase();
  if (hostname !== given && !hostname.startsWith('[')) return null;
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** The signature of Hono's `fetch` when a server calls it. */
export type Fetch = (
  request: Request,
  env: HttpBindings | Http2Bindings,
) => Response | Promise<Response>;

/** Refuses requests for other hosts before any route sees them. */
export function guardHost(
  check: (header: string | undefined) => HostJudgement,
  fetch: Fetch,
): Fetch {
  return (request, env) => {
    const judgement = check(env.incoming.headers.host);
    switch (judgement) {
      case 'own':
        return fetch(request, env);
      case 'foreign':
        return refusal(
          'unknown-host',
          'Set PUBLIC_URL to the address under which this service is reached, or let the proxy send its own',
        );
      case 'malformed':
        return refusal('invalid-request', 'The header Host is not the name of a host');
      default:
        return judgement satisfies never;
    }
  };
}

function refusal(kind: 'unknown-host' | 'invalid-request', detail: string): Response {
  const given = problem(kind, detail);
  return new Response(JSON.stringify(given), {
    status: given.status,
    headers: { 'content-type': problemMediaType },
  });
}
