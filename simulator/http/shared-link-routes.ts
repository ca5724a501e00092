import { z } from 'zod';
import { readGuid } from '../ids.ts';
import { type SharedLink, sharedLinkUrl } from '../joining/links.ts';
import { EMPLOYEE_TYPE_NUMBERS } from '../people/person.ts';
import { mayAdd } from '../people/rights.ts';
import { apiDateTime, epochMs, type Moment, readMoment } from '../time.ts';
import type { World } from '../world.ts';
import { type Endpoint, type SignedInRequest, scoped } from './endpoint.ts';
import { integer, parseBody, readEnum } from './input.ts';
import { badRequest, DENIED, invalid, notFound, type Outcome } from './outcome.ts';

type Handling = { readonly world: World; readonly request: SignedInRequest };

const PATH = '/portal/users/invitationlink';
const ALLOWED_TYPES: readonly number[] = [
  EMPLOYEE_TYPE_NUMBERS.RoomAdmin,
  EMPLOYEE_TYPE_NUMBERS.DocSpaceAdmin,
  EMPLOYEE_TYPE_NUMBERS.User,
];
const moment = z.string().transform((text, context): Moment => {
  const read = readMoment(text);
  if (read === undefined) context.addIssue({ code: 'custom', message: 'The date is not valid.' });
  return read ?? '';
});
const limits = {
  expiration: moment.nullish(),
  maxusecount: integer.pipe(z.number().min(1).max(1_000)).nullish(),
};
const creation = z.object({ employeetype: z.union([z.string(), z.number()]), ...limits });
const change = z.object({ id: z.string(), ...limits });
const removal = z.object({ id: z.string() });

/** CRUD of the one link per employee type (wire 3.2). */
export function sharedLinkRoutes(world: World): readonly Endpoint[] {
  return [
    scoped({ method: 'POST', path: PATH, handle: (request) => create({ world, request }) }),
    scoped({
      method: 'GET',
      path: `${PATH}/:employeeType`,
      handle: (request) => readOne({ world, request }),
    }),
    scoped({ method: 'PUT', path: PATH, handle: (request) => update({ world, request }) }),
    scoped({ method: 'DELETE', path: PATH, handle: (request) => remove({ world, request }) }),
  ];
}

function create({ world, request }: Handling): Outcome {
  const body = parseBody({ schema: creation, body: request.body });
  if (body.kind === 'refused') return body.outcome;
  const given = body.value.employeetype;
  const employeeType = readEnum(String(given), EMPLOYEE_TYPE_NUMBERS);
  if (employeeType === undefined) return invalid('employeeType', `'${given}' is not valid.`);
  const expiration = body.value.expiration ?? undefined;
  if (!ALLOWED_TYPES.includes(employeeType)) return badRequest('The type is not allowed');
  if (!mayAdd({ world, caller: request.caller, type: employeeType })) return DENIED;
  if (isPast(world, expiration)) return badRequest('The expiration date is in the past');
  if (world.links.sharedByType(employeeType) !== undefined) {
    return badRequest('A link of this type exists already');
  }
  const maxUseCount = body.value.maxusecount ?? undefined;
  const link = world.links.addShared({ employeeType, expiration, maxUseCount });
  return { kind: 'ok', response: dto({ world, request, link }) };
}

/** 200 without a response when there is none (wire 3.2). */
function readOne({ world, request }: Handling): Outcome {
  const given = request.params.employeeType ?? '';
  const type = readEnum(given, EMPLOYEE_TYPE_NUMBERS);
  if (type === undefined) return invalid('employeeType', `The value '${given}' is not valid.`);
  if (!ALLOWED_TYPES.includes(type)) return badRequest('The type is not allowed');
  if (!mayAdd({ world, caller: request.caller, type })) return DENIED;
  const link = world.links.sharedByType(type);
  return link === undefined
    ? { kind: 'ok' }
    : { kind: 'ok', response: dto({ world, request, link }) };
}

/** An absent value means "none" and clears it (wire 3.2). */
function update({ world, request }: Handling): Outcome {
  const body = parseBody({ schema: change, body: request.body });
  if (body.kind === 'refused') return body.outcome;
  const link = world.links.sharedById(readGuid(body.value.id) ?? '');
  if (link === undefined) return notFound('The link could not be found');
  if (!mayAdd({ world, caller: request.caller, type: link.employeeType })) return DENIED;
  const expiration = body.value.expiration ?? undefined;
  const maxUseCount = body.value.maxusecount ?? undefined;
  if (isPast(world, expiration)) return badRequest('The expiration date is in the past');
  if (maxUseCount !== undefined && maxUseCount < link.currentUseCount) {
    return badRequest('The maximal use count is below the current one');
  }
  const changed = { ...link, expiration, maxUseCount };
  world.links.saveShared(changed);
  return { kind: 'ok', response: dto({ world, request, link: changed }) };
}

function remove({ world, request }: Handling): Outcome {
  const body = parseBody({ schema: removal, body: request.body });
  if (body.kind === 'refused') return body.outcome;
  const link = world.links.sharedById(readGuid(body.value.id) ?? '');
  if (link === undefined) return notFound('The link could not be found');
  if (!mayAdd({ world, caller: request.caller, type: link.employeeType })) return DENIED;
  world.links.removeShared(link.id);
  return { kind: 'ok' };
}

function isPast(world: World, expiration: Moment | undefined): boolean {
  return expiration !== undefined && epochMs(expiration) <= world.now();
}

/** InvitationLinkDto in order; `employeeType` is a number here (wire 3.2). */
function dto({ world, request, link }: Handling & { readonly link: SharedLink }) {
  const { id, employeeType, expiration, maxUseCount, currentUseCount } = link;
  return {
    id,
    employeeType,
    expiration: expiration && apiDateTime(expiration),
    isExpired: isPast(world, expiration),
    maxUseCount,
    currentUseCount,
    url: sharedLinkUrl({ world, link, callerId: request.caller.id }),
  };
}
