import { request } from 'undici';
import type { Config } from '../config/settings.ts';
import type { Holder } from '../store/sqlite/lock.ts';

/** What the serving process answered. */
export type ApiAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly json: unknown }
  | { readonly kind: 'unreachable'; readonly reason: string };

/**
 * Asks the process that holds the database, through its HTTP API: one writer, one set of limits
 * towards the portal.
 * @param path with its leading slash
 */
export async function askServer(
  holder: Holder | null,
  config: Config,
  call: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown },
): Promise<ApiAnswer> {
  if (!holder?.url) {
    const reason = 'another process holds the database and says no address: try again in a moment';
    return { kind: 'unreachable', reason };
  }
  try {
    const answer = await request(`${holder.url}${call.path}`, {
      method: call.method,
      headers: {
        authorization: `Bearer ${config.ADMIN_TOKEN}`,
        'content-type': 'application/json',
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      headersTimeout: 300_000,
    });
    return { kind: 'answered', status: answer.statusCode, json: await answer.body.json() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'unreachable', reason: `the service at ${holder.url} does not answer (${why})` };
  }
}
