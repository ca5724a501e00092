import { z } from 'zod';
import { readGuid } from '../ids.ts';
import { inviteAgain, inviteByEmail } from '../joining/invite.ts';
import {
  ACTIVATION,
  EMPLOYEE_TYPE_NUMBERS,
  isActivated,
  type PortalUser,
  STATUS,
} from '../people/person.ts';
import { isAdmin, maySee } from '../people/rights.ts';
import type { World } from '../world.ts';
import { employeeDto, employeeFullDto } from './dtos.ts';
import { type Endpoint, type SignedInRequest, scoped } from './endpoint.ts';
import { parseBody, readEnum } from './input.ts';
import { badRequest, DENIED, type Outcome } from './outcome.ts';
import { viewOfPeople } from './people-filter.ts';

type Handling = { readonly world: World; readonly request: SignedInRequest };

const employeeType = z
  .union([z.string(), z.number()])
  .optional()
  .transform((given, context) => {
    // All = 0 if absent (wire 4).
    const type = given === undefined ? 0 : readEnum(String(given), EMPLOYEE_TYPE_NUMBERS);
    if (type === undefined) context.addIssue({ code: 'custom', message: 'The type is not valid.' });
    return type ?? 0;
  });
const invitation = z.object({
  email: z
    .string()
    .max(255)
    .regex(/^[^@]+@[^@]+$/, 'The Email field is not a valid e-mail address.'),
  type: employeeType,
});
const inviting = z.object({ invitations: z.array(invitation), culture: z.string().nullish() });
const resending = z.object({
  userids: z.array(z.string()).nullish(),
  resendall: z.boolean().nullish(),
});

/** People by e-mail: invite and invite again (wire 4). */
export function inviteRoutes(world: World): readonly Endpoint[] {
  const path = '/people/invite';
  return [
    scoped({ method: 'POST', path, handle: (request) => invite({ world, request }) }),
    scoped({
      method: 'PUT',
      path,
      freeOfPayment: true,
      sensitive: true,
      handle: (request) => resend({ world, request }),
    }),
  ];
}

/** Not a transaction: entries before the failing one are already invited (wire 4). */
function invite({ world, request }: Handling): Outcome {
  const { caller } = request;
  const body = parseBody({ schema: inviting, body: request.body });
  if (body.kind === 'refused') return body.outcome;
  if (!mayInvite(caller) || !world.switches.invitingMembers) return DENIED;
  const culture = body.value.culture ?? undefined;
  for (const { email, type } of body.value.invitations) {
    const result = inviteByEmail({ world, inviter: caller, email, type, culture });
    if (result.kind === 'forbidden') return DENIED;
    if (result.kind === 'badRequest') return badRequest(result.message);
  }
  return { kind: 'ok', response: allPending({ world, request }) };
}

/** ALL people whose activationStatus is exactly Pending, not just the ones invited now (wire 4). */
function allPending({ world, request }: Handling) {
  const { caller } = request;
  const filter = { activationStatus: ACTIVATION.pending, employeeStatus: 7 };
  const view = viewOfPeople({ world, caller, filter });
  return view
    .page({ start: 0, count: view.total, descending: false })
    .map((user) => employeeDto({ world, user }));
}

function resend({ world, request }: Handling): Outcome {
  const { caller } = request;
  const body = parseBody({ schema: resending, body: request.body });
  if (body.kind === 'refused') return body.outcome;
  const all = body.value.resendall === true;
  if (all && !mayInvite(caller)) return DENIED;
  const asked = all
    ? [...world.people.all()]
    : (body.value.userids ?? []).flatMap((id) => world.people.get(readGuid(id) ?? '') ?? []);
  const due = asked.filter(
    (user) => isDue(user) && maySee({ world, viewer: caller, target: user }),
  );
  for (const user of due) inviteAgain({ world, inviter: caller, user });
  const response = due.map((user) => employeeFullDto({ world, user, caller }));
  return { kind: 'ok', response };
}

/** Not active and not disabled (wire 4). */
function isDue(user: PortalUser): boolean {
  return !isActivated(user) && user.status !== STATUS.terminated;
}

function mayInvite(caller: PortalUser): boolean {
  return isAdmin(caller) || caller.type === 'RoomAdmin';
}
