import { systemClock } from '../../clock.ts';
import type { Config } from '../../config/settings.ts';
import { createPortalClient, type PortalClient } from '../../docspace/client.ts';
import type { PortalWebhook } from '../../docspace/webhooks.ts';
import { redirectOf } from '../../doctor/webhook.ts';
import { reasonText } from '../../messages/render.ts';
import { describeWebhook, newStoredWebhook } from '../../reconciliation/webhook-check.ts';
import {
  type Registration,
  recogniseWebhook,
  registerWebhook,
  webhookFault,
} from '../../reconciliation/webhook-registration.ts';
import { findMove, setValueBeside } from '../../store/database.ts';
import { webhookPath } from '../../webhook/route.ts';
import { printable, printJson } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withConfig } from '../verb.ts';

const timeoutMs = 20_000;

/** `webhook register`: creates or corrects the webhook for PUBLIC_URL and stores its id. */
export function webhookRegister(context: VerbContext): Promise<ExitCode> {
  return withPublicUrl(context, async (client, uri, config) => {
    const { terminal, json } = context;
    const moved = await findMove(config.database);
    if (moved) {
      terminal.printError(`${moved.seen}: ${moved.mend}`);
      return exitCodes.configuration;
    }
    const redirect = await redirectOf(uri);
    if (redirect) {
      terminal.printError(
        `The webhook was not registered: ${uri} answers ${redirect.status} and leads to ${redirect.location}, but a delivery does not survive a redirect. Set PUBLIC_URL to the address that answers itself, and run this again.`,
      );
      return exitCodes.configuration;
    }
    const result = await registerWebhook({
      client,
      uri,
      secret: config.DOCSPACE_WEBHOOK_SECRET,
      clock: systemClock,
      onWaiting: (ms) =>
        terminal.printError(
          `Waiting ${ms / 1000} s for the portal's retries: their end undoes a change of the webhook.`,
        ),
    });
    if (result.kind !== 'registered') {
      terminal.printError(refusalOf(result, uri));
      return result.kind === 'trouble' ? exitCodes.portalUnreachable : exitCodes.failed;
    }
    const { id, isNew, others } = result;
    const value = newStoredWebhook({ id, uri });
    await setValueBeside(config.database, 'webhook', value);
    if (json) printJson(terminal, { id, isNew, uri, others: others.map((one) => one.id) });
    else terminal.print(`Webhook ${id} was ${isNew ? 'created' : 'updated'}: ${uri}`);
    warnOfOthers(context, others);
    return exitCodes.done;
  });
}

const notAllowed =
  'The webhooks cannot be read. The account of DOCSPACE_API_KEY must be a DocSpace admin, and the key needs *:write.';

function refusalOf(result: Exclude<Registration, { kind: 'registered' }>, uri: string): string {
  switch (result.kind) {
    case 'not_allowed':
      return notAllowed;
    case 'role_too_low':
      return `The account of DOCSPACE_API_KEY is a ${result.role ?? 'user without a known role'}. Its webhook would report only the people whom it may see. Use the key of a DocSpace admin.`;
    case 'not_kept':
      return `The portal saved webhook ${result.id}, but ${result.fault === null ? 'changed it' : faults[result.fault]}. Run "webhook register" again in a minute.`;
    case 'refused':
      return `The portal did not save the webhook: ${reasonText(result.fault)}. The portal must be able to reach ${uri} (it sends HEAD), and since release 3.7.1 it refuses private addresses.`;
    case 'trouble':
      return `The portal gives no usable answer: ${reasonText(result.fault)}.`;
    default:
      return result satisfies never;
  }
}

/**
 * Prints the webhooks of other accounts. Any user may create a webhook with our address
 * (docs/docspace-wire.md 13.6).
 */
function warnOfOthers({ terminal }: VerbContext, others: readonly PortalWebhook[]): void {
  for (const webhook of others) {
    const name = webhook.createdBy?.displayName;
    const owner = name ? ` (${printable(name)})` : '';
    terminal.printError(
      `Note: ${describeWebhook(webhook)}${owner} has this address, too. It was not changed. If nobody needs it, delete it in the portal.`,
    );
  }
}

const faults = {
  missing: 'it does not exist',
  moved: 'it has another address',
  disabled: 'it is disabled',
  ssl: 'it demands https although its address is http',
  triggers: 'it does not report every event about users',
} as const;

/** `webhook status`: prints whether the webhook for PUBLIC_URL works, or what is wrong with it. */
export function webhookStatus(context: VerbContext): Promise<ExitCode> {
  return withPublicUrl(context, async (client, uri) => {
    const { terminal, json } = context;
    const [self, list] = [await client.self(), await client.webhooks()];
    const failed = self.kind === 'ok' ? list : self;
    if (self.kind !== 'ok' || list.kind !== 'ok') {
      terminal.printError(
        failed.kind === 'trouble'
          ? `The portal gives no usable answer: ${reasonText(failed.fault)}.`
          : notAllowed,
      );
      return failed.kind === 'trouble' ? exitCodes.portalUnreachable : exitCodes.failed;
    }
    const known = { accountId: self.value.id, address: uri, storedId: null };
    const { own, others } = recogniseWebhook(list.value, known);
    const fault = webhookFault(own, uri);
    if (json) printJson(terminal, { uri, fault, others: others.map((one) => one.id) });
    else warnOfOthers(context, others);
    if (fault === null) {
      if (!json) terminal.print(`The webhook is registered and enabled: ${uri}`);
      return exitCodes.done;
    }
    terminal.printError(
      `The webhook for ${uri} does not work: ${faults[fault]}. Run "webhook register".`,
    );
    return exitCodes.failed;
  });
}

function withPublicUrl(
  context: VerbContext,
  work: (client: PortalClient, uri: string, config: Config) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withConfig(context, async (config) => {
    if (config.PUBLIC_URL === null) {
      context.terminal.printError(
        'PUBLIC_URL is missing. Set it to the address at which the portal reaches this service.',
      );
      return exitCodes.configuration;
    }
    const uri = `${config.PUBLIC_URL}${webhookPath}`;
    return withPortal(config, (client) => work(client, uri, config));
  });
}

/** Runs `work` with a client of the portal, then closes the client. */
export async function withPortal<T>(
  config: Pick<Config, 'DOCSPACE_URL' | 'DOCSPACE_API_KEY'>,
  work: (client: PortalClient) => Promise<T>,
): Promise<T> {
  const { DOCSPACE_URL: origin, DOCSPACE_API_KEY: apiKey } = config;
  const run = { concurrency: 1, timeoutMs, clock: systemClock, random: Math.random };
  const client = createPortalClient({ origin, apiKey, ...run });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
