import { EMPTY_GUID, readGuid } from '../ids.ts';
import { openLink } from '../joining/links.ts';
import { EMPLOYEE_TYPE_NUMBERS, type PortalUser, userInfo } from '../people/person.ts';
import { isAdmin, mayAdd, maySee } from '../people/rights.ts';
import { judgeSignedKey } from '../signed-keys.ts';
import { withoutZone } from '../time.ts';
import type { World } from '../world.ts';
import { lostUser } from './dtos.ts';
import {
  type ApiRequest,
  anonymous,
  type Endpoint,
  type SignedInRequest,
  scoped,
} from './endpoint.ts';
import {
  type BodyShape,
  createQuery,
  createQueryReader,
  type Enum,
  fields,
  readBody,
} from './input.ts';
import { DENIED, notFound, nullArgument, type Outcome } from './outcome.ts';

// The lifetime is fixed in the portal's code, which ignores auth:validinterval here
// (docs/docspace-wire.md 6.2).
const CONGRATULATION_KEY_LIFETIME_MS = 3_600_000;
/** A flags enum, so 5, 6 and 7 are accepted too. */
export const EMPLOYEE_TYPE: Enum = { names: EMPLOYEE_TYPE_NUMBERS, isFlags: true };

/**
 * The routes portal/users/… (without the shared links), portal/sendcongratulations and settings
 * (docs/docspace-wire.md 3.1, 5, 6).
 */
export const portalRoutes: readonly Endpoint[] = [
  scoped({ method: 'GET', path: '/portal/users/invite/:employeeType', handle: invitationLink }),
  scoped({
    method: 'GET',
    path: '/portal/users/:userId',
    constraints: { userId: 'guid' },
    handle: oneUser,
  }),
  anonymous({ method: 'POST', path: '/portal/sendcongratulations', handle: sendCongratulations }),
  anonymous({
    method: 'GET',
    path: '/settings',
    always: true,
    freeOfPayment: true,
    handle: settings,
  }),
  anonymous({ method: 'GET', path: '/settings/invitationsettings', handle: invitationSettings }),
  scoped({
    method: 'PUT',
    path: '/settings/invitationsettings',
    handle: changeInvitationSettings,
  }),
];

const switchesBody: BodyShape<{ allowInvitingMembers: boolean; allowInvitingGuests: boolean }> = {
  type: 'ASC.Web.Api.ApiModels.RequestsDto.TenantUserInvitationSettingsRequestDto',
  fields: { allowInvitingMembers: fields.flag(), allowInvitingGuests: fields.flag() },
};

/** The portal's "Invitation settings" (docs/docspace-wire.md 13.2, 5). */
function invitationSettings({ world: { switches } }: Pick<ApiRequest, 'world'>): Outcome {
  const { invitingMembers, invitingGuests } = switches;
  const response = { allowInvitingMembers: invitingMembers, allowInvitingGuests: invitingGuests };
  return { kind: 'ok', response };
}

function changeInvitationSettings(request: SignedInRequest): Outcome {
  const { world, caller } = request;
  if (!isAdmin(caller)) return DENIED;
  const body = readBody(request.body, switchesBody);
  if (body.kind === 'refused') return body.outcome;
  world.switches.invitingMembers = body.value.allowInvitingMembers;
  world.switches.invitingGuests = body.value.allowInvitingGuests;
  return invitationSettings(request);
}

/** Answers with an empty string instead of 403 if the caller may not add the type. */
function invitationLink({ world, params, caller }: SignedInRequest): Outcome {
  const type = readParameter('employeeType', params['employeeType'] ?? '');
  if (typeof type !== 'number') return type;
  if (!world.switches.invitingMembers) return DENIED;
  if (!mayAdd({ world, caller, type })) return { kind: 'ok', response: '' };
  return { kind: 'ok', response: openLink({ world, inviterId: caller.id, type }) };
}

/** Reads the employee type in a route. Returns the answer with the error if the text is invalid. */
export function readParameter(name: string, text: string): number | Outcome {
  const read = createQueryReader(createQuery(new URLSearchParams({ [name]: text })));
  const type = read.enumeration(name, EMPLOYEE_TYPE);
  if (type !== undefined) return type;
  const errors = Object.keys(read.errors).length > 0 ? read.errors : blank(name, text);
  return { kind: 'invalid', errors };
}

function blank(name: string, text: string) {
  return { [name]: [`The value '${text}' is invalid.`] };
}

/** Answers with the UserInfo of a person, even of a disabled person (docs/docspace-wire.md 5). */
function oneUser({ world, params, caller }: SignedInRequest): Outcome {
  const user = world.people.get(readGuid(params['userId'] ?? '') ?? '');
  const { tenantId } = world.signing;
  const shown = (one: PortalUser, tenant: number): Outcome => ({
    kind: 'ok',
    response: userInfo({ user: one, tenantId: tenant, date: withoutZone }),
  });
  if (user === undefined) {
    const isLeader = isAdmin(caller) || caller.type === 'RoomAdmin';
    if (!isLeader) return DENIED;
    return world.release.standInUser
      ? shown(lostUser(), 0)
      : notFound('The user could not be found');
  }
  return maySee({ world, viewer: caller, target: user }) ? shown(user, tenantId) : DENIED;
}

/** Each call with a valid key sends another letter. The portal does not count the letters. */
function sendCongratulations({ world, query }: ApiRequest): Outcome {
  const read = createQueryReader(query);
  const userId = read.guid('Userid', { required: true }) ?? EMPTY_GUID;
  if (Object.keys(read.errors).length > 0) return { kind: 'invalid', errors: read.errors };
  const key = query.one('Key');
  if (key === undefined || key.trim() === '') return nullArgument('key');
  if (!isRightKey({ world, userId, key })) return DENIED;
  // An unknown id has no address, so no letter is sent (docs/docspace-wire.md 13.2, 21).
  if (world.people.get(userId) !== undefined) {
    world.congratulations.push({ userId, at: world.now(), key });
  }
  return { kind: 'ok' };
}

function isRightKey(input: { world: World; userId: string; key: string }): boolean {
  const { world, userId, key } = input;
  // The demo needs this option for its `Key=welcome_guest`.
  if (world.keyCheck === 'any') return true;
  const text = `${userId}Auth`;
  const lifetimeMs = CONGRATULATION_KEY_LIFETIME_MS;
  const { signing } = world;
  return judgeSignedKey({ ...signing, key, text, nowMs: world.now(), lifetimeMs }) === 'valid';
}

/** The first part of the portal's settings. The rest is about the portal's pages. */
function settings({ world, headers }: ApiRequest): Outcome {
  const offsetMs = world.zones.portal.offsetMs(world.now());
  const known = (headers.authorization ?? '') !== '';
  const common = {
    culture: world.culture,
    utcOffset: timeSpan(offsetMs),
    utcHoursOffset: offsetMs / 3_600_000,
    greetingSettings: 'Web Office',
    ownerId: known ? world.ownerId : EMPTY_GUID,
  };
  if (!known) {
    const response = {
      trustedDomainsType: 0,
      ...common,
      enabledJoin: false,
      enableAdmMess: false,
      thirdpartyEnable: false,
      docSpace: true,
      standalone: true,
    };
    return { kind: 'ok', response };
  }
  const response = {
    timezone: world.zones.name,
    trustedDomains: [],
    trustedDomainsType: 0,
    ...common,
    nameSchemaId: 'Common',
    enableAdmMess: false,
    docSpace: true,
    standalone: true,
  };
  return { kind: 'ok', response };
}

/** Formats as .NET does: `-05:00:00`. */
function timeSpan(ms: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.abs(ms) / 60_000;
  return `${ms < 0 ? '-' : ''}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:00`;
}
