import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Portal } from '../../simulator/portal.ts';
import { runCli } from '../../src/cli/run.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { serviceEnvironment } from '../support/process.ts';
import { deliveriesOut, inviteAndRegister, memberBecomes, type World } from '../support/world.ts';

/** A person who came by a personal link and was welcomed. All their deliveries have arrived. */
export async function welcomed(world: World, email: string) {
  const person = await inviteAndRegister(world, email);
  world.portal.control.confirmEmail(person.userId);
  await memberBecomes(world, person.userId, 'welcomed');
  await deliveriesOut(world);
  return person;
}

/** A person who registered and has not confirmed the e-mail address. */
export async function registered(world: World, email: string) {
  const person = await inviteAndRegister(world, email);
  await memberBecomes(world, person.userId, 'waiting');
  await deliveriesOut(world);
  return person;
}

export async function forget(world: World, email: string) {
  const answer = await world.api('POST', '/api/forget', { email });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json;
}

/** The files of a folder that contain this text, in upper or lower case. */
export function filesWith(folder: string, text: string): string[] {
  const wanted = text.toLowerCase();
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).toString('latin1').toLowerCase().includes(wanted));
}

/** Runs a verb in this process with its environment, and returns its output. */
export async function verb(
  given: { readonly portal: Portal; readonly folder: string },
  args: readonly string[],
) {
  let output = '';
  const write = (text: string) => {
    output += `${text}\n`;
  };
  const terminal: Terminal = { print: write, printError: write, columns: 100 };
  const before = { ...process.env };
  Object.assign(process.env, serviceEnvironment(given.portal, given.folder), before.PATH);
  try {
    return { code: await runCli(args, terminal), output };
  } finally {
    for (const name of Object.keys(process.env)) {
      if (!(name in before)) delete process.env[name];
    }
    Object.assign(process.env, before);
  }
}
