import { REFUSAL_TEXTS, register } from '../joining/register.ts';
import { type RefusalReason, resolveInvitation } from '../joining/resolve.ts';
import { STATUS } from '../people/person.ts';
import type { World } from '../world.ts';
import { employeeFullDto } from './dtos.ts';
import { type ApiRequest, anonymous, type Endpoint } from './endpoint.ts';
import { type BodyShape, fields, readBody } from './input.ts';
import { badRequest, DENIED, invalid, type Outcome } from './outcome.ts';

type Form = {
  readonly email: string | undefined;
  readonly firstName: string | undefined;
  readonly lastName: string | undefined;
  readonly cultureName: string | undefined;
};
const form: BodyShape<Form> = {
  type: 'ASC.People.ApiModels.RequestDto.MemberRequestDto',
  fields: {
    email: fields.text({ max: 255 }),
    firstName: fields.text({ max: 255 }),
    lastName: fields.text({ max: 255 }),
    cultureName: fields.text(),
  },
};
type Confirmation = {
  readonly key: string | undefined;
  readonly uid: string | undefined;
  readonly emplType: string | undefined;
  readonly encemail: string | undefined;
};
const confirmation: BodyShape<Confirmation> = {
  type: 'ASC.Web.Api.ApiModel.RequestsDto.EmailValidationKeyModel',
  fields: {
    key: fields.text(),
    uid: fields.text(),
    emplType: fields.text(),
    encemail: fields.text(),
  },
};

/**
 * The routes that the portal's own page calls when somebody opens an invitation link
 * (docs/docspace-wire.md 13.2, 9).
 */
export const joiningRoutes: readonly Endpoint[] = [
  anonymous({ method: 'POST', path: '/authentication/confirm', handle: confirm }),
  anonymous({ method: 'POST', path: '/people', handle: registerPerson }),
];

const RESULTS: Readonly<Partial<Record<RefusalReason, number>>> = {
  expired: 2,
  'already used': 4,
  'used up': 6,
};
const INVALID = 1;

/** Opens an invitation link. The 15 minutes of an e-mail invitation begin at the first opening. */
function confirm({ world, body }: ApiRequest): Outcome {
  const read = readBody(body, confirmation);
  if (read.kind === 'refused') return read.outcome;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(read.value)) {
    if (value !== undefined) query.set(name, value);
  }
  const invitation = resolveInvitation({ world, link: `/confirm/LinkInvite?${query}` });
  if (invitation.kind === 'refused') {
    const result = RESULTS[invitation.reason] ?? INVALID;
    return { kind: 'ok', response: { result, isAgent: false } };
  }
  if (invitation.kind !== 'email') return { kind: 'ok', response: { result: 0, isAgent: false } };
  world.links.open(invitation.key, world.now());
  const { email } = invitation.invitee;
  return { kind: 'ok', response: { result: 0, email, isAgent: false } };
}

/**
 * POST people with the query of the invitation link in the header `Confirm`. Without this header it
 * answers 401, because that use of the route is not simulated.
 */
function registerPerson({ world, body, headers }: ApiRequest): Outcome {
  const query = headers['confirm']?.toString();
  if (query === undefined) return { kind: 'empty', status: 401 };
  const read = readBody(body, form);
  if (read.kind === 'refused') return read.outcome;
  const { email = '', firstName = '', lastName = '', cultureName } = read.value;
  const result = register({
    world,
    link: `/confirm/LinkInvite?${query}`,
    form: { email, firstName, lastName, culture: cultureName ?? null },
  });
  if (result.kind === 'refused') return refusal(world, result.reason, query);
  const { user } = result;
  const caller = world.people.get(user.createdBy ?? '') ?? user;
  return { kind: 'ok', response: employeeFullDto({ world, user, caller }) };
}

function refusal(world: World, reason: RefusalReason, query: string): Outcome {
  switch (reason) {
    case 'invalid':
    case 'expired':
    case 'used up':
    case 'already used':
      return { kind: 'empty', status: 401 };
    case 'inviter may not': {
      const inviter = world.people.get(new URLSearchParams(query).get('uid') ?? '');
      const isGone = inviter?.status !== STATUS.active;
      return isGone
        ? { kind: 'fault', fault: 'authentication', message: 'account', early: true }
        : DENIED;
    }
    case 'invitations off':
    case 'other address':
      return DENIED;
    case 'bad e-mail':
      return invalid('Email', 'The Email field is not a valid e-mail address.');
    case 'bad name':
      return badRequest('Incorrect firstname or lastname');
    case 'address taken':
      return badRequest('User with this email is already registered');
    default:
      throw new Error(`Nothing answers ${REFUSAL_TEXTS[reason satisfies never]}.`);
  }
}
