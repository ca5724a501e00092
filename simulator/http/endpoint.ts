import type { IncomingHttpHeaders } from 'node:http';
import type { ApiKey } from '../people/accounts.ts';
import type { PortalUser } from '../people/person.ts';
import type { World } from '../world.ts';
import type { GivenBody, Query } from './input.ts';
import type { Outcome } from './outcome.ts';

export type ApiRequest = {
  /** The portal. Its `origin` is the one of this request (docs/docspace-wire.md 13.3). */
  readonly world: World;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: GivenBody;
  readonly headers: IncomingHttpHeaders;
};
export type SignedInRequest = ApiRequest & {
  readonly caller: PortalUser;
  /** Set if the caller used an API key. */
  readonly key: ApiKey | undefined;
};

type Common = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The path below /api/2.0. */
  readonly path: string;
  /** Answers even if the portal is not paid (docs/docspace-wire.md 1.2). */
  readonly freeOfPayment?: true;
  /** Answers even if the portal is suspended or being restored. */
  readonly always?: true;
  /**
   * The limit for one user and path applies: 5 requests in 15 minutes on a real portal
   * (docs/docspace-wire.md 10).
   */
  readonly sensitive?: true;
  /**
   * Constraints of route parameters. A value that violates one gives 404 before authentication
   * (docs/docspace-wire.md 2.2).
   */
  readonly constraints?: Readonly<Record<string, 'guid' | 'int'>>;
};

type Anonymous = { readonly handle: (request: ApiRequest) => Outcome | Promise<Outcome> };
type SignedIn = { readonly handle: (request: SignedInRequest) => Outcome | Promise<Outcome> };

export type Endpoint = Common &
  (
    | (Anonymous & { readonly access: 'anonymous' })
    | (SignedIn & { readonly access: 'scoped' | 'unscoped' })
  );

/** A route that needs a scope of the API key, or a session (docs/docspace-wire.md 1.3). */
export function scoped(endpoint: Common & SignedIn): Endpoint {
  return { ...endpoint, access: 'scoped' };
}

/** A route that needs a signed-in caller, whatever scopes the key has. */
export function unscoped(endpoint: Common & SignedIn): Endpoint {
  return { ...endpoint, access: 'unscoped' };
}

export function anonymous(endpoint: Common & Anonymous): Endpoint {
  return { ...endpoint, access: 'anonymous' };
}
