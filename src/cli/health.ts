import { request } from 'undici';
import { withConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** Shorter than the time that a container's check is given. */
const timeoutMs = 3_000;

/** Asks `/healthz` of the configured address: 0 when it answers, 1 when not. For containers. */
export function health(options: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
}): Promise<ExitCode> {
  const { terminal } = options;
  return withConfig(options, async ({ HOST, PORT }) => {
    const url = `http://${reachable(HOST)}:${PORT}/healthz`;
    try {
      const times = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
      const answer = await request(url, { ...times, signal: AbortSignal.timeout(timeoutMs) });
      await answer.body.dump();
      if (answer.statusCode === 200) {
        terminal.print(`${url} is alive`);
        return exitCodes.done;
      }
      terminal.complain(`${url} answered ${answer.statusCode}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      terminal.complain(`${url} does not answer (${why})`);
    }
    return exitCodes.failed;
  });
}

/** Who listens on every address is asked on the loopback of the same family. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
