import { setTimeout as sleep } from 'node:timers/promises';
import { channelChoiceText } from '../../doctor/channel.ts';
import { createLog, type Log } from '../../log.ts';
import { startService } from '../../service.ts';
import { ServerUnavailable } from '../../store/store.ts';
import { printNotOpened } from '../client.ts';
import { type LineOutput, lineOutput, readableLines } from '../log-output.ts';
import { signalled } from '../signals.ts';
import type { Terminal } from '../terminal.ts';
import {
  type ExitCode,
  exitCodes,
  realEnvironment,
  type VerbContext,
  withConfig,
} from '../verb.ts';

/** How many bytes of log lines are kept in memory while the log's reader is blocked. */
const keptLogBytes = 4 * 1024 * 1024;
/** How long `serve` tries to reach the server of the database. */
const reachMs = 30_000;
/** How long the process may wait for connections after the service has stopped. */
const goodbyeMs = 200;
const firstWaitMs = 250;
const longestWaitMs = 5_000;

/**
 * `serve`: runs the service until SIGTERM or SIGINT, then stops it cleanly. A second signal ends the
 * process at once.
 * @param withinMs how long `serve` tries to reach the server of the database
 */
export function serveVerb(
  context: Pick<VerbContext, 'terminal' | 'envFile'>,
  withinMs = reachMs,
): Promise<ExitCode> {
  const { terminal } = context;
  return withConfig(context, async (config, warnings) => {
    const output = logOutput(terminal, (lines) => {
      log.warn({ lines }, 'dropped log lines: stdout was blocked');
    });
    const log = createLog({ level: config.LOG_LEVEL, write: output.write });
    for (const warning of warnings) log.warn({}, warning);
    log.info({ channels: config.WELCOME_CHANNEL }, channelChoiceText(config));
    const stop = signalled();
    try {
      const start = () => startService(config, realEnvironment(log));
      const started = await withPatience(start, { log, stop, withinMs });
      if (started === null) return exitCodes.done;
      if (started.kind !== 'started') return printNotOpened(terminal, started, config);
      await stop;
      log.info({}, 'stopping');
      await started.service.stop();
      // A connection to a silent database must not keep the process from ending.
      setTimeout(() => process.exit(), goodbyeMs).unref();
      return exitCodes.done;
    } finally {
      output.leave();
    }
  });
}

/**
 * Calls `start` again while the server of the database cannot be reached, for at most `withinMs`. The
 * server may need this time when both machines start together.
 * @returns null if `stop` resolved before a start succeeded
 */
async function withPatience<T>(
  start: () => Promise<T>,
  options: { readonly log: Log; readonly stop: Promise<void>; readonly withinMs: number },
): Promise<T | null> {
  const giveUpAt = performance.now() + options.withinMs;
  let isStopping = false;
  const stopped = options.stop.then(() => {
    isStopping = true;
  });
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    try {
      return await start();
    } catch (error) {
      const leftMs = giveUpAt - performance.now();
      if (!(error instanceof ServerUnavailable) || leftMs <= 0) throw error;
      options.log.warn({}, `${error.message}; the service tries again`);
      const waiting = new AbortController();
      const wait = sleep(Math.min(waitMs, leftMs), undefined, { signal: waiting.signal });
      await Promise.race([stopped, wait]).finally(() => waiting.abort());
      if (isStopping) return null;
    }
  }
}

/** Writes JSON lines, or lines for people if standard output is a terminal. */
function logOutput(terminal: Terminal, onLost: (lines: number) => void): LineOutput {
  if (process.stdout.isTTY) return { write: readableLines(terminal), leave() {} };
  return lineOutput({ fd: 1, keptBytes: keptLogBytes, onLost, printError: terminal.printError });
}
