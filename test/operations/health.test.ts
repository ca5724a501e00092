import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { serviceEnvironment, spawnVerb } from '../support/process.ts';
import { startWorld, temporaryFolder } from '../support/world.ts';

async function health(settings: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  const portal = { url: 'http://127.0.0.1:9', apiKey: 'sk-of-nobody-1234' };
  const environment = serviceEnvironment(portal, folder, settings);
  const { child, output } = spawnVerb(['health'], { environment, folder });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output: output() };
}

function portOfNobody(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? String(address?.port) : '';
      server.close(() => resolve(port));
    });
  });
}

test('health exits with 0 while the service is alive, whatever address it listens on', async () => {
  const world = await startWorld({ withWebhook: false, settings: { HOST: '0.0.0.0' } });
  const { port } = new URL(world.service.url);
  const asked = await health({ HOST: '0.0.0.0', PORT: port });
  expect(asked).toEqual({ code: 0, output: `http://127.0.0.1:${port}/healthz is alive\n` });
});

test('health exits with 1 if no service answers, and names the address', async () => {
  const port = await portOfNobody();
  const asked = await health({ PORT: port });
  expect(asked.code).toBe(1);
  expect(asked.output).toContain(`http://127.0.0.1:${port}/healthz does not answer`);
});
