import { z } from 'zod';
import { isAdmin } from '../people/rights.ts';
import { epochMs, readMoment } from '../time.ts';
import type { JournalRow } from '../webhooks/journal.ts';
import { redeliver } from '../webhooks/publish.ts';
import { enumName, TRIGGERS } from '../webhooks/triggers.ts';
import type { World } from '../world.ts';
import { logDto } from './dtos.ts';
import { type Endpoint, type SignedInRequest, scoped } from './endpoint.ts';
import { createQueryReader, integer, parseBody, type QueryReader } from './input.ts';
import { badRequest, DENIED, notFound, type Outcome } from './outcome.ts';

type Handling = { readonly world: World; readonly request: SignedInRequest };
type LogFilter = ReturnType<typeof readFilter>;

const TRIGGER_NAMES = Object.fromEntries(TRIGGERS.map((one) => [enumName(one), one.id]));
const bulk = z.object({ ids: z.array(integer) });

/** The webhook journal and the retry API (wire 7.6, 7.7). */
export function logRoutes(world: World): readonly Endpoint[] {
  return [
    scoped({
      method: 'GET',
      path: '/settings/webhooks/log',
      handle: (request) => readLog({ world, request }),
    }),
    scoped({
      method: 'PUT',
      path: '/settings/webhook/:id/retry',
      sensitive: true,
      handle: (request) => retryOne({ world, request }),
    }),
    scoped({
      method: 'PUT',
      path: '/settings/webhook/retry',
      sensitive: true,
      handle: (request) => retryMany({ world, request }),
    }),
  ];
}

/** Newest id first; `total` is right, `count` is 1 because the list is streamed (wire 2.1, 7.6). */
function readLog({ world, request }: Handling): Outcome {
  const { caller } = request;
  if (caller.type === 'Guest') return DENIED;
  const read = createQueryReader(request.query);
  // Forced to self for non-admins.
  const ownerId = isAdmin(caller) ? read.guid('userId') : caller.id;
  const filter = { ...readFilter(read), ownerId };
  const start = Math.max(0, read.integer('startIndex') ?? 0);
  const count = read.pageLength();
  if (Object.keys(read.errors).length > 0) return { kind: 'invalid', errors: read.errors };
  const view = world.journal.view({
    name: JSON.stringify(filter),
    matches: (row) => matches({ world, row, filter }),
  });
  const rows = view.page({ start, count, descending: true });
  const response = rows.map((row) => logDto({ world, row }));
  return { kind: 'ok', response, count: 1, total: view.total };
}

function readFilter(read: QueryReader) {
  const moment = (name: string) => {
    const text = read.text(name);
    const value = text === undefined ? undefined : readMoment(text);
    if (text !== undefined && value === undefined) {
      read.errors[name] = [`The value '${text}' is not valid.`];
    }
    return value === undefined ? undefined : epochMs(value);
  };
  const trigger = read.enumeration('trigger', TRIGGER_NAMES) || undefined;
  // Combinations are rejected (wire 7.6).
  if (trigger !== undefined && !TRIGGERS.some((one) => one.id === trigger)) {
    read.errors.trigger = [`The value '${trigger}' is not valid.`];
  }
  return {
    deliveryFromMs: moment('deliveryFrom'),
    deliveryToMs: moment('deliveryTo'),
    hookUri: read.text('hookUri'),
    configId: read.integer('configId'),
    eventId: read.integer('eventId'),
    groupStatus: read.enumeration('groupStatus', {}) || undefined,
    trigger,
  };
}

function matches(input: {
  readonly world: World;
  readonly row: JournalRow;
  readonly filter: LogFilter & { readonly ownerId: string | undefined };
}): boolean {
  const { world, row, filter } = input;
  // Rows of deleted webhooks are not listed: an inner join (wire 7.6).
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

/** Only successful rows have a delivery time, so any of these hides the rest (wire 7.6). */
function deliveredWithin(row: JournalRow, filter: LogFilter): boolean {
  const { deliveryFromMs, deliveryToMs } = filter;
  if (deliveryFromMs === undefined && deliveryToMs === undefined) return true;
  if (row.delivery === undefined) return false;
  const at = epochMs(row.delivery);
  return at >= (deliveryFromMs ?? at) && at <= (deliveryToMs ?? at);
}

/** 1 NotSent, 2 = 2xx, 4 = 3xx, 8 = 4xx, 16 = 500 and more (wire 7.6). */
function statusGroup(status: number): number {
  if (status === 0) return 1;
  if (status >= 500) return 16;
  if (status >= 400) return 8;
  return status >= 300 ? 4 : 2;
}

function retryOne({ world, request }: Handling): Outcome {
  const id = Number(request.params.id);
  if (!Number.isInteger(id) || id === 0) return badRequest('The id is not valid');
  const row = usable({ world, request }, id);
  if (row === undefined) return notFound('The log entry could not be found');
  const copy = redeliver({ world, row });
  return { kind: 'ok', response: logDto({ world, row: copy }) };
}

/** Unknown or foreign ids are skipped silently (wire 7.7); a streamed list, so `count` is 1. */
function retryMany({ world, request }: Handling): Outcome {
  const body = parseBody({ schema: bulk, body: request.body });
  if (body.kind === 'refused') return body.outcome;
  const rows = body.value.ids.flatMap((id) => usable({ world, request }, id) ?? []);
  const copies = rows.map((row) => redeliver({ world, row }));
  const response = copies.map((row) => logDto({ world, row }));
  return { kind: 'ok', response, count: 1 };
}

function usable({ world, request }: Handling, id: number): JournalRow | undefined {
  const { caller } = request;
  const row = world.journal.get(id);
  const webhook = world.webhooks.get(row?.webhookId ?? 0);
  const own = isAdmin(caller) || (caller.type !== 'Guest' && webhook?.createdBy === caller.id);
  return webhook !== undefined && own ? row : undefined;
}
