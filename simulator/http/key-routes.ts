import { momentAt, withoutZone } from '../time.ts';
import type { World } from '../world.ts';
import { scopesOf } from './access.ts';
import { employeeDto } from './dtos.ts';
import { type Endpoint, type SignedInRequest, scoped, unscoped } from './endpoint.ts';
import { badRequest, type Outcome } from './outcome.ts';

const SID_CLAIM = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/sid';

/** Checking a key (wire 1.4). */
export function keyRoutes(world: World): readonly Endpoint[] {
  return [
    // No scope needed, only a valid key (wire 1.3).
    unscoped({
      method: 'GET',
      path: '/keys/@self',
      handle: (request) => ownKey({ world, request }),
    }),
    scoped({
      method: 'GET',
      path: '/people/tokendiagnostics',
      handle: (request) => ({ kind: 'ok', response: diagnostics(request) }),
    }),
  ];
}

/** Fails with anything but an API key: it cuts a fixed prefix length (wire 1.4). */
function ownKey(input: { world: World; request: SignedInRequest }): Outcome {
  const { world, request } = input;
  const { key, caller } = request;
  if (key === undefined)
    return badRequest('Index and length must refer to a location within the string.');
  const lastUsedAt = world.accounts.lastUsedAt(key);
  const response = {
    id: key.id,
    name: key.name,
    key: `sk-...${key.key.slice(-4)}`,
    permissions: key.permissions,
    createBy: employeeDto({ world, user: caller }),
    createOn: withoutZone(momentAt(key.createdAt)),
    isActive: true,
    lastUsed: lastUsedAt === undefined ? undefined : withoutZone(momentAt(lastUsedAt)),
  };
  return { kind: 'ok', response };
}

function diagnostics({ caller, key }: SignedInRequest) {
  const scopes = key === undefined ? [] : scopesOf(key).map((scope) => `scope:${scope}`);
  return { name: caller.userName, claims: [`${SID_CLAIM}:${caller.id}`, ...scopes] };
}
