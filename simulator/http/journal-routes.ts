import { isAdmin } from '../people/rights.ts';
import { epochMs } from '../time.ts';
import type { JournalRow } from '../webhooks/journal.ts';
import { redeliver } from '../webhooks/publish.ts';
import { enumName, TRIGGERS } from '../webhooks/triggers.ts';
import type { World } from '../world.ts';
import { logDto } from './dtos.ts';
import { type Endpoint, type SignedInRequest, scoped } from './endpoint.ts';
import {
  type BodyShape,
  createQueryReader,
  type Enum,
  fields,
  type QueryReader,
  readBody,
} from './input.ts';
import { badRequest, DENIED, NO_RECORD, NULL_REFERENCE, type Outcome } from './outcome.ts';

type LogFilter = ReturnType<typeof readFilter>;

const TRIGGER: Enum = {
  names: { All: 0, ...Object.fromEntries(TRIGGERS.map((one) => [enumName(one), one.id])) },
};
const GROUP_STATUS: Enum = {
  names: { None: 0, NotSent: 1, Status2xx: 2, Status3xx: 4, Status4xx: 8, Status5xx: 16 },
  isFlags: true,
};
const bulk: BodyShape<{ ids: readonly number[] | undefined }> = {
  type: 'ASC.Web.Api.ApiModels.RequestsDto.WebhookRetryRequestsDto',
  fields: { ids: fields.list(fields.integer()) },
};

/** The webhook journal and the retry API (docs/docspace-wire.md 7.6, 7.7). */
export const journalRoutes: readonly Endpoint[] = [
  scoped({ method: 'GET', path: '/settings/webhooks/log', handle: readLog }),
  scoped({
    method: 'PUT',
    path: '/settings/webhook/:id/retry',
    sensitive: true,
    constraints: { id: 'int' },
    handle: retryOne,
  }),
  scoped({ method: 'PUT', path: '/settings/webhook/retry', sensitive: true, handle: retryMany }),
];

/**
 * The newest row is first. `total` is the number of matching rows, but `count` is 1, because the list is
 * streamed (docs/docspace-wire.md 2.1, 7.6).
 */
function readLog(request: SignedInRequest): Outcome {
  const { world, caller } = request;
  const read = createQueryReader(request.query);
  const asked = read.guid('userId');
  const filter = { ...readFilter(world, read), ownerId: isAdmin(caller) ? asked : caller.id };
  const start = read.integer('startIndex', { required: true }) ?? 0;
  const count = read.pageLength();
  if (Object.keys(read.errors).length > 0) return { kind: 'invalid', errors: read.errors };
  if (caller.type === 'Guest') return DENIED;
  if (start < 0) return { kind: 'fault', fault: 'database', message: negativeOffset(start) };
  const view = world.journal.view({
    name: JSON.stringify(filter),
    matches: (row) => matches({ world, row, filter }),
  });
  const rows = view.page({ start, count, descending: true });
  const response = rows.map((row) => logDto({ world, row }));
  return { kind: 'ok', response, count: 1, total: view.total };
}

function negativeOffset(start: number): string {
  return `You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near '${start}\n) AS \`s\`\nINNER JOIN \`tenants_tenants\` AS \`t\` ON \`s\`.\`tenant_id\` = \`t\`.\`id\`...' at line 8`;
}

function readFilter(world: World, read: QueryReader) {
  const moment = (name: string) => {
    const value = read.moment(name, world.zones.portal);
    return value === undefined ? undefined : epochMs(value);
  };
  return {
    deliveryFromMs: moment('deliveryFrom'),
    deliveryToMs: moment('deliveryTo'),
    hookUri: read.text('hookUri'),
    configId: read.integer('configId'),
    eventId: read.integer('eventId'),
    groupStatus: read.enumeration('groupStatus', GROUP_STATUS) || undefined,
    trigger: read.enumeration('trigger', TRIGGER) || undefined,
  };
}

function matches(input: {
  readonly world: World;
  readonly row: JournalRow;
  readonly filter: LogFilter & { readonly ownerId: string | undefined };
}): boolean {
  const { world, row, filter } = input;
  const webhook = world.webhooks.get(row.webhookId);
  if (webhook === undefined) return false;
  const { ownerId, hookUri, configId, eventId, trigger, groupStatus } = filter;
  return (
    (ownerId === undefined || webhook.createdBy === ownerId) &&
    (hookUri === undefined || webhook.uri === hookUri) &&
    (configId === undefined || row.webhookId === configId) &&
    (eventId === undefined || row.id === eventId) &&
    (trigger === undefined || row.trigger === trigger) &&
    (groupStatus === undefined || (groupStatus & statusGroup(row.status)) !== 0) &&
    deliveredWithin(row, filter)
  );
}

/** Only successful rows have a delivery time, so `deliveryFrom` and `deliveryTo` hide all other rows. */
function deliveredWithin(row: JournalRow, filter: LogFilter): boolean {
  const { deliveryFromMs, deliveryToMs } = filter;
  if (deliveryFromMs === undefined && deliveryToMs === undefined) return true;
  if (row.delivery === undefined) return false;
  const at = epochMs(row.delivery);
  return at >= (deliveryFromMs ?? at) && at <= (deliveryToMs ?? at);
}

/** Returns the bit of `GROUP_STATUS` for a status. The bit Status5xx is for 500 and more. */
function statusGroup(status: number): number {
  if (status === 0) return 1;
  if (status >= 500) return 16;
  if (status >= 400) return 8;
  return status >= 300 ? 4 : 2;
}

function retryOne(request: SignedInRequest): Outcome {
  const { world, params, caller } = request;
  const id = Number(params['id']);
  if (id === 0) return badRequest('Id');
  const row = world.journal.get(id);
  if (row === undefined) return NO_RECORD;
  if (!mayRetry(request, row)) return DENIED;
  return caller.type === 'Guest'
    ? DENIED
    : { kind: 'ok', response: logDto({ world, row: redeliver({ world, row }), isRetry: true }) };
}

/**
 * Ids of unknown rows, and of rows that the caller may not retry, are skipped silently
 * (docs/docspace-wire.md 7.7). `count` is 1.
 */
function retryMany(request: SignedInRequest): Outcome {
  const { world, caller } = request;
  const body = readBody(request.body, bulk);
  if (body.kind === 'refused') return body.outcome;
  if (caller.type === 'Guest') return DENIED;
  const { ids } = body.value;
  if (ids === undefined) return NULL_REFERENCE;
  const rows = ids.flatMap((id) => world.journal.get(id) ?? []);
  const copies = rows
    .filter((row) => mayRetry(request, row))
    .map((row) => redeliver({ world, row }));
  const response = copies.map((row) => logDto({ world, row, isRetry: true }));
  return { kind: 'ok', response, count: 1 };
}

function mayRetry({ world, caller }: SignedInRequest, row: JournalRow): boolean {
  return isAdmin(caller) || world.webhooks.get(row.webhookId)?.createdBy === caller.id;
}
