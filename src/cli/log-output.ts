import { pino } from 'pino';
import { z } from 'zod';
import { describeError } from '../log.ts';
import { printable, style, type Terminal } from './terminal.ts';

/**
 * How many times the last write is tried again while the reader is blocked. sonic-boom waits 100 ms
 * before each retry.
 */
const waitsAtEnd = 10;

/** The destination of log lines. While the reader is blocked, the service does not wait for it. */
export type LineOutput = {
  readonly write: (line: string) => void;
  /** After this call, writing waits at most one second in all for a blocked reader. */
  readonly leave: () => void;
};

/**
 * Writes lines to a file descriptor as fast as its reader takes them. Node's own stream is not used:
 * where standard output is a socket (systemd, most supervisors), that stream slows garbage collection.
 * @param options.fd a file, or a non-blocking pipe or socket. Standard output is non-blocking after
 *   the first access of `process.stdout`
 * @param options.keptBytes how many bytes are kept in memory while the reader is blocked
 * @param options.onLost gets the number of dropped lines as soon as the reader reads again
 * @param options.printError gets a sentence when lines cannot be written
 */
export function lineOutput(options: {
  readonly fd: number;
  readonly keptBytes: number;
  readonly onLost: (lines: number) => void;
  readonly printError: (text: string) => void;
}): LineOutput {
  let lost = 0;
  let refusal: Error | null = null;
  let waits: number | null = null;
  const output = pino.destination({
    dest: options.fd,
    sync: false,
    maxLength: options.keptBytes,
    retryEAGAIN() {
      if (waits === null) return true;
      waits += 1;
      return waits <= waitsAtEnd;
    },
  });
  output.on('drop', () => {
    lost += 1;
  });
  output.on('drain', () => {
    refusal = null;
    if (lost === 0) return;
    const lines = lost;
    lost = 0;
    options.onLost(lines);
  });
  // This happens, for example, when the disk is full. The kept lines are written with the next line that
  // can be written.
  output.on('error', (error) => {
    const isNew = refusal === null && waits === null;
    refusal = error;
    if (isNew) options.printError(`Log lines cannot be written: ${describeError(error)}`);
  });

  function leave(): void {
    waits ??= 0;
  }

  /**
   * Writes the lines that are still kept. It does not try this if the last write failed, because
   * sonic-boom would then never give up.
   */
  function writeLast(): void {
    leave();
    try {
      if (refusal) throw refusal;
      output.flushSync();
    } catch (error) {
      options.printError(`The last log lines are lost: ${describeError(error)}`);
    }
    output.destroy();
  }

  // This must run before pino's own exit handler, which waits for a blocked reader without a limit.
  process.prependOnceListener('exit', writeLast);
  return {
    write: (line) => {
      output.write(line);
    },
    leave,
  };
}

const lineSchema = z.looseObject({
  level: z.string(),
  at: z.string(),
  message: z.string(),
  member: z.string().nullish(),
  invitation: z.string().nullish(),
  url: z.string().nullish(),
  err: z.string().nullish(),
});

/** Returns a function that prints a JSON line of the service for a person: time, event and subject. */
export function readableLines(terminal: Terminal): (line: string) => void {
  return (line) => {
    const { level, at, message, member, invitation, url, err } = lineSchema.parse(JSON.parse(line));
    const subject = member ? `member ${member.slice(0, 8)}` : (invitation ?? url ?? '');
    const text = printable(err ? `${message} (${err})` : message);
    const coloured = style(colourOf(level, message), text);
    terminal.print(`${style('dim', at.slice(11, 23))}  ${coloured}  ${style('dim', subject)}`);
  };
}

function colourOf(level: string, message: string): 'red' | 'yellow' | 'green' | 'cyan' {
  if (level === 'error') return 'red';
  if (level === 'warn') return 'yellow';
  return message === 'welcomed' ? 'green' : 'cyan';
}
