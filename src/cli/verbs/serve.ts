import { channelChoiceText } from '../../doctor/channel.ts';
import { createLog } from '../../log.ts';
import { startService } from '../../service.ts';
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

/** `serve`: runs the service until SIGTERM or SIGINT, then drains. A second signal ends it at once. */
export function serveVerb(context: Pick<VerbContext, 'terminal' | 'envFile'>): Promise<ExitCode> {
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
      const started = await startService(config, realEnvironment(log));
      if (started.kind !== 'started') return printNotOpened(terminal, started, config);
      await stop;
      log.info({}, 'stopping');
      await started.service.stop();
      return exitCodes.done;
    } finally {
      output.leave();
    }
  });
}

/** Writes JSON lines, or lines for people if standard output is a terminal. */
function logOutput(terminal: Terminal, onLost: (lines: number) => void): LineOutput {
  if (process.stdout.isTTY) return { write: readableLines(terminal), leave() {} };
  return lineOutput({ fd: 1, keptBytes: keptLogBytes, onLost, printError: terminal.printError });
}
