import { momentAt } from '../moments.ts';
import type { PortalUser } from '../person.ts';
import { isAdmin } from '../rights.ts';
import type { Outgoing } from '../webhooks/outgoing.ts';
import { TRIGGERS } from '../webhooks/triggers.ts';
import type { PortalWebhook } from '../webhooks/webhook.ts';
import type { World } from '../world.ts';
import { parseBody } from './body.ts';
import { type Endpoint, type SignedInRequest, scoped } from './endpoint.ts';
import { badRequest, DENIED, notFound, type Outcome } from './outcome.ts';
import { webhookDto } from './webhook-dto.ts';
import { isTriggerAvailable, type WebhookForm, webhookForm } from './webhook-form.ts';
import { probeProblem, secretProblem, triggersProblem, urlProblem } from './webhook-problems.ts';

type Handling = {
  readonly world: World;
  readonly outgoing: Outgoing;
  readonly request: SignedInRequest;
};

/** Configuration of webhooks (wire 7.1). */
export function webhookRoutes(input: { world: World; outgoing: Outgoing }): readonly Endpoint[] {
  const path = '/settings/webhook';
  return [
    scoped({ method: 'GET', path, handle: (request) => list({ ...input, request }) }),
    scoped({ method: 'POST', path, handle: (request) => create({ ...input, request }) }),
    scoped({ method: 'PUT', path, handle: (request) => update({ ...input, request }) }),
    scoped({
      method: 'PUT',
      path: `${path}/enable`,
      handle: (request) => enable({ ...input, request }),
    }),
    scoped({
      method: 'DELETE',
      path: `${path}/:id`,
      handle: (request) => remove({ ...input, request }),
    }),
    scoped({
      method: 'GET',
      path: `${path}/triggers`,
      handle: ({ caller }) => ({ kind: 'ok', response: triggers(caller) }),
    }),
  ];
}

/** DocSpace admins: all; others but guests: their own (wire 7.1). */
function mayUse(caller: PortalUser, webhook?: PortalWebhook): boolean {
  if (isAdmin(caller)) return true;
  return caller.type !== 'Guest' && (webhook === undefined || webhook.createdBy === caller.id);
}

/** Streamed without a count, so the envelope says 1 whatever the length (wire 2.1). */
function list({ world, request }: Handling): Outcome {
  const { caller } = request;
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

async function create(handling: Handling): Promise<Outcome> {
  const { world, request } = handling;
  const { caller } = request;
  const body = parseBody({ schema: webhookForm, body: request.body });
  if (body.kind === 'refused') return body.outcome;
  if (!mayUse(caller)) return DENIED;
  const form = body.value;
  const problem =
    triggersProblem(form, caller) ??
    secretProblem(form.secretkey ?? '') ??
    (await urlProblem({ ...handling, form })) ??
    (await probeProblem({ ...handling, form }));
  if (problem !== undefined) return problem;
  if (sameAsAnother({ world, form })) return badRequest('Webhook with this URL already exists');
  const webhook = world.webhooks.add({
    ...settingsOf(form),
    secretKey: form.secretkey ?? '',
    createdBy: caller.id,
    createdOn: momentAt(world.now()),
  });
  return { kind: 'ok', response: webhookDto({ world, webhook }) };
}

/** ALL fields are overwritten; only an empty secret keeps the old one (wire 7.1). */
async function update(handling: Handling): Promise<Outcome> {
  const { world, request } = handling;
  const { caller } = request;
  const body = parseBody({ schema: webhookForm, body: request.body });
  if (body.kind === 'refused') return body.outcome;
  const form = body.value;
  const found = usable({ world, caller, id: form.id });
  if (found === undefined) return notFound('Webhook not found');
  const secretKey = form.secretkey || found.secretKey;
  const problem =
    triggersProblem(form, caller) ??
    (form.secretkey ? secretProblem(form.secretkey) : undefined) ??
    (await urlProblem({ ...handling, form })) ??
    (await probeProblem({ ...handling, form }));
  if (problem !== undefined) return problem;
  if (sameAsAnother({ world, form, butId: found.id })) {
    return badRequest('Webhook with this URL already exists');
  }
  return saved({ world, caller, webhook: { ...found, ...settingsOf(form), secretKey } });
}

/** HEAD is made on enable, not on disable (wire 7.1). */
async function enable(handling: Handling): Promise<Outcome> {
  const { world, request } = handling;
  const { caller } = request;
  const body = parseBody({ schema: webhookForm, body: request.body });
  if (body.kind === 'refused') return body.outcome;
  const { id, enabled } = body.value;
  const found = usable({ world, caller, id });
  if (found === undefined) return notFound('Webhook not found');
  if (enabled) {
    const problem =
      (await urlProblem({ ...handling, form: found })) ??
      (await probeProblem({ ...handling, form: found }));
    if (problem !== undefined) return problem;
  }
  return saved({ world, caller, webhook: { ...found, enabled } });
}

function remove({ world, request }: Handling): Outcome {
  const { caller, params } = request;
  const webhook = usable({ world, caller, id: Number(params.id) });
  if (webhook === undefined) return notFound('Webhook not found');
  const response = webhookDto({ world, webhook });
  world.webhooks.remove(webhook.id);
  return { kind: 'ok', response };
}

function triggers(caller: PortalUser) {
  const all = { name: '*', id: 0, available: true };
  const rest = TRIGGERS.map((trigger) => ({
    ...trigger,
    available: isTriggerAvailable({ trigger: trigger.id, caller }),
  }));
  return [all, ...rest];
}

function usable(input: { world: World; caller: PortalUser; id: number }) {
  const webhook = input.world.webhooks.get(input.id);
  return webhook !== undefined && mayUse(input.caller, webhook) ? webhook : undefined;
}

function saved(input: { world: World; caller: PortalUser; webhook: PortalWebhook }): Outcome {
  const { world, caller } = input;
  const modifiedOn = momentAt(world.now());
  const webhook = { ...input.webhook, modifiedBy: caller.id, modifiedOn };
  world.webhooks.save(webhook);
  return { kind: 'ok', response: webhookDto({ world, webhook }) };
}

function settingsOf(form: WebhookForm) {
  const { name, uri, enabled, ssl, triggers: bits } = form;
  return { name, uri, enabled, ssl, triggers: bits, targetId: form.targetid || undefined };
}

/** Same name + URI already present (wire 7.1). */
function sameAsAnother(input: { world: World; form: WebhookForm; butId?: number }): boolean {
  const { world, form, butId } = input;
  return world.webhooks
    .all()
    .some(({ id, name, uri }) => id !== butId && name === form.name && uri === form.uri);
}
