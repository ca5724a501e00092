import { existsSync } from 'node:fs';
import { systemClock } from '../../clock.ts';
import type { Config } from '../../config/settings.ts';
import { createPortalClient, type PortalClient } from '../../docspace/client.ts';
import { reasonText } from '../../messages/render.ts';
import {
  type Registration,
  registerWebhook,
  webhookFault,
} from '../../reconciliation/webhook-registration.ts';
import { setValueWhileServed } from '../../store/sqlite/key-values.ts';
import { webhookPath } from '../../webhook/route.ts';
import { printJson } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withConfig } from '../verb.ts';

const timeoutMs = 20_000;

/** `webhook register`: creates or corrects the webhook for PUBLIC_URL and stores its id. */
export function webhookRegister(context: VerbContext): Promise<ExitCode> {
  return withPublicUrl(context, async (client, uri, config) => {
    const { terminal, json } = context;
    const result = await registerWebhook({ client, uri, secret: config.DOCSPACE_WEBHOOK_SECRET });
    if (result.kind !== 'registered') {
      terminal.printError(refusalOf(result, uri));
      return result.kind === 'trouble' ? exitCodes.portalUnreachable : exitCodes.failed;
    }
    const { id, isNew } = result;
    const value = JSON.stringify({ id, uri, repairs: 0 });
    const file = config.databaseFile;
    setValueWhileServed({ file, exists: existsSync(file), key: 'webhook', value });
    if (json) printJson(terminal, { id, isNew, uri });
    else terminal.print(`Webhook ${id} was ${isNew ? 'created' : 'updated'}: ${uri}`);
    return exitCodes.done;
  });
}

const notAllowed =
  'The webhooks cannot be read. The account of DOCSPACE_API_KEY must be a DocSpace admin, and the key needs *:write.';

function refusalOf(result: Exclude<Registration, { kind: 'registered' }>, uri: string): string {
  switch (result.kind) {
    case 'not_allowed':
      return notAllowed;
    case 'refused':
      return `The portal did not save the webhook: ${reasonText(result.fault)}. It must be able to reach ${uri} (it sends HEAD), and from 3.7.1 on it refuses private addresses.`;
    case 'trouble':
      return `The portal gives no usable answer: ${reasonText(result.fault)}.`;
    default:
      return result satisfies never;
  }
}

const faults = {
  missing: 'it does not exist',
  moved: 'it has another address',
  disabled: 'it is disabled',
  triggers: 'it does not report every event about users',
} as const;

/** `webhook status`: what the portal says about the webhook for PUBLIC_URL. */
export function webhookStatus(context: VerbContext): Promise<ExitCode> {
  return withPublicUrl(context, async (client, uri) => {
    const { terminal, json } = context;
    const list = await client.webhooks();
    if (list.kind !== 'ok') {
      terminal.printError(
        list.kind === 'trouble'
          ? `The portal gives no usable answer: ${reasonText(list.fault)}.`
          : notAllowed,
      );
      return exitCodes.portalUnreachable;
    }
    const webhook = list.value.find((one) => one.uri === uri);
    const fault = webhookFault(webhook, uri);
    if (json) printJson(terminal, { uri, fault });
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
    const client = createPortalClient({
      origin: config.DOCSPACE_URL,
      apiKey: config.DOCSPACE_API_KEY,
      concurrency: 1,
      timeoutMs,
      clock: systemClock,
      random: Math.random,
    });
    try {
      return await work(client, `${config.PUBLIC_URL}${webhookPath}`, config);
    } finally {
      await client.close();
    }
  });
}
