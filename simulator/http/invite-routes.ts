import { inviteAgain, inviteByEmail, quotaFault } from '../joining/invite.ts';
import { ACTIVATION } from '../people/person.ts';
import { isAdmin, maySee } from '../people/rights.ts';
import { employeeDto, employeeFullDto } from './dtos.ts';
import { type Endpoint, type SignedInRequest, scoped } from './endpoint.ts';
import { type BodyShape, type Field, fields, isObject, readBody, readObject } from './input.ts';
import { DENIED, NULL_REFERENCE, nullArgument, type Outcome } from './outcome.ts';
import { viewOfPeople } from './people-filter.ts';
import { employeeTypeField } from './shared-link-routes.ts';

type Invitation = { readonly email: string | undefined; readonly type: number };

const invitation: BodyShape<Invitation> = {
  type: 'ASC.People.ApiModels.RequestDto.UserInvitationRequestDto',
  fields: { email: fields.text(), type: employeeTypeField },
};
const invitationField: Field<Invitation | null> = {
  type: invitation.type,
  fallback: null,
  read: (value) => {
    if (value === null) return { value: null };
    return isObject(value) ? { value: readObject(value, invitation) } : undefined;
  },
};
const inviting: BodyShape<{
  invitations: readonly (Invitation | null)[] | undefined;
  culture: string | undefined;
}> = {
  type: 'ASC.People.ApiModels.RequestDto.InviteUsersRequestDto',
  fields: {
    invitations: {
      ...fields.list(invitationField),
      check: (list) => {
        if (list === undefined) return 'The Invitations field is required.';
        const faults = list.map((one) => addressFault(one?.email));
        const index = faults.findIndex((fault) => fault !== undefined);
        return index < 0 ? undefined : `[${index}].Email ${faults[index]}`;
      },
    },
    culture: fields.text(),
  },
};
const resending: BodyShape<{ userIds: readonly string[] | undefined; resendAll: boolean }> = {
  type: 'ASC.People.ApiModels.RequestDto.UpdateMembersRequestDto',
  fields: { userIds: fields.list(fields.guid()), resendAll: fields.flag() },
};

/**
 * Returns the message of the model if an address violates its rule: at most 255 characters, no line
 * break, and exactly one @, which is neither first nor last.
 */
export function addressFault(email: string | undefined): string | undefined {
  if (email === undefined) return undefined;
  if (email.length > 255) {
    return "The field Email must be a string or array type with a maximum length of '255'.";
  }
  const isAddress = /^[^@]+@[^@]+$/.test(email) && !/[\r\n]/.test(email);
  return isAddress ? undefined : 'The Email field is not a valid e-mail address.';
}

/** Inviting people by e-mail, and inviting them again (docs/docspace-wire.md 4). */
export const inviteRoutes: readonly Endpoint[] = [
  scoped({ method: 'POST', path: '/people/invite', handle: invite }),
  scoped({
    method: 'PUT',
    path: '/people/invite',
    freeOfPayment: true,
    sensitive: true,
    handle: resend,
  }),
];

/** The request is not a transaction: if an entry fails, the people before it are already invited. */
async function invite(request: SignedInRequest): Promise<Outcome> {
  const { world, caller } = request;
  const body = readBody(request.body, inviting);
  if (body.kind === 'refused') return body.outcome;
  const { invitations = [], culture } = body.value;
  // The server throws this while it checks the limit of invitations, before the action.
  if (invitations.includes(null)) return { ...NULL_REFERENCE, early: true };
  const limited = world.limits.invitations(invitations.length);
  if (limited !== undefined) return limited;
  if (!mayInvite(request) || !world.switches.invitingMembers) return DENIED;
  const wanted = invitations.filter((one) => one !== null);
  const overQuota = quotaFault({ world, wanted });
  if (overQuota !== undefined) return { kind: 'fault', fault: 'quota', message: overQuota };
  for (const { email, type } of wanted) {
    const result = await inviteByEmail({
      world,
      inviter: caller,
      email: email ?? '',
      type,
      culture,
    });
    switch (result.kind) {
      case 'invited':
        break;
      case 'forbidden':
        return DENIED;
      case 'refused':
        return { kind: 'fault', fault: result.fault, message: result.message };
      default:
        throw new Error(`Nothing answers ${JSON.stringify(result satisfies never)}.`);
    }
  }
  return { kind: 'ok', response: allPending(request) };
}

/**
 * Returns all people whose activationStatus is exactly Pending and whom the caller may see, not only
 * those invited now. They are sorted by id.
 */
function allPending({ world, caller }: SignedInRequest) {
  const filter = { activationStatus: ACTIVATION.pending, employeeStatus: 7 };
  const view = viewOfPeople({ world, caller, filter });
  return view
    .page({ start: 0, count: view.total, descending: false })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((user) => employeeDto({ world, user }));
}

/**
 * The answer contains everybody who was asked for, whether or not a letter was sent. An unknown id ends
 * the request with 500. People before this id have got their letters (docs/docspace-wire.md 13.1).
 */
function resend(request: SignedInRequest): Outcome {
  const { world, caller } = request;
  const body = readBody(request.body, resending);
  if (body.kind === 'refused') return body.outcome;
  const { userIds, resendAll } = body.value;
  if (resendAll && !mayInvite(request)) return DENIED;
  if (!resendAll && userIds === undefined) return nullArgument('source');
  const everybody = resendAll
    ? [...world.people.all()].filter((user) => user.activationStatus === ACTIVATION.pending)
    : undefined;
  const response = [];
  for (const user of everybody ?? (userIds ?? []).map((id) => world.people.get(id))) {
    if (user === undefined) return NULL_REFERENCE;
    if (!maySee({ world, viewer: caller, target: user })) return DENIED;
    const sent = inviteAgain({ world, inviter: caller, user });
    response.push(employeeFullDto({ world, user: sent, caller }));
  }
  // The list is streamed, so `count` in the envelope is 1, whatever the length is.
  return { kind: 'ok', response, count: 1 };
}

function mayInvite({ caller }: SignedInRequest): boolean {
  return isAdmin(caller) || caller.type === 'RoomAdmin';
}
