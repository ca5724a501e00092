import { type Started, startService } from '../app.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/settings.ts';
import { createNewId } from '../id.ts';
import { createLog, type Log, standardOutput } from '../log.ts';
import type { Surroundings } from '../workshop.ts';
import { withConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { readableLines } from './readable-log.ts';
import { signalled } from './signals.ts';
import type { Terminal } from './terminal.ts';

/** Serves until SIGTERM or SIGINT, then drains; a second signal ends at once. */
export function serveVerb(options: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
}): Promise<ExitCode> {
  const { terminal } = options;
  return withConfig(options, async (config) => {
    // JSON for machines, and on a terminal lines for people.
    const write = process.stdout.isTTY ? readableLines(terminal) : standardOutput();
    const log = createLog({ level: config.LOG_LEVEL, write });
    const stop = signalled();
    const started = await startService(config, surroundings(log));
    if (started.kind !== 'started') return complain(terminal, started, config);
    await stop;
    log.info({}, 'stopping');
    await started.service.stop();
    return exitCodes.done;
  });
}

/** The real ways to time, chance and ids. */
export function surroundings(log: Log): Surroundings {
  return {
    clock: systemClock,
    random: Math.random,
    newId: createNewId(systemClock.now),
    log,
  };
}

/** Why this process does not serve, for the person who started it. */
export function complain(
  terminal: Terminal,
  started: Exclude<Started, { kind: 'started' }>,
  config: Config,
): ExitCode {
  switch (started.kind) {
    case 'busy': {
      const { holder } = started;
      const who = holder
        ? `process ${holder.pid}${holder.url ? ` at ${holder.url}` : ''}`
        : 'another process';
      terminal.complain(`${config.databaseFile} is in use by ${who}: only one may serve it.`);
      return exitCodes.failed;
    }
    case 'refused':
      terminal.complain(started.reason);
      return exitCodes.configuration;
    default:
      return started satisfies never;
  }
}
