import { memberSchema, retriedSchema } from '../../api/members.ts';
import { readConfig } from '../../config/read.ts';
import { memberReasonCodes } from '../../domain/reason.ts';
import { hasDatabase, openReads } from '../../store/database.ts';
import { requestForMember, runCommand, withClient } from '../client.ts';
import { printable, printJson } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../verb.ts';

/** `retry USER`: checks this member now; the welcome follows when they are active. */
export function retry(context: VerbContext, who: string): Promise<ExitCode> {
  return commandMember(context, who, { verb: 'retry' }, 'is being checked again');
}

/** Sends a command about one member. Prints what happens to the member, and the member's new state. */
export function commandMember(
  context: VerbContext,
  who: string,
  { verb, body }: { readonly verb: 'retry' | 'resolve'; readonly body?: unknown },
  happens: string,
): Promise<ExitCode> {
  const { terminal, json } = context;
  return withClient(context, async (client) => {
    const path = (userId: string) => `/api/members/${userId}/${verb}`;
    const answer = await requestForMember(context, client, who, { method: 'POST', path, body });
    if (answer.kind === 'failed') return answer.code;
    const member = memberSchema.parse(answer.json);
    if (json) printJson(terminal, member);
    else terminal.print(`${printable(who)} ${happens}; the state is now ${member.state}.`);
    return exitCodes.done;
  });
}

/** `retry --failed [--reason CODE]`: checks all failed members again, or only those with this reason. */
export async function retryFailed(context: VerbContext, reason: string | null): Promise<ExitCode> {
  const codes: readonly string[] = memberReasonCodes;
  if (reason !== null && !codes.includes(reason)) return unknownReason(context, reason);
  return runCommand(context, {
    path: '/api/members/retry',
    body: reason === null ? {} : { reason },
    schema: retriedSchema,
    lines: ({ retried }) => [`Checking ${retried} failed members again.`],
  });
}

async function unknownReason(context: VerbContext, reason: string): Promise<ExitCode> {
  const { terminal } = context;
  terminal.printError(`--reason ${printable(reason)} is not a known code.`);
  const used = await codesOfFailedMembers(context);
  terminal.printError(
    used.length > 0
      ? `The failed members have these codes: ${used.join(', ')}`
      : `The known codes are: ${memberReasonCodes.join(', ')}`,
  );
  return exitCodes.wrongUsage;
}

/**
 * @returns the reason codes of up to 200 failed members; empty if the settings are not valid or the
 *   database does not exist
 */
async function codesOfFailedMembers({ envFile }: VerbContext): Promise<string[]> {
  const read = readConfig({ environment: process.env, workingFolder: process.cwd(), envFile });
  if (read.kind !== 'ok' || !(await hasDatabase(read.config.database))) return [];
  const reads = await openReads(read.config.database);
  try {
    const { items } = await reads.listMembers({ state: 'failed' }, { limit: 200 });
    return [...new Set(items.flatMap((member) => member.reason?.code ?? []))].sort();
  } finally {
    await reads.close();
  }
}
