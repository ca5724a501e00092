import type { IncomingHttpHeaders } from 'node:http';
import { readGuid } from '../ids.ts';
import type { ApiKey } from '../people/accounts.ts';
import type { PortalUser } from '../people/person.ts';
import type { World } from '../world.ts';
import type { ApiRequest, Endpoint } from './endpoint.ts';
import { createQuery } from './input.ts';
import type { Outcome } from './outcome.ts';

type Arrival = {
  readonly method: string;
  /** The path below /api/2.0. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
  readonly readBody: () => Promise<string>;
};
type Passing = {
  readonly world: World;
  readonly arrival: Arrival;
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
};

/**
 * Does every check that comes before a handler, in the order of docs/docspace-wire.md 1.2, 2.2 and 10.
 * Then it calls the handler.
 */
export async function passGate(passing: Passing): Promise<Outcome> {
  const { world, arrival, endpoint, params } = passing;
  const { limits } = world;
  const { method, path, headers } = arrival;
  const credential = identify({ world, headers });
  const who = credential.caller?.id ?? arrival.address;
  const stop =
    limits.general({ who, method }) ??
    credential.fault ??
    unauthenticated({ credential, endpoint }) ??
    closed({ world, endpoint, path }) ??
    unauthorised({ world, credential, endpoint, method, path }) ??
    unpaid({ world, endpoint }) ??
    (endpoint.sensitive ? limits.sensitive({ who, path }) : undefined);
  if (stop !== undefined) return stop;
  const request: ApiRequest = {
    world,
    params,
    query: createQuery(arrival.query),
    body: {
      text: method === 'GET' ? '' : await arrival.readBody(),
      isJson: /^application\/(?:json|[\w.-]+\+json)\b/i.test(headers['content-type'] ?? ''),
    },
    headers,
  };
  const outcome = await handle({ endpoint, credential, request });
  if (outcome.kind !== 'ok') return outcome;
  // If an endpoint is not anonymous, a request with Basic gets the challenge header even after a
  // successful login (docs/docspace-wire.md 1.2).
  const isBasic = credential.scheme === 'basic' && endpoint.access !== 'anonymous';
  return {
    ...outcome,
    response: onlyFields(outcome.response, request.query.one('fields')),
    ...(isBasic ? { headers: BASIC } : {}),
  };
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

/**
 * Reduces the answer, or each item of a list, to the properties that the parameter `fields` names
 * (docs/docspace-wire.md 2.1).
 */
function onlyFields(response: unknown, given: string | undefined): unknown {
  if (!given || typeof response !== 'object' || response === null) return response;
  const names = new Set(given.toLowerCase().split(','));
  const pick = (item: object) =>
    Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name.toLowerCase())));
  return Array.isArray(response) ? response.map(pick) : pick(response);
}

const UNAUTHENTICATED = { kind: 'empty', status: 401 } as const satisfies Outcome;
const BASIC = { 'WWW-Authenticate': 'Basic' };

function unauthenticated(input: {
  readonly credential: Credential;
  readonly endpoint: Endpoint;
}): Outcome | undefined {
  const { credential, endpoint } = input;
  if (endpoint.access === 'anonymous' || credential.caller !== undefined) return undefined;
  if (credential.scheme === 'basic') return { ...UNAUTHENTICATED, headers: BASIC };
  const headers = { 'Set-Cookie': 'asc_auth_key=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/' };
  return credential.hasBadCookie ? { ...UNAUTHENTICATED, headers } : UNAUTHENTICATED;
}

/**
 * The answer of a portal that is suspended or being restored: ProblemDetails without an envelope
 * (docs/docspace-wire.md 13.2).
 */
function closed(input: { world: World; endpoint: Endpoint; path: string }): Outcome | undefined {
  const { world, endpoint, path } = input;
  if (endpoint.always) return undefined;
  if (world.switches.state === 'suspended') return { kind: 'problem', status: 404 };
  const isSelf = path.toLowerCase() === '/people/@self';
  return world.switches.state === 'restoring' && !isSelf
    ? { kind: 'problem', status: 403 }
    : undefined;
}

/**
 * A key without the needed scope gets 403 without a body. An anonymous endpoint answers 403 with
 * ProblemDetails if a key is sent that is invalid or has no such scope.
 */
function unauthorised(input: {
  readonly world: World;
  readonly credential: Credential;
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly path: string;
}): Outcome | undefined {
  const { world, credential, endpoint, method, path } = input;
  const { key, scheme } = credential;
  const mayCall = world.release.wideScopes ? hasScope : hadScope;
  const hasIt = key === undefined || mayCall({ key, method, path });
  if (endpoint.access === 'anonymous') {
    const isGood = scheme !== 'apiKey' || (key !== undefined && hasIt);
    return isGood ? undefined : { kind: 'problem', status: 403 };
  }
  return endpoint.access === 'scoped' && !hasIt ? { kind: 'empty', status: 403 } : undefined;
}

function unpaid({ world, endpoint }: { world: World; endpoint: Endpoint }): Outcome | undefined {
  if (!world.switches.unpaid) return undefined;
  const isFree =
    endpoint.path === '/people/filter' ? world.release.filterUnpaid : endpoint.freeOfPayment;
  return isFree ? undefined : { kind: 'empty', status: 402 };
}

export type AuthorizationKind = 'none' | 'key' | 'token' | 'other';
/** The credential of a request. `caller` is set only if the credential is valid. */
type Credential = {
  readonly kind: AuthorizationKind;
  readonly scheme: 'cookie' | 'basic' | 'jwt' | 'apiKey';
  readonly caller?: PortalUser;
  readonly key?: ApiKey;
  readonly hasBadCookie?: true;
  /** The error that the server throws while it reads the header. */
  readonly fault?: Outcome;
};

/** Reads the credential of a request from its headers, as docs/docspace-wire.md 1.1 describes. */
export function identify(input: { world: World; headers: IncomingHttpHeaders }): Credential {
  const { world, headers } = input;
  const header = headers.authorization ?? '';
  if (header.startsWith('Basic ')) return basic(world, header.slice('Basic '.length));
  const bearer = header.startsWith('Bearer ') ? header.slice('Bearer '.length) : undefined;
  if (bearer !== undefined && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(bearer)) return jwt(bearer);
  if (bearer?.trimStart().startsWith('sk-')) {
    const found = world.accounts.byKey(bearer);
    const scheme = 'apiKey';
    if (found === undefined) return { kind: 'key', scheme };
    return { kind: 'key', scheme, caller: found.owner, key: found.key };
  }
  // Any other value is tried as a session token. The cookie has priority over the header.
  const cookie = headers.cookie?.match(/(?:^|;\s*)asc_auth_key=([^;]+)/)?.[1];
  const token = cookie ?? bearer ?? header;
  if (token === '') return { kind: 'none', scheme: 'cookie' };
  const caller = world.accounts.byToken(token);
  if (caller !== undefined) return { kind: 'token', scheme: 'cookie', caller };
  const bad = cookie === undefined ? {} : { hasBadCookie: true as const };
  return { kind: 'other', scheme: 'cookie', ...bad };
}

/** In the simulated portal only the owner has a password. */
function basic(world: World, encoded: string): Credential {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) {
    const message =
      'The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.';
    const fault: Outcome = { kind: 'fault', fault: 'format', message, early: true };
    return { kind: 'other', scheme: 'basic', fault };
  }
  const [email = '', password] = Buffer.from(encoded, 'base64').toString().split(':');
  const caller = world.people.byEmail(email);
  const isRight = caller?.id === world.ownerId && password === world.ownerPassword;
  return { kind: 'other', scheme: 'basic', ...(isRight && caller ? { caller } : {}) };
}

/**
 * Every JWT is refused: the portal accepts only tokens of its own identity service, which is not
 * simulated.
 */
function jwt(token: string): Credential {
  const [header = ''] = token.split('.');
  const isJson = Buffer.from(header, 'base64url').toString().startsWith('{');
  const fault: Outcome = isJson
    ? {
        kind: 'fault',
        fault: 'authentication',
        message: "Claim 'sub' is not present in JWT",
        early: true,
      }
    : {
        kind: 'fault',
        fault: 'argument',
        message: `IDX12729: Unable to decode the header '${header}' as Base64Url encoded string.`,
        early: true,
      };
  return { kind: 'other', scheme: 'jwt', fault };
}

type Rule = { readonly path: string; readonly reads: readonly string[]; readonly writes: string[] };

// The rules are tried in this order (docs/docspace-wire.md 1.3). Files, rooms and groups are not
// simulated.
const RULES: readonly Rule[] = [
  {
    path: '/people/@self',
    reads: ['accounts.self:read', 'accounts.self:write'],
    writes: ['accounts.self:write'],
  },
  { path: '/people', reads: ['accounts:read', 'accounts:write'], writes: ['accounts:write'] },
];

/**
 * Whether `key` may make this call: any one of the needed scopes is enough. `path` is the path below
 * /api/2.0.
 */
function hasScope(input: { key: ApiKey; method: string; path: string }): boolean {
  const { key, method } = input;
  const path = input.path.toLowerCase();
  const reading = method === 'GET';
  const rule = RULES.find((one) => path.startsWith(one.path));
  const local = (reading ? rule?.reads : rule?.writes) ?? [];
  const needed = reading ? ['*:read', '*:write', ...local] : ['*:write', ...local];
  return scopesOf(key).some((scope) => needed.includes(scope));
}

/**
 * Whether `key` may make this call before 3.7: portal and settings need no scope, and a write needs both
 * the read scope and the write scope of its rule (docs/docspace-wire.md 13.7).
 */
function hadScope(input: { key: ApiKey; method: string; path: string }): boolean {
  const path = input.path.toLowerCase();
  const rule = RULES.find((one) => path.startsWith(one.path));
  if (rule === undefined || input.key.permissions.length === 0) return true;
  const has = (scope: string) => input.key.permissions.includes(scope);
  return input.method === 'GET' ? rule.reads.some(has) : rule.reads.every(has);
}

/**
 * A key without permissions has full access, which is the single claim `*:write`. A session has it too.
 */
export function scopesOf(key: ApiKey | undefined): readonly string[] {
  return key === undefined || key.permissions.length === 0 ? ['*:write'] : key.permissions;
}

/** Whether a route parameter satisfies its constraint. */
export function fits(text: string, constraint: 'guid' | 'int'): boolean {
  if (constraint === 'guid') return readGuid(text) !== undefined;
  return /^-?\d+$/.test(text) && Math.abs(Number(text)) < 2 ** 31;
}
