import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import type { Received } from './support.ts';

/**
 * Runs a receiver that is written in JavaScript and prints its port.
 * @returns a function that sends an event to it, and resolves with the status of the answer
 */
export async function runScript(script: string, secret: string) {
  const file = join(await temporaryFolder(), 'receiver.mjs');
  await writeFile(file, script);
  const child = spawn(process.execPath, [file], { env: { EVENTS_SECRET: secret, PORT: '0' } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const port = await until('the script listens', () => /port (\d+)/.exec(output)?.[1]);
  return async ({ id, timestamp, signature, body }: Received) => {
    const answer = await request(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signature,
      },
      body,
    });
    await answer.body.dump();
    return answer.statusCode;
  };
}
