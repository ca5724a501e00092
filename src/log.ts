import { pino } from 'pino';

/** The log lines of the service: one JSON object a line, `message` says what happened. */
export type Log = {
  readonly debug: (fields: LogFields, message: string) => void;
  readonly info: (fields: LogFields, message: string) => void;
  readonly warn: (fields: LogFields, message: string) => void;
  readonly error: (fields: LogFields, message: string) => void;
};
type LogFields = Readonly<Record<string, unknown>>;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Writes JSON lines to `write` (standard output in the service).
 * An error may be given as `err`: its message and causes are logged, never its stack, because a
 * stack of a database or HTTP error can carry values that belong to people.
 */
export function createLog(options: {
  readonly level: LogLevel;
  readonly write: (line: string) => void;
}): Log {
  return pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"at":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    { write: options.write },
  );
}

/**
 * Lines for standard output, as its reader takes them; the process waits only at its very end. Where
 * standard output is a socket (systemd, most supervisors), Node's own stream kept what was made
 * between two writes alive until a major collection: scavenges took 8 ms instead of 2.
 */
export function standardOutput(): (line: string) => void {
  const output = pino.destination({ dest: 1, sync: false });
  return (line) => {
    output.write(line);
  };
}

/** The message of an error and of what caused it, in one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `: ${describeError(error.cause)}`;
  return `${error.message}${cause}`;
}
