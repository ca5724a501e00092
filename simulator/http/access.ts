import type { IncomingHttpHeaders } from 'node:http';
import { readGuid } from '../ids.ts';
import type { ApiKey } from '../people/accounts.ts';
import type { PortalUser } from '../people/person.ts';
import type { World } from '../world.ts';
import type { ApiRequest, Endpoint } from './endpoint.ts';
import { createQuery } from './input.ts';
import { invalid, type Outcome } from './outcome.ts';
import type { RateLimits } from './rate-limits.ts';

type Arrival = {
  readonly method: string;
  /** Below /api/2.0. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
  readonly readBody: () => Promise<string>;
};
type Passing = {
  readonly world: World;
  readonly limits: RateLimits;
  readonly arrival: Arrival;
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
};

/** Everything that stands before a handler, in the order of wire 1.2, 2.2 and 10; then the handler. */
export async function passGate(passing: Passing): Promise<Outcome> {
  const { world, limits, arrival, endpoint, params } = passing;
  const { method, path, headers } = arrival;
  const guids = endpoint.guids ?? [];
  const routed = guids.every((name) => readGuid(params[name] ?? '') !== undefined);
  if (!routed) return { kind: 'empty', status: 404 };
  const credential = identify({ world, headers });
  const who = credential.caller?.id ?? arrival.address;
  const stop =
    limits.general({ who, method }) ??
    unauthorised({ credential, endpoint, method, path }) ??
    unpaid({ world, endpoint }) ??
    (endpoint.sensitive ? limits.sensitive({ who, path }) : undefined);
  if (stop !== undefined) return stop;
  const body = await parseBody(arrival);
  if (body.kind === 'unreadable') return invalid('$', 'The request body is not valid JSON.');
  const request = { params, query: createQuery(arrival.query), body: body.value };
  return await handle({ endpoint, credential, request });
}

async function handle(input: {
  readonly endpoint: Endpoint;
  readonly credential: Credential;
  readonly request: ApiRequest;
}): Promise<Outcome> {
  const { endpoint, credential, request } = input;
  if (endpoint.access === 'anonymous') return await endpoint.handle(request);
  const { caller, key } = credential;
  if (caller === undefined) return UNAUTHENTICATED;
  return await endpoint.handle({ ...request, caller, key });
}

const UNAUTHENTICATED: Outcome = { kind: 'empty', status: 401 };

/** 401 and 403 without a body; on anonymous endpoints a bad `sk-` header is 403 (wire 1.2). */
function unauthorised(input: {
  readonly credential: Credential;
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly path: string;
}): Outcome | undefined {
  const { credential, endpoint, method, path } = input;
  const { key, caller, scheme } = credential;
  const scoped = key === undefined || hasScope({ key, method, path });
  if (endpoint.access === 'anonymous') {
    const good = scheme !== 'apiKey' || (key !== undefined && scoped);
    return good ? undefined : { kind: 'problem', status: 403, title: 'Forbidden' };
  }
  if (caller === undefined) {
    if (scheme !== 'basic') return UNAUTHENTICATED;
    return { kind: 'empty', status: 401, headers: { 'WWW-Authenticate': 'Basic' } };
  }
  return endpoint.access === 'scoped' && !scoped ? { kind: 'empty', status: 403 } : undefined;
}

function unpaid({ world, endpoint }: { world: World; endpoint: Endpoint }): Outcome | undefined {
  const stopped = world.switches.unpaid && endpoint.freeOfPayment !== true;
  return stopped ? { kind: 'empty', status: 402 } : undefined;
}

type Body = { readonly kind: 'read'; readonly value: unknown } | { readonly kind: 'unreadable' };

async function parseBody(arrival: Arrival): Promise<Body> {
  if (arrival.method === 'GET') return { kind: 'read', value: undefined };
  const text = await arrival.readBody();
  if (text.trim() === '') return { kind: 'read', value: undefined };
  try {
    return { kind: 'read', value: lowerNames(JSON.parse(text)) };
  } catch {
    return { kind: 'unreadable' };
  }
}

/** Property names of request bodies are case-insensitive (wire 2.1). */
function lowerNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.toLowerCase(), lowerNames(inner)]),
  );
}

export type AuthorizationKind = 'none' | 'key' | 'token' | 'other';
/** What a request came with. `caller` is only there when the credential is good. */
export type Credential = {
  readonly kind: AuthorizationKind;
  readonly scheme: 'cookie' | 'basic' | 'jwt' | 'apiKey';
  readonly caller?: PortalUser;
  readonly key?: ApiKey;
};

/** Routes the Authorization header to one scheme, as wire 1.1 tells. */
export function identify(input: { world: World; headers: IncomingHttpHeaders }): Credential {
  const { world, headers } = input;
  const header = headers.authorization ?? '';
  if (header.startsWith('Basic ')) return { kind: 'other', scheme: 'basic' };
  const bearer = header.startsWith('Bearer ') ? header.slice('Bearer '.length) : undefined;
  if (bearer !== undefined && looksLikeJwt(bearer)) return { kind: 'other', scheme: 'jwt' };
  if (bearer?.startsWith('sk-')) {
    const found = world.accounts.byKey(bearer);
    const scheme = 'apiKey';
    if (found === undefined) return { kind: 'key', scheme };
    return { kind: 'key', scheme, caller: found.owner, key: found.key };
  }
  // Anything else is tried as a session token; the cookie wins over the header.
  const token = cookieToken(headers.cookie) ?? bearer ?? header;
  if (token === '') return { kind: 'none', scheme: 'cookie' };
  const caller = world.accounts.byToken(token);
  if (caller === undefined) return { kind: 'other', scheme: 'cookie' };
  return { kind: 'token', scheme: 'cookie', caller };
}

function looksLikeJwt(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
}

function cookieToken(cookie: string | undefined): string | undefined {
  return cookie?.match(/(?:^|;\s*)asc_auth_key=([^;]+)/)?.[1];
}

type Rule = { readonly path: string; readonly reads: readonly string[]; readonly writes: string[] };

// Tried in declaration order (wire 1.3). Files, rooms and groups have no endpoint here.
const RULES: readonly Rule[] = [
  {
    path: '/people/@self',
    reads: ['accounts.self:read', 'accounts.self:write'],
    writes: ['accounts.self:write'],
  },
  { path: '/people', reads: ['accounts:read', 'accounts:write'], writes: ['accounts:write'] },
];

/**
 * Whether `key` may make this call: any ONE of the needed scopes is enough (wire 1.3).
 * `path` is the path below /api/2.0.
 */
export function hasScope(input: { key: ApiKey; method: string; path: string }): boolean {
  const { key, method, path } = input;
  const reading = method === 'GET';
  const rule = RULES.find((one) => path.startsWith(one.path));
  const local = (reading ? rule?.reads : rule?.writes) ?? [];
  const needed = reading ? ['*:read', '*:write', ...local] : ['*:write', ...local];
  return scopesOf(key).some((scope) => needed.includes(scope));
}

/** An empty list or `*` means full access and becomes the one claim `*:write` (wire 1.3). */
export function scopesOf(key: ApiKey): readonly string[] {
  const full = key.permissions.length === 0 || key.permissions.includes('*');
  return full ? ['*:write'] : key.permissions;
}
