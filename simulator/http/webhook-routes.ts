import { z } from 'zod';
import type { PortalUser } from '../people/person.ts';
import { isAdmin } from '../people/rights.ts';
import { momentAt } from '../time.ts';
import { checkAddress } from '../webhooks/address-check.ts';
import type { Outgoing } from '../webhooks/outgoing.ts';
import { hasTrigger, MOST_TRIGGERS, TRIGGERS, triggerId } from '../webhooks/triggers.ts';
import type { PortalWebhook } from '../webhooks/webhooks.ts';
import type { World } from '../world.ts';
import { webhookDto } from './dtos.ts';
import { type Endpoint, type SignedInRequest, scoped } from './endpoint.ts';
import { integer, parseBody } from './input.ts';
import { badRequest, DENIED, notFound, type Outcome } from './outcome.ts';

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

/** The request of POST and PUT settings/webhook, names lower-cased (wire 7.1). */
export const webhookForm = z.object({
  id: integer.default(0),
  name: z.string().min(1, 'The Name field is required.').max(50),
  uri: z.string().min(1, 'The Uri field is required.'),
  secretkey: z.string().max(50).nullish(),
  enabled: z.boolean().default(false),
  ssl: z.boolean().default(false),
  triggers: integer.pipe(z.number().min(0).max(MOST_TRIGGERS)).default(0),
  targetid: z.string().max(255).nullish(),
});
export type WebhookForm = z.infer<typeof webhookForm>;

/**
 * user.created and user.invited: admins and room admins only; user.updated and user.deleted: also
 * users (wire 7.1). Other triggers are not limited here: this portal never publishes them.
 */
export function isTriggerAvailable(input: { trigger: number; caller: PortalUser }): boolean {
  const { trigger, caller } = input;
  const leads = isAdmin(caller) || caller.type === 'RoomAdmin';
  if (trigger === triggerId('user.created') || trigger === triggerId('user.invited')) return leads;
  if (trigger === triggerId('user.updated') || trigger === triggerId('user.deleted')) {
    return leads || caller.type === 'User';
  }
  return true;
}

export function hasUnavailableTrigger(form: WebhookForm, caller: PortalUser): boolean {
  if (form.triggers === 0) return false;
  return USER_TRIGGERS.some(
    (id) =>
      hasTrigger({ triggers: form.triggers, id }) && !isTriggerAvailable({ trigger: id, caller }),
  );
}

const USER_TRIGGERS = [1, 2, 4, 8];

type Target = { readonly uri: string; readonly ssl: boolean };

const PROBE_TIMEOUT_MS = 10_000;

export function triggersProblem(form: WebhookForm, caller: PortalUser): Outcome | undefined {
  const unavailable = hasUnavailableTrigger(form, caller);
  return unavailable ? badRequest('Trigger is not available') : undefined;
}

/** The portal's password policy: printable ASCII without space, 8 to 30 characters (wire 7.1). */
export function secretProblem(secret: string): Outcome | undefined {
  const fits = /^[\x21-\x7e]{8,30}$/.test(secret);
  return fits ? undefined : badRequest('Secret key does not match the password policy');
}

export async function urlProblem(input: {
  readonly world: World;
  readonly form: Target;
}): Promise<Outcome | undefined> {
  const { uri, ssl } = input.form;
  const { allowPrivateAddresses } = input.world;
  const verdict = await checkAddress({ uri, ssl, allowPrivateAddresses });
  if (verdict.kind === 'allowed') return undefined;
  if (verdict.kind === 'rejected') return badRequest(verdict.message);
  return badRequest('Webhook URL leads to an address that is not allowed');
}

/** HEAD must be 2xx, else 400; no answer at all is an unhandled exception, 500 (wire 7.1). */
export async function probeProblem(input: {
  readonly outgoing: Outgoing;
  readonly form: Target;
}): Promise<Outcome | undefined> {
  const { uri, ssl } = input.form;
  const status = await input.outgoing.probe({ uri, ssl, timeoutMs: PROBE_TIMEOUT_MS });
  if (status === undefined) {
    return { kind: 'fault', fault: 'unexpected', message: 'The webhook URL did not answer' };
  }
  if (status >= 200 && status <= 299) return undefined;
  return badRequest(`Webhook URL is not available: HEAD answered ${status}`);
}
