import type { PortalUser } from '../person.ts';
import { checkAddress } from '../webhooks/address-check.ts';
import type { Outgoing } from '../webhooks/outgoing.ts';
import type { World } from '../world.ts';
import { badRequest, type Outcome } from './outcome.ts';
import { hasUnavailableTrigger, type WebhookForm } from './webhook-form.ts';

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
