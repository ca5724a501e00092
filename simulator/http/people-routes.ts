import { readGuid } from '../ids.ts';
import { isBeyondCollation } from '../people/collation.ts';
import type { PortalUser } from '../people/person.ts';
import { isAdmin, maySee } from '../people/rights.ts';
import { employeeDto, employeeFullDto } from './dtos.ts';
import { type Endpoint, type SignedInRequest, scoped, unscoped } from './endpoint.ts';
import { createQuery, createQueryReader, type QueryReader } from './input.ts';
import { addressFault } from './invite-routes.ts';
import { DENIED, invalid, notFound, nullArgument, type Outcome } from './outcome.ts';
import {
  EMPLOYEE_STATUS,
  type PeopleFilter,
  readPeopleFilter,
  viewOfPeople,
} from './people-filter.ts';

type Dto = (user: PortalUser) => unknown;

/** The routes that list people or read one person (docs/docspace-wire.md 9.1). */
export const peopleRoutes: readonly Endpoint[] = [
  scoped({
    method: 'GET',
    path: '/people/filter',
    handle: (request) => filtered({ request }),
  }),
  scoped({
    method: 'GET',
    path: '/people/simple/filter',
    handle: (request) =>
      filtered({ request, dto: (user) => employeeDto({ world: request.world, user }) }),
  }),
  scoped({ method: 'GET', path: '/people/status/:status', handle: byStatus }),
  scoped({
    method: 'GET',
    path: '/people',
    handle: (request) => filtered({ request, fixed: { employeeStatus: 1 } }),
  }),
  scoped({ method: 'GET', path: '/people/email', handle: byEmail }),
  scoped({
    method: 'GET',
    path: '/people/@self',
    freeOfPayment: true,
    handle: ({ world, caller }) => ({
      kind: 'ok',
      response: employeeFullDto({ world, user: caller, caller, own: true }),
    }),
  }),
  // These routes need a confirmation by letter, which is not simulated. They always answer 403.
  scoped({
    method: 'DELETE',
    path: '/people/@self',
    handle: () => ({ kind: 'empty', status: 403 }),
  }),
  scoped({ method: 'PUT', path: '/people/@self', handle: () => ({ kind: 'empty', status: 403 }) }),
  // This route has its own Authorize attribute, so it needs no scope (docs/docspace-wire.md 1.3).
  unscoped({
    method: 'GET',
    path: '/people/:idOrUserName',
    freeOfPayment: true,
    handle: byIdOrUserName,
  }),
];

function filtered(input: {
  readonly request: SignedInRequest;
  readonly fixed?: PeopleFilter;
  readonly dto?: Dto;
}): Outcome {
  const { request, fixed } = input;
  const { world, caller } = request;
  const read = createQueryReader(request.query);
  const filter = { ...readPeopleFilter(read, caller), ...fixed };
  const range = readRange(read);
  if (Object.keys(read.errors).length > 0) return { kind: 'invalid', errors: read.errors };
  if (!isAdmin(caller) && caller.type !== 'RoomAdmin') return DENIED;
  const view = viewOfPeople({ world, caller, filter });
  const dto = input.dto ?? ((user: PortalUser) => employeeFullDto({ world, user, caller }));
  const response = view.page(range).map(dto);
  return { kind: 'ok', response, count: response.length, total: view.total };
}

function byStatus(request: SignedInRequest): Outcome {
  const text = request.params['status'] ?? '';
  const read = createQueryReader(createQuery(new URLSearchParams({ status: text })));
  const employeeStatus = read.enumeration('status', EMPLOYEE_STATUS);
  if (employeeStatus === undefined) return { kind: 'invalid', errors: read.errors };
  return filtered({ request, fixed: { employeeStatus } });
}

function readRange(read: QueryReader) {
  const names = { ascending: 0, descending: 1 };
  const order = read.enumeration('sortOrder', { names });
  return {
    start: Math.max(0, read.integer('startIndex', { required: true }) ?? 0),
    count: read.pageLength(),
    descending: order === 1,
  };
}

function byEmail(request: SignedInRequest): Outcome {
  const email = request.query.one('email');
  if (!email) return nullArgument('email');
  const fault = addressFault(email);
  if (fault !== undefined) return invalid('email', fault);
  if (isBeyondCollation(email)) {
    const message =
      "Illegal mix of collations (utf8mb3_general_ci,IMPLICIT) and (utf8mb4_general_ci,COERCIBLE) for operation '='";
    return { kind: 'fault', fault: 'database', message };
  }
  return visible(request, request.world.people.byEmail(email));
}

function byIdOrUserName(request: SignedInRequest): Outcome {
  const given = request.params['idOrUserName'] ?? '';
  const { people } = request.world;
  return visible(request, people.get(readGuid(given) ?? '') ?? people.byUserName(given));
}

function visible({ world, caller }: SignedInRequest, user: PortalUser | undefined): Outcome {
  if (user === undefined) return notFound('The user could not be found');
  if (!maySee({ world, viewer: caller, target: user })) return DENIED;
  return { kind: 'ok', response: employeeFullDto({ world, user, caller }) };
}
