import { pino } from 'pino';

/** Writes the log: one JSON object per line, in which `message` says what happened. */
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
 * An error may be given as `err`: its message and causes are logged, never its stack, because the
 * stack of a database or HTTP error can contain personal data.
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
 * Returns the messages of an error and of its causes, joined by colons. Drizzle's message is left out,
 * because it contains the values of the statement; its cause contains the message of the database.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('params' in error && error.cause !== undefined) return describeError(error.cause);
  const cause = error.cause === undefined ? '' : `: ${describeError(error.cause)}`;
  return `${error.message}${cause}`;
}
