import type { PortalUser } from '../people/person.ts';
import { isAdmin } from '../people/rights.ts';
import { momentAt } from '../time.ts';
import { checkAddress } from '../webhooks/address-check.ts';
import { timeOutMessage } from '../webhooks/outgoing.ts';
import {
  hasTrigger,
  TRIGGERS,
  type Trigger,
  triggersInDisplayOrder,
} from '../webhooks/triggers.ts';
import type { PortalWebhook } from '../webhooks/webhooks.ts';
import type { World } from '../world.ts';
import { webhookDto } from './dtos.ts';
import { type Endpoint, type SignedInRequest, scoped } from './endpoint.ts';
import { type BodyShape, type Field, fields, readBody, readInteger, required } from './input.ts';
import { badRequest, DENIED, NO_RECORD, nullArgument, type Outcome } from './outcome.ts';

type Form = {
  readonly name: string | undefined;
  readonly uri: string | undefined;
  readonly secretKey: string | undefined;
  readonly enabled: boolean;
  readonly ssl: boolean;
  readonly triggers: number;
  readonly targetId: string | undefined;
};
const triggersField: Field<number> = {
  type: 'ASC.Webhooks.Core.WebhookTrigger',
  fallback: 0,
  read: (value) => (typeof value === 'number' ? readInteger(value) : undefined),
};
// The fields in the order in which the model is checked.
const formFields: BodyShape<Form>['fields'] = {
  uri: fields.text({ required: true }),
  name: fields.text({ required: true, max: 50 }),
  secretKey: fields.text({ max: 50 }),
  enabled: fields.flag(),
  ssl: fields.flag(),
  triggers: triggersField,
  targetId: fields.text({ max: 255 }),
};
const DTO = 'ASC.Web.Api.ApiModels.RequestsDto';
const creation: BodyShape<Form> = {
  type: `${DTO}.CreateWebhooksConfigRequestsDto`,
  fields: formFields,
};
const change: BodyShape<Form & { readonly id: number }> = {
  type: `${DTO}.UpdateWebhooksConfigRequestsDto`,
  fields: { id: required(fields.integer()), ...formFields },
};

/** The configuration of webhooks (docs/docspace-wire.md 7.1). */
export const webhookRoutes: readonly Endpoint[] = [
  scoped({ method: 'GET', path: '/settings/webhook', handle: list }),
  scoped({ method: 'POST', path: '/settings/webhook', handle: create }),
  scoped({ method: 'PUT', path: '/settings/webhook', handle: update }),
  scoped({ method: 'PUT', path: '/settings/webhook/enable', handle: enable }),
  scoped({
    method: 'DELETE',
    path: '/settings/webhook/:id',
    constraints: { id: 'int' },
    handle: remove,
  }),
  scoped({ method: 'GET', path: '/settings/webhook/triggers', handle: triggers }),
];

/** DocSpace admins may use all webhooks. Other users, except guests, may use their own. */
function mayUse(caller: PortalUser, webhook?: PortalWebhook): boolean {
  if (isAdmin(caller)) return true;
  return caller.type !== 'Guest' && (webhook === undefined || webhook.createdBy === caller.id);
}

/** The list is streamed, so `count` in the envelope is 1 (docs/docspace-wire.md 2.1). */
function list({ world, caller }: SignedInRequest): Outcome {
  if (!mayUse(caller)) return DENIED;
  const response = world.webhooks
    .all()
    .filter((webhook) => mayUse(caller, webhook))
    .map((webhook) => ({
      configs: webhookDto({ world, webhook }),
      status: world.journal.lastStatusOf(webhook.id),
    }));
  return { kind: 'ok', response, count: 1 };
}

/** `ssl` and `enabled` are saved as true, whatever the request says (docs/docspace-wire.md 13.2, 24). */
async function create(request: SignedInRequest): Promise<Outcome> {
  const { world, caller } = request;
  const body = readBody(request.body, creation);
  if (body.kind === 'refused') return body.outcome;
  if (!mayUse(caller)) return DENIED;
  const form = body.value;
  const { secretKey } = form;
  if (secretKey === undefined) return triggersProblem(caller, form) ?? nullArgument('secret');
  const problem =
    triggersProblem(caller, form) ??
    secretProblem(secretKey) ??
    (await addressProblem(world, form)) ??
    sameAsAnother(world, form);
  if (problem !== undefined) return problem;
  const saved = world.webhooks.add({
    ...settingsOf(form),
    ssl: true,
    enabled: true,
    secretKey,
    createdBy: caller.id,
    createdOn: momentAt(world.now()),
  });
  return answerWith(world, saved);
}

/** Overwrites all fields, except that an empty or absent secret keeps the old secret. */
async function update(request: SignedInRequest): Promise<Outcome> {
  const { world, caller } = request;
  const body = readBody(request.body, change);
  if (body.kind === 'refused') return body.outcome;
  const form = body.value;
  const { secretKey = '' } = form;
  const problem =
    triggersProblem(caller, form) ??
    (secretKey === '' ? undefined : secretProblem(secretKey)) ??
    (await addressProblem(world, form));
  if (problem !== undefined) return problem;
  // The webhook is looked up last, after the address has been probed.
  const found = world.webhooks.get(form.id);
  if (found === undefined) return NO_RECORD;
  if (!mayUse(caller, found)) return DENIED;
  return changed(request, {
    ...found,
    ...settingsOf(form),
    secretKey: secretKey || found.secretKey,
  });
}

/** The address is probed when a webhook is enabled, but not when it is disabled. */
async function enable(request: SignedInRequest): Promise<Outcome> {
  const { world, caller } = request;
  const body = readBody(request.body, change);
  if (body.kind === 'refused') return body.outcome;
  const { id, enabled } = body.value;
  const found = world.webhooks.get(id);
  if (found === undefined) return NO_RECORD;
  if (!mayUse(caller, found)) return DENIED;
  const problem = enabled ? await addressProblem(world, found) : undefined;
  return problem ?? changed(request, { ...found, enabled });
}

function remove({ world, params, caller }: SignedInRequest): Outcome {
  const webhook = world.webhooks.get(Number(params['id']));
  if (webhook === undefined) return NO_RECORD;
  if (!mayUse(caller, webhook)) return DENIED;
  const response = webhookDto({ world, webhook });
  world.webhooks.remove(webhook.id);
  return { kind: 'ok', response };
}

function triggers({ world, caller }: SignedInRequest): Outcome {
  if (world.release.triggersAsObject) {
    const entries = [['*', 0], ...TRIGGERS.map(({ name, id }) => [name, id])];
    return { kind: 'ok', response: Object.fromEntries(entries) };
  }
  const all = { name: '*', id: 0, available: caller.type !== 'Guest' };
  const rest = triggersInDisplayOrder().map((trigger) => ({
    name: trigger.name,
    id: trigger.id,
    available: isAvailable(trigger, caller),
  }));
  return { kind: 'ok', response: [all, ...rest] };
}

/**
 * All triggers are available to DocSpace admins and room admins. Users have all triggers except those in
 * `FOR_LEADERS`, and guests have none (docs/docspace-wire.md 7.1, 13.2).
 */
function isAvailable(trigger: Trigger, caller: PortalUser): boolean {
  if (isAdmin(caller) || caller.type === 'RoomAdmin') return true;
  return caller.type === 'User' && !FOR_LEADERS.has(trigger.name);
}

const FOR_LEADERS = new Set([
  'user.created',
  'user.invited',
  'group.created',
  'group.updated',
  'group.deleted',
  'room.created',
  'room.copied',
  'agent.created',
]);

function changed({ world, caller }: SignedInRequest, after: PortalWebhook): Outcome {
  const modifiedOn = momentAt(world.now());
  return answerWith(world, { ...after, modifiedBy: after.modifiedBy ?? caller.id, modifiedOn });
}

/** The answer contains the dates with their fractions. The stored dates are cut to the second. */
function answerWith(world: World, webhook: PortalWebhook): Outcome {
  world.webhooks.save({
    ...webhook,
    createdOn: `${webhook.createdOn.slice(0, 19)}Z`,
    modifiedOn: webhook.modifiedOn && `${webhook.modifiedOn.slice(0, 19)}Z`,
  });
  return { kind: 'ok', response: webhookDto({ world, webhook }) };
}

function settingsOf(form: Form) {
  const { name = '', uri = '', enabled, ssl, triggers: bits, targetId } = form;
  return { name, uri, enabled, ssl, triggers: bits, targetId };
}

function triggersProblem(caller: PortalUser, form: Form): Outcome | undefined {
  const isForbidden = (trigger: Trigger) =>
    hasTrigger({ triggers: form.triggers, id: trigger.id }) && !isAvailable(trigger, caller);
  const someAreForbidden = form.triggers !== 0 && TRIGGERS.some(isForbidden);
  return someAreForbidden ? badRequest('Trigger is not available') : undefined;
}

/** Checks the secret by the portal's password policy. */
function secretProblem(secret: string): Outcome | undefined {
  if (/^[\x21-\x7e]{8,30}$/.test(secret)) return undefined;
  return badRequest('Password must contain from 8 to 30 characters, only latin letters, no spaces');
}

/**
 * Checks the address and sends HEAD to it. If the check fails or the answer to HEAD is not 2xx, the
 * result is 400. Without any answer, the result is 500, because the server does not handle the
 * exception.
 */
async function addressProblem(
  world: World,
  target: { readonly uri: string | undefined; readonly ssl: boolean },
): Promise<Outcome | undefined> {
  const { uri = '', ssl } = target;
  const verdict = await checkAddress({ world, uri, ssl });
  if (verdict.kind !== 'allowed') return badRequest(verdict.message);
  const answer = await world.outgoing.probe({ uri, ssl, timeoutMs: world.probeTimeoutMs });
  if (typeof answer === 'number') {
    if (answer >= 200 && answer <= 299) return undefined;
    return badRequest(
      'Webhook URL is not available. HEAD request is not response 200 http status.',
    );
  }
  return answer.kind === 'timedOut'
    ? { kind: 'fault', fault: 'canceled', message: timeOutMessage(10_000) }
    : { kind: 'fault', fault: answer.kind, message: answer.message };
}

/** Returns the error if a webhook with the same name and address exists, no matter who created it. */
function sameAsAnother(world: World, form: Form): Outcome | undefined {
  const isSame = world.webhooks
    .all()
    .some(({ name, uri }) => name === form.name && uri === form.uri);
  return isSame
    ? badRequest('Webhook with the same name and payload URL already exists')
    : undefined;
}
