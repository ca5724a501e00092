import type { IncomingHttpHeaders } from 'node:http';
import type { ApiKey } from '../accounts.ts';
import type { PortalUser } from '../person.ts';
import type { World } from '../world.ts';

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
