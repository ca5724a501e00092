import { readGuid } from '../ids.ts';
import type { PortalUser } from '../people/person.ts';
import { isAdmin, maySee } from '../people/rights.ts';
import type { World } from '../world.ts';
import { employeeDto, employeeFullDto } from './dtos.ts';
import { type Endpoint, type SignedInRequest, scoped, unscoped } from './endpoint.ts';
import { createQueryReader, type QueryReader, readEnum } from './input.ts';
import { badRequest, DENIED, invalid, notFound, type Outcome } from './outcome.ts';
import {
  EMPLOYEE_STATUS,
  type PeopleFilter,
  readPeopleFilter,
  viewOfPeople,
} from './people-filter.ts';

type Handling = { readonly world: World; readonly request: SignedInRequest };
type Dto = (user: PortalUser) => unknown;

/** The lists and single reads of wire 9.1. */
export function peopleRoutes(world: World): readonly Endpoint[] {
  const method = 'GET';
  return [
    scoped({
      method,
      path: '/people/filter',
      freeOfPayment: true,
      handle: (request) => filtered({ world, request }),
    }),
    scoped({
      method,
      path: '/people/simple/filter',
      handle: (request) =>
        filtered({ world, request, dto: (user) => employeeDto({ world, user }) }),
    }),
    scoped({
      method,
      path: '/people/status/:status',
      handle: (request) => byStatus({ world, request }),
    }),
    scoped({
      method,
      path: '/people',
      handle: (request) =>
        filtered({ world, request, fixed: { employeeStatus: EMPLOYEE_STATUS.Active } }),
    }),
    scoped({ method, path: '/people/email', handle: (request) => byEmail({ world, request }) }),
    scoped({
      method,
      path: '/people/@self',
      freeOfPayment: true,
      handle: ({ caller }) => ({
        kind: 'ok',
        response: employeeFullDto({ world, user: caller, caller, own: true }),
      }),
    }),
    // Carries its own Authorize attribute, so no scope is asked (wire 1.3).
    unscoped({
      method,
      path: '/people/:idOrUserName',
      freeOfPayment: true,
      handle: (request) => byIdOrUserName({ world, request }),
    }),
  ];
}

function filtered(
  input: Handling & { readonly fixed?: PeopleFilter; readonly dto?: Dto },
): Outcome {
  const { world, request, fixed } = input;
  const { caller } = request;
  if (!isAdmin(caller) && caller.type !== 'RoomAdmin') return DENIED;
  const read = createQueryReader(request.query);
  const filter = { ...readPeopleFilter(read, caller), ...fixed };
  const range = readRange(read);
  if (Object.keys(read.errors).length > 0) return { kind: 'invalid', errors: read.errors };
  const view = viewOfPeople({ world, caller, filter });
  const dto = input.dto ?? ((user: PortalUser) => employeeFullDto({ world, user, caller }));
  const response = view.page(range).map(dto);
  return { kind: 'ok', response, count: response.length, total: view.total };
}

function byStatus({ world, request }: Handling): Outcome {
  const given = request.params.status ?? '';
  const employeeStatus = readEnum(given, EMPLOYEE_STATUS);
  if (employeeStatus === undefined) return invalid('status', `The value '${given}' is not valid.`);
  return filtered({ world, request, fixed: { employeeStatus } });
}

function readRange(read: QueryReader) {
  const order = read.enumeration('sortOrder', { ascending: 0, descending: 1 });
  return {
    start: Math.max(0, read.integer('startIndex') ?? 0),
    count: read.pageLength(),
    descending: order === 1,
  };
}

function byEmail({ world, request }: Handling): Outcome {
  const email = request.query.one('email');
  if (!email) return badRequest('The email is empty');
  return visible({ world, request, user: world.people.byEmail(email) });
}

function byIdOrUserName({ world, request }: Handling): Outcome {
  const given = request.params.idOrUserName ?? '';
  const user = world.people.get(readGuid(given) ?? '') ?? world.people.byUserName(given);
  return visible({ world, request, user });
}

function visible(input: Handling & { readonly user: PortalUser | undefined }): Outcome {
  const { world, request, user } = input;
  const { caller } = request;
  if (user === undefined) return notFound('The user could not be found');
  if (!maySee({ world, viewer: caller, target: user })) return DENIED;
  return { kind: 'ok', response: employeeFullDto({ world, user, caller }) };
}
