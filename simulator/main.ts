import { parseArgs } from 'node:util';
import { registerWebhook } from './admin.ts';
import { kindOptions, RELEASES, startPortal } from './portal.ts';

/**
 * Starts the portal without the service. It runs until it is interrupted. README.md lists the options.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8090' },
    release: { type: 'string', default: '3.7' },
    'time-zone': { type: 'string', default: 'UTC' },
    webhook: { type: 'string' },
    secret: { type: 'string' },
    kind: { type: 'boolean', default: false },
  },
});
const release = RELEASES.find((one) => one === values.release);
if (release === undefined) throw new Error(`--release is one of ${RELEASES.join(', ')}.`);

const portal = await startPortal({
  port: Number(values.port),
  release,
  timeZone: values['time-zone'],
  ...(values.kind ? kindOptions : {}),
});
process.stdout.write(`${portal.url}\nAPI key of the owner: ${portal.apiKey}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => portal.stop());

if (values.webhook !== undefined) {
  if (values.secret === undefined) throw new Error('A webhook needs a --secret.');
  const settings = { uri: values.webhook, secretKey: values.secret };
  process.stdout.write(`Webhook ${await registerWebhook(portal, settings)} is registered.\n`);
}
