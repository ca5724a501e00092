import { systemClock } from '../clock.ts';
import type { Config } from '../config/settings.ts';
import type { Surroundings } from '../core.ts';
import { createNewId } from '../ids.ts';
import { createLog, type Log } from '../log.ts';
import { type Started, startService } from '../service.ts';
import { withConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { readableLines } from './readable-log.ts';
import { signalled } from './signals.ts';
import { type LineOutput, lineOutput } from './standard-output.ts';
import type { Terminal } from './terminal.ts';

/** While the reader of the log stands still: some 20,000 lines. */
const keptLogBytes = 4 * 1024 * 1024;

/** Serves until SIGTERM or SIGINT, then drains; a second signal ends at once. */
export function serveVerb(options: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
}): Promise<ExitCode> {
  const { terminal } = options;
  return withConfig(options, async (config) => {
    const output = logOutput(terminal, (lines) => {
      log.warn({ lines }, 'log lines were lost: their reader stood still');
    });
    const log = createLog({ level: config.LOG_LEVEL, write: output.write });
    const stop = signalled();
    try {
      const started = await startService(config, surroundings(log));
      if (started.kind !== 'started') return complain(terminal, started, config);
      await stop;
      log.info({}, 'stopping');
      await started.service.stop();
      return exitCodes.done;
    } finally {
      output.leave();
    }
  });
}

/** JSON for machines, and on a terminal lines for people. */
function logOutput(terminal: Terminal, onLost: (lines: number) => void): LineOutput {
  if (process.stdout.isTTY) return { write: readableLines(terminal), leave() {} };
  return lineOutput({ fd: 1, keptBytes: keptLogBytes, onLost, complain: terminal.complain });
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
