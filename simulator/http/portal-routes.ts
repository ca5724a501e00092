import { EMPTY_GUID, readGuid } from '../ids.ts';
import { openLink } from '../joining/links.ts';
import { EMPLOYEE_TYPE_NUMBERS, userInfo } from '../people/person.ts';
import { isAdmin, mayAdd, maySee } from '../people/rights.ts';
import { judgeSignedKey } from '../signed-keys.ts';
import { withoutZone } from '../time.ts';
import type { World } from '../world.ts';
import {
  type ApiRequest,
  anonymous,
  type Endpoint,
  type SignedInRequest,
  scoped,
} from './endpoint.ts';
import { createQueryReader, readEnum } from './input.ts';
import { DENIED, invalid, notFound, type Outcome } from './outcome.ts';

// Hard-coded in the portal; auth:validinterval is not used (wire 6.2).
const CONGRATULATION_KEY_LIFETIME_MS = 3_600_000;
const MOST_EMPLOYEE_TYPE = 7;

/** portal/users/…, but the shared links, and portal/sendcongratulations (wire 3.1, 5, 6). */
export function portalRoutes(world: World): readonly Endpoint[] {
  return [
    scoped({
      method: 'GET',
      path: '/portal/users/invite/:employeeType',
      handle: (request) => invitationLink({ world, request }),
    }),
    scoped({
      method: 'GET',
      path: '/portal/users/:userId',
      guids: ['userId'],
      handle: (request) => oneUser({ world, request }),
    }),
    anonymous({
      method: 'POST',
      path: '/portal/sendcongratulations',
      handle: (request) => sendCongratulations({ world, request }),
    }),
  ];
}

/** An empty string instead of a 403 when the caller may not add the type (wire 3.1). */
function invitationLink(input: { world: World; request: SignedInRequest }): Outcome {
  const { world, request } = input;
  const given = request.params.employeeType ?? '';
  // A flags enum: 5, 6 and 7 bind too.
  const type = readEnum(given, EMPLOYEE_TYPE_NUMBERS);
  if (type === undefined || type > MOST_EMPLOYEE_TYPE) {
    return invalid('employeeType', `The value '${given}' is not valid.`);
  }
  if (!world.switches.invitingMembers) return DENIED;
  const { caller } = request;
  if (!mayAdd({ world, caller, type })) return { kind: 'ok', response: '' };
  return { kind: 'ok', response: openLink({ world, inviterId: caller.id, type }) };
}

/** UserInfo, disabled people included (wire 5). */
function oneUser(input: { world: World; request: SignedInRequest }): Outcome {
  const { world, request } = input;
  const { caller } = request;
  const user = world.people.get(readGuid(request.params.userId ?? '') ?? '');
  if (user === undefined) {
    const reaches404 = isAdmin(caller) || caller.type === 'RoomAdmin';
    return reaches404 ? notFound('The user could not be found') : DENIED;
  }
  if (!maySee({ world, viewer: caller, target: user })) return DENIED;
  const { tenantId } = world.signing;
  return { kind: 'ok', response: userInfo({ user, tenantId, date: withoutZone }) };
}

/** Each call with a right key has its effect again; nobody counts here (wire 6.2, 6.3). */
function sendCongratulations(input: { world: World; request: ApiRequest }): Outcome {
  const { world, request } = input;
  const read = createQueryReader(request.query);
  const userId = read.guid('Userid') ?? EMPTY_GUID;
  if (Object.keys(read.errors).length > 0) return { kind: 'invalid', errors: read.errors };
  const key = read.text('Key');
  if (key === undefined) {
    return { kind: 'fault', fault: 'argumentNull', message: 'Value cannot be null.' };
  }
  if (!isRightKey({ world, userId, key })) return DENIED;
  // The "lost user" has no e-mail, nothing useful is sent (wire 6.3).
  if (world.people.get(userId) !== undefined) {
    world.congratulations.push({ userId, at: world.now(), key });
  }
  return { kind: 'ok' };
}

function isRightKey(input: { world: World; userId: string; key: string }): boolean {
  const { world, userId, key } = input;
  // The one departure from the wire, asked for by the demo's `Key=welcome_guest`.
  if (world.keyCheck === 'any') return true;
  const text = `${userId}Auth`;
  const lifetimeMs = CONGRATULATION_KEY_LIFETIME_MS;
  const { signing } = world;
  return judgeSignedKey({ ...signing, key, text, nowMs: world.now(), lifetimeMs }) === 'valid';
}
