import { readGuid } from '../ids.ts';
import { type SharedLink, sharedLinkUrl } from '../joining/links.ts';
import { hasFreeSeat, isPaidType } from '../joining/seats.ts';
import { EMPLOYEE_TYPE_NUMBERS } from '../people/person.ts';
import { mayAdd } from '../people/rights.ts';
import { apiDateTime, epochMs, type Moment, readMoment } from '../time.ts';
import type { World } from '../world.ts';
import { type Endpoint, type SignedInRequest, scoped } from './endpoint.ts';
import {
  type BodyShape,
  type Field,
  fields,
  readBody,
  readEnum,
  readInteger,
  required,
} from './input.ts';
import { badRequest, DENIED, NO_RECORD, type Outcome } from './outcome.ts';
import { EMPLOYEE_TYPE, readParameter } from './portal-routes.ts';

const PATH = '/portal/users/invitationlink';
const ALLOWED_TYPES: readonly number[] = [
  EMPLOYEE_TYPE_NUMBERS.RoomAdmin,
  EMPLOYEE_TYPE_NUMBERS.DocSpaceAdmin,
  EMPLOYEE_TYPE_NUMBERS.User,
];

type Limits = { readonly expiration: string | undefined; readonly maxUseCount: number | undefined };

export const employeeTypeField: Field<number> = {
  type: 'ASC.Core.Users.EmployeeType',
  // An absent type counts as All (docs/docspace-wire.md 4).
  fallback: 0,
  read: (value) => {
    if (typeof value === 'number' && Number.isInteger(value)) return { value };
    const type = typeof value === 'string' ? readEnum(value, EMPLOYEE_TYPE) : undefined;
    return typeof type === 'number' ? { value: type } : undefined;
  },
};
const limits = {
  expiration: {
    type: 'System.Nullable`1[System.DateTime]',
    fallback: undefined,
    read: (value: unknown) => {
      if (value === null) return { value: undefined };
      const isDate = typeof value === 'string' && !Number.isNaN(Date.parse(value));
      return isDate ? { value } : undefined;
    },
  },
  maxUseCount: {
    type: 'System.Nullable`1[System.Int32]',
    fallback: undefined,
    read: (value: unknown) => (value === null ? { value: undefined } : readInteger(value)),
    check: (value: number | undefined) =>
      value !== undefined && (value < 1 || value > 1_000)
        ? 'The field MaxUseCount must be between 1 and 1000.'
        : undefined,
  },
};
const DTO = 'ASC.Web.Api.ApiModels.RequestsDto.InvitationLink';
const creation: BodyShape<Limits & { employeeType: number }> = {
  type: `${DTO}CreateRequestDto`,
  fields: { employeeType: required(employeeTypeField), ...limits },
};
const change: BodyShape<Limits & { id: string }> = {
  type: `${DTO}UpdateRequestDto`,
  fields: { id: required(fields.guid()), ...limits },
};
const removal: BodyShape<{ id: string }> = {
  type: `${DTO}DeleteRequestDto`,
  fields: { id: required(fields.guid()) },
};

/** Creates, reads, changes and deletes the one link per employee type (docs/docspace-wire.md 3.2). */
export const sharedLinkRoutes: readonly Endpoint[] = [
  scoped({ method: 'POST', path: PATH, handle: create }),
  scoped({ method: 'GET', path: `${PATH}/:employeeType`, handle: readOne }),
  scoped({ method: 'PUT', path: PATH, handle: update }),
  scoped({ method: 'DELETE', path: PATH, handle: remove }),
];

function create(request: SignedInRequest): Outcome {
  const { world, caller } = request;
  const body = readBody(request.body, creation);
  if (body.kind === 'refused') return body.outcome;
  const { employeeType, maxUseCount } = body.value;
  if (!world.switches.invitingMembers) return DENIED;
  if (!ALLOWED_TYPES.includes(employeeType)) return badRequest('EmployeeType');
  if (!mayAdd({ world, caller, type: employeeType })) return DENIED;
  const expiration = momentOf(world, body.value.expiration);
  if (isPast(world, expiration)) return badRequest('Expiration');
  if (world.links.sharedByType(employeeType) !== undefined) {
    return badRequest('link with the same EmployeeType already exists');
  }
  if (isPaidType(employeeType) && !hasFreeSeat(world)) {
    const message = `The number of admins should not exceed ${world.paidSeats}`;
    return { kind: 'fault', fault: 'quota', message };
  }
  const link = world.links.addShared({ employeeType, expiration, maxUseCount });
  return { kind: 'ok', response: dto(request, link) };
}

/** Answers 200 without a response if the link does not exist. */
function readOne(request: SignedInRequest): Outcome {
  const { world, caller } = request;
  const type = readParameter('employeeType', request.params['employeeType'] ?? '');
  if (typeof type !== 'number') return type;
  if (!world.switches.invitingMembers) return DENIED;
  if (!ALLOWED_TYPES.includes(type)) return badRequest('EmployeeType');
  if (!mayAdd({ world, caller, type })) return DENIED;
  const link = world.links.sharedByType(type);
  return link === undefined ? { kind: 'ok' } : { kind: 'ok', response: dto(request, link) };
}

/** An absent `expiration` or `maxUseCount` removes this limit from the link. */
function update(request: SignedInRequest): Outcome {
  const { world, caller } = request;
  const body = readBody(request.body, change);
  if (body.kind === 'refused') return body.outcome;
  const { maxUseCount } = body.value;
  const link = world.links.sharedById(readGuid(body.value.id) ?? '');
  if (link === undefined) return NO_RECORD;
  if (!mayAdd({ world, caller, type: link.employeeType })) return DENIED;
  const expiration = momentOf(world, body.value.expiration);
  if (isPast(world, expiration)) return badRequest('Expiration');
  if (maxUseCount !== undefined && maxUseCount < link.currentUseCount) {
    return badRequest('MaxUseCount');
  }
  const changed = { ...link, expiration, maxUseCount };
  world.links.saveShared(changed);
  return { kind: 'ok', response: dto(request, changed) };
}

function remove(request: SignedInRequest): Outcome {
  const { world, caller } = request;
  const body = readBody(request.body, removal);
  if (body.kind === 'refused') return body.outcome;
  const link = world.links.sharedById(readGuid(body.value.id) ?? '');
  if (link === undefined) return NO_RECORD;
  if (!mayAdd({ world, caller, type: link.employeeType })) return DENIED;
  world.links.removeShared(link.id);
  return { kind: 'ok' };
}

function momentOf(world: World, text: string | undefined): Moment | undefined {
  return text === undefined ? undefined : readMoment(text, world.zones.portal);
}

function isPast(world: World, expiration: Moment | undefined): boolean {
  return expiration !== undefined && epochMs(expiration) <= world.now();
}

/** InvitationLinkDto in the order of its properties. `employeeType` is a number here. */
function dto({ world, caller }: SignedInRequest, link: SharedLink) {
  const { id, employeeType, expiration, maxUseCount, currentUseCount } = link;
  return {
    id,
    employeeType,
    expiration: expiration && apiDateTime(expiration, world.zones.portal),
    isExpired: isPast(world, expiration),
    maxUseCount,
    currentUseCount,
    url: sharedLinkUrl({ world, link, callerId: caller.id }),
  };
}
