import { displayName } from '../people/person.ts';
import { isAdmin } from '../people/rights.ts';
import { apiDateTime, atRest, momentAt } from '../time.ts';
import { scopesOf } from './access.ts';
import { employeeDto } from './dtos.ts';
import { type Endpoint, type SignedInRequest, scoped, unscoped } from './endpoint.ts';
import { NULL_REFERENCE, type Outcome } from './outcome.ts';

const SID_CLAIM = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/sid';
const NAME_CLAIM = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name';
const ROLE_CLAIM = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role';

/** The routes with which a client checks its key (docs/docspace-wire.md 1.4). */
export const keyRoutes: readonly Endpoint[] = [
  // This route needs a valid key, but no scope (docs/docspace-wire.md 1.3).
  unscoped({ method: 'GET', path: '/keys/@self', handle: ownKey }),
  scoped({
    method: 'GET',
    path: '/people/tokendiagnostics',
    handle: (request) => ({ kind: 'ok', response: diagnostics(request) }),
  }),
];

/**
 * Answers with an error if the credential is not an API key, because the real server cuts a fixed length
 * off the header.
 */
function ownKey({ world, key, caller, headers }: SignedInRequest): Outcome {
  if (key === undefined) {
    const message = "startIndex cannot be larger than length of string. (Parameter 'startIndex')";
    const tooShort: Outcome = { kind: 'fault', fault: 'outOfRange', message };
    return (headers.authorization ?? '') === '' ? tooShort : NULL_REFERENCE;
  }
  const date = (ms: number) => apiDateTime(atRest(momentAt(ms)), world.zones.portal);
  const lastUsedAt = world.accounts.lastUsedAt(key);
  const response = {
    id: key.id,
    name: key.name,
    key: `sk-***${key.key.slice(-4)}`,
    keyPostfix: key.key.slice(-4),
    permissions: key.permissions,
    lastUsed: lastUsedAt === undefined ? undefined : date(lastUsedAt),
    createOn: date(key.createdAt),
    createBy: employeeDto({ world, user: caller }),
    expiresAt: key.expiresAt === undefined ? undefined : date(key.expiresAt),
    isActive: key.isActive,
  };
  return { kind: 'ok', response };
}

function diagnostics({ caller, key }: SignedInRequest) {
  const name = displayName(caller);
  const roles = ['Authenticated', ...(isAdmin(caller) ? ['Administrators'] : []), 'Users'];
  const scopes = scopesOf(key);
  const claims = [
    `${NAME_CLAIM}:${name}`,
    `${SID_CLAIM}:${caller.id}`,
    `${NAME_CLAIM}:${name}`,
    ...roles.map((role) => `${ROLE_CLAIM}:${role}`),
    ...scopes.map((scope) => `scope:${scope}`),
  ];
  return { name, claims };
}
