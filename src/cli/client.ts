import { request } from 'undici';
import { z } from 'zod';
import type { Config } from '../config/settings.ts';
import { issuingGraceMs } from '../operations/housekeeping.ts';
import { apiOf, openCore } from '../service.ts';
import type { Holder } from '../store/store.ts';
import { printable, printJson, type Terminal } from './terminal.ts';
import {
  type ExitCode,
  exitCodes,
  realEnvironment,
  silentLog,
  type VerbContext,
  withConfig,
} from './verb.ts';

/** The answer of the HTTP API. */
export type Answer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly text: string;
      /** Undefined if the body is not JSON. */
      readonly json: unknown;
    }
  /** The process that serves the database has no address yet, or does not answer. */
  | { readonly kind: 'unreachable'; readonly reason: string };

type Method = 'GET' | 'POST';

/** Calls the HTTP API of this service, in this process or in the process that serves the database. */
export type Client = {
  /** @param path with its leading slash */
  readonly request: (method: Method, path: string, body?: unknown) => Promise<Answer>;
};

/**
 * Runs `work` with the HTTP API, so that each verb has only one implementation. If another process serves
 * the SQLite database, `work` calls the API of that process. Otherwise, and always with PostgreSQL, the API
 * runs in this process.
 * @param options.settles if true and the API runs in this process, the portal is first asked about
 *   invitations that a killed process left `issuing`
 */
export function withClient(
  context: VerbContext,
  work: (client: Client, config: Config) => Promise<ExitCode>,
  options: { readonly settles?: boolean } = {},
): Promise<ExitCode> {
  return withConfig(context, async (config) => {
    const environment = realEnvironment(silentLog());
    const opened = await openCore(config, environment);
    switch (opened.kind) {
      case 'opened': {
        const { core } = opened;
        try {
          if (options.settles) {
            // Replicas may be issuing invitations at this moment, so newer ones are left alone.
            const graceMs = core.store.replication === null ? 0 : issuingGraceMs;
            await core.inviter.settleIssuing(environment.clock.now() - graceMs);
          }
          return await work(inProcess(apiOf(core), config), config);
        } finally {
          await core.close();
        }
      }
      case 'busy':
        return work(overHttp(opened.holder, config), config);
      case 'refused':
        return printNotOpened(context.terminal, opened, config);
      default:
        return opened satisfies never;
    }
  });
}

/** Prints why this process cannot use the database. */
export function printNotOpened(
  terminal: Terminal,
  opened:
    | { readonly kind: 'busy'; readonly holder: Holder | null; readonly hint?: string }
    | { readonly kind: 'refused'; readonly reason: string },
  { database }: Config,
): ExitCode {
  if (opened.kind === 'refused') {
    terminal.printError(opened.reason);
    return exitCodes.configuration;
  }
  const { holder } = opened;
  const who = holder
    ? `process ${holder.pid}${holder.url ? ` at ${holder.url}` : ''}`
    : 'another process';
  terminal.printError(
    `${database.name} is in use by ${who}. Only one process may use it at a time: stop that process first.`,
  );
  if (opened.hint) terminal.printError(opened.hint);
  return exitCodes.failed;
}

type Routes = {
  readonly request: (path: string, init: RequestInit) => Response | Promise<Response>;
};

function inProcess(routes: Routes, config: Config): Client {
  return {
    async request(method, path, body) {
      const answer = await routes.request(path, {
        method,
        headers: headersOf(config),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { kind: 'answered', status: answer.status, text, json: jsonOf(text) };
    },
  };
}

/** The time limit of an answer. Inviting many people takes long if the portal asks the service to wait. */
const headersTimeoutMs = 300_000;

/**
 * Returns a client of the HTTP API in another process.
 * @param holder the process that holds the lock; null: it is not known yet
 */
export function overHttp(holder: Holder | null, config: Config): Client {
  return {
    async request(method, path, body) {
      if (!holder?.url) {
        const reason =
          'Another process uses the database and has no address yet. Try again in a moment.';
        return { kind: 'unreachable', reason };
      }
      try {
        const answer = await request(`${holder.url}${path}`, {
          method,
          headers: headersOf(config),
          body: body === undefined ? null : JSON.stringify(body),
          headersTimeout: headersTimeoutMs,
        });
        const text = await answer.body.text();
        return { kind: 'answered', status: answer.statusCode, text, json: jsonOf(text) };
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        const reason = `The service at ${holder.url} does not answer (${why}). Restart it, or try again.`;
        return { kind: 'unreachable', reason };
      }
    },
  };
}

function headersOf({ ADMIN_TOKEN }: Config): Record<string, string> {
  return { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The fields of a problem (RFC 9457) that verbs use. */
export const problemSchema = z.object({
  type: z.string(),
  status: z.number(),
  detail: z.string(),
  invitation: z.string().optional(),
  retryAfter: z.number().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** Returns the code of a problem, which is the last part of its `type`. */
export function codeOf({ type }: Pick<Problem, 'type'>): string {
  return type.slice(
    Math.max(type.lastIndexOf(':'), type.lastIndexOf('/'), type.lastIndexOf('#')) + 1,
  );
}

/**
 * Passes the JSON of a successful answer to `report`. For any other answer, prints why the request failed.
 * @param schema the fields that `report` uses
 */
export function reportAnswer<T>(
  { terminal }: Pick<VerbContext, 'terminal'>,
  answer: Answer,
  schema: z.ZodType<T>,
  report: (json: T) => ExitCode,
): ExitCode {
  if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300) {
    return report(schema.parse(answer.json));
  }
  return printRefusal(terminal, answer);
}

/**
 * Sends a command to the HTTP API and prints its result.
 * @param command.more fields that `--json` adds to the answer
 * @param command.end runs after the output, with and without `--json`, and returns the exit code
 */
export function runCommand<T extends object>(
  context: VerbContext,
  command: {
    readonly path: string;
    readonly body?: unknown;
    readonly schema: z.ZodType<T>;
    readonly more?: object;
    readonly lines: (result: T) => readonly string[];
    readonly end?: (result: T) => ExitCode;
  },
): Promise<ExitCode> {
  const { terminal, json } = context;
  return withClient(context, async (client) => {
    const answer = await client.request('POST', command.path, command.body);
    return reportAnswer(context, answer, command.schema, (result) => {
      if (json) printJson(terminal, { ...result, ...command.more });
      else for (const line of command.lines(result)) terminal.print(line);
      return command.end?.(result) ?? exitCodes.done;
    });
  });
}

/** Returns the line about a warning, if there is a warning. */
export function noteLines({ warning }: { readonly warning?: string | undefined }): string[] {
  return warning ? [`Note: ${printable(warning)}.`] : [];
}

/** Prints why a request to the HTTP API failed. */
export function printRefusal(terminal: Terminal, answer: Answer): ExitCode {
  if (answer.kind === 'unreachable') {
    terminal.printError(answer.reason);
    return exitCodes.failed;
  }
  if (answer.status === 401) {
    terminal.printError(
      'The running service has another ADMIN_TOKEN than these settings. Use the settings that it was started with.',
    );
    return exitCodes.failed;
  }
  const problem = problemSchema.safeParse(answer.json);
  terminal.printError(
    problem.success ? printable(problem.data.detail) : `The service answered ${answer.status}.`,
  );
  if (problem.success && codeOf(problem.data) === 'mail_not_configured') {
    return exitCodes.configuration;
  }
  return answer.status === 502 ? exitCodes.portalUnreachable : exitCodes.failed;
}

const membersSchema = z.object({ items: z.array(z.object({ userId: z.string() })) });

/**
 * Finds the user id of a member, so that a person can name a member by e-mail address.
 * @param who an e-mail address or a user id
 * @returns `userId` is null if no member has this address
 */
async function findUserId(
  client: Client,
  who: string,
): Promise<
  | { readonly kind: 'found'; readonly userId: string | null }
  | { readonly kind: 'failed'; readonly answer: Answer }
> {
  if (!who.includes('@')) return { kind: 'found', userId: who.toLowerCase() };
  const answer = await client.request(
    'GET',
    `/api/members?limit=1&email=${encodeURIComponent(who)}`,
  );
  if (answer.kind !== 'answered' || answer.status !== 200) return { kind: 'failed', answer };
  return { kind: 'found', userId: membersSchema.parse(answer.json).items[0]?.userId ?? null };
}

/** Sends a request about one member. If it fails, prints why. */
export async function requestForMember(
  { terminal }: Pick<VerbContext, 'terminal'>,
  client: Client,
  who: string,
  request: {
    readonly method: Method;
    readonly path: (userId: string) => string;
    readonly body?: unknown;
  },
): Promise<
  | { readonly kind: 'ok'; readonly json: unknown }
  | { readonly kind: 'failed'; readonly code: ExitCode; readonly isNoMember: boolean }
> {
  const found = await findUserId(client, who);
  if (found.kind === 'failed') {
    return { kind: 'failed', code: printRefusal(terminal, found.answer), isNoMember: false };
  }
  if (found.userId === null) return printNoMember(terminal, who);
  const path = request.path(encodeURIComponent(found.userId));
  const answer = await client.request(request.method, path, request.body);
  if (answer.kind === 'answered' && answer.status === 404) return printNoMember(terminal, who);
  if (answer.kind === 'answered' && answer.status === 200) return { kind: 'ok', json: answer.json };
  return { kind: 'failed', code: printRefusal(terminal, answer), isNoMember: false };
}

function printNoMember(terminal: Terminal, who: string) {
  terminal.printError(`No member found for ${printable(who)}.`);
  return { kind: 'failed', code: exitCodes.failed, isNoMember: true } as const;
}
