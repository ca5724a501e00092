import { existsSync } from 'node:fs';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/settings.ts';
import { createPortalClient, type PortalClient } from '../docspace/client.ts';
import { registerWebhook, webhookFault } from '../reconciliation/webhook-registration.ts';
import { rememberBriefly } from '../store/sqlite/short-write.ts';
import { webhookPath } from '../webhook/route.ts';
import { withConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

type Given = {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly json: boolean;
};

const timeoutMs = 20_000;

/** Creates or puts right the webhook for PUBLIC_URL, and remembers its id: safe to run again. */
export function webhookRegister(given: Given): Promise<ExitCode> {
  return atPublicUrl(given, async (client, uri, config) => {
    const { terminal } = given;
    const done = await registerWebhook({ client, uri, secret: config.DOCSPACE_WEBHOOK_SECRET });
    if (done.kind !== 'registered') {
      terminal.complain(done.detail);
      return done.kind === 'trouble' ? exitCodes.portalUnreachable : exitCodes.failed;
    }
    const value = JSON.stringify({ id: done.id, uri, repairs: 0 });
    const file = config.databaseFile;
    rememberBriefly({ file, exists: existsSync(file), key: 'webhook', value });
    const sentence = `Webhook ${done.id} ${done.isNew ? 'is made' : 'is put right'}: ${uri}`;
    terminal.print(given.json ? JSON.stringify({ id: done.id, isNew: done.isNew, uri }) : sentence);
    return exitCodes.done;
  });
}

/** What the portal says of the webhook for PUBLIC_URL. */
export function webhookStatus(given: Given): Promise<ExitCode> {
  return atPublicUrl(given, async (client, uri) => {
    const { terminal } = given;
    const list = await client.webhooks();
    if (list.kind !== 'ok') {
      terminal.complain(list.kind === 'trouble' ? list.detail : 'this key may not read webhooks');
      return exitCodes.portalUnreachable;
    }
    const fault = webhookFault(
      list.value.find((one) => one.uri === uri),
      uri,
    );
    if (given.json) terminal.print(JSON.stringify({ uri, fault }));
    if (fault === null) {
      if (!given.json) terminal.print(`The webhook is registered and enabled: ${uri}`);
      return exitCodes.done;
    }
    terminal.complain(`The webhook is not as it should be (${fault}): run "webhook register".`);
    return exitCodes.failed;
  });
}

function atPublicUrl(
  given: Given,
  work: (client: PortalClient, uri: string, config: Config) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withConfig(given, async (config) => {
    if (config.PUBLIC_URL === null) {
      given.terminal.complain('PUBLIC_URL is missing: the address of this service for the portal.');
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
