import { request } from 'undici';
import { type ExitCode, exitCodes, type VerbContext, withConfig } from '../verb.ts';

/** Shorter than the time limit of a container's health check. */
const timeoutMs = 3_000;

/** `health`: requests `/healthz` of the configured address. Returns 1 unless the answer is 200. */
export function health(context: Pick<VerbContext, 'terminal' | 'envFile'>): Promise<ExitCode> {
  const { terminal } = context;
  return withConfig(context, async ({ HOST, PORT }) => {
    const url = `http://${reachableHost(HOST)}:${PORT}/healthz`;
    try {
      const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
      const answer = await request(url, { ...timeouts, signal: AbortSignal.timeout(timeoutMs) });
      await answer.body.dump();
      if (answer.statusCode === 200) {
        terminal.print(`${url} is alive`);
        return exitCodes.done;
      }
      terminal.printError(`${url} answered ${answer.statusCode}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      terminal.printError(`${url} does not answer (${why})`);
    }
    return exitCodes.failed;
  });
}

/** Returns the host to ask. A service that listens on every address is asked at its loopback address. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
