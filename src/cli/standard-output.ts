import { pino } from 'pino';
import { describeError } from '../log.ts';

/** At the end a reader that stands still is waited for so often, each time 100 ms (sonic-boom). */
const waitsAtEnd = 10;

/** Where log lines go; whoever reads them cannot hold up the service, nor its end. */
export type LineOutput = {
  readonly write: (line: string) => void;
  /** From now on a reader that stands still is waited for one second in all. */
  readonly leave: () => void;
};

/**
 * Lines for a file descriptor, as its reader takes them. Where standard output is a socket (systemd,
 * most supervisors), Node's own stream kept what was made between two writes alive until a major
 * collection: scavenges took 8 ms instead of 2.
 * @param options.fd a file, or a pipe or socket that does not block: standard output is one once
 *   `process.stdout` was looked at
 * @param options.keptBytes how much is kept in memory while the reader stands still
 * @param options.onLost told how many lines were lost while the reader stood still, once it reads on
 * @param options.complain told what cannot be written and why
 */
export function lineOutput(options: {
  readonly fd: number;
  readonly keptBytes: number;
  readonly onLost: (lines: number) => void;
  readonly complain: (text: string) => void;
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
  // A full disk, say: what is kept is written with the next line that can be.
  output.on('error', (error) => {
    const isNews = refusal === null && waits === null;
    refusal = error;
    if (isNews) options.complain(`Log lines cannot be written: ${describeError(error)}`);
  });

  function leave(): void {
    waits ??= 0;
  }

  /** What was refused before is not tried again: sonic-boom would try it for ever. */
  function writeLast(): void {
    leave();
    try {
      if (refusal) throw refusal;
      output.flushSync();
    } catch (error) {
      options.complain(`The last log lines are lost: ${describeError(error)}`);
    }
    output.destroy();
  }

  // Before pino's own ending, which waits for a reader for as long as it stands still.
  process.prependOnceListener('exit', writeLast);
  return {
    write: (line) => {
      output.write(line);
    },
    leave,
  };
}
