import { join } from 'node:path';
import { type Demo, type DemoOptions, startDemo } from '../../demo.ts';
import { createLog } from '../../log.ts';
import { readableLines } from '../log-output.ts';
import { commandName } from '../program.ts';
import { signalled } from '../signals.ts';
import { style, type Terminal } from '../terminal.ts';
import { type ExitCode, exitCodes, realEnvironment } from '../verb.ts';

/** `demo`: runs the service beside a simulated portal until SIGTERM or SIGINT. */
export async function demo(
  terminal: Terminal,
  { release }: Pick<DemoOptions, 'release'>,
): Promise<ExitCode> {
  const stop = signalled();
  // The log lines of the start are left out, so that the explanation comes first.
  let isExplained = false;
  const readable = readableLines(terminal);
  const write = (line: string) => (isExplained ? readable(line) : undefined);
  const environment = realEnvironment(createLog({ level: 'info', write }));
  const started = await startDemo({ environment, release });
  try {
    isExplained = true;
    for (const line of explanation(started)) terminal.print(line);
    await stop;
    terminal.print('\nStopping. The temporary folder is removed.');
    return exitCodes.done;
  } finally {
    await started.stop();
  }
}

function explanation({ portal, service, link, guest, folder, adminToken }: Demo): string[] {
  const cli = `${commandName()} --env-file ${join(folder, '.env')}`;
  return [
    '',
    style('bold', 'docspace-welcome beside a simulated portal, all on this machine'),
    '',
    `  1  A guest is invited. Open the link, register as ${guest}, confirm the e-mail address:`,
    `     ${style('cyan', link)}`,
    '  2  See the guest arrive and be welcomed, below and in the list of people of the portal:',
    `     ${style('cyan', `${portal.url}/`)}`,
    '  3  Open the dashboard. This token signs you in:',
    `     ${style('cyan', `${service.url}/`)}   ${adminToken}`,
    '  4  Or use the command line in a second terminal:',
    `     ${cli} list`,
    `     ${cli} invite anna@example.com`,
    `     curl -H "Authorization: Bearer ${adminToken}" ${service.url}/api/invitations`,
    '',
    style('dim', '  This portal accepts any WELCOME_KEY; a real portal does not: see the README.'),
    style('dim', '  Ctrl-C stops everything and removes the temporary folder.'),
    '',
  ];
}
