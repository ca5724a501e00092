import { z } from 'zod';
import { requestForMember, withClient } from '../client.ts';
import { printable, printJson } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../verb.ts';

const memberSchema = z.looseObject({ state: z.string() });

/** `resolve USER sent|retry`: decides a welcome with unknown outcome. */
export function resolve(
  context: VerbContext,
  who: string,
  outcome: 'sent' | 'retry',
): Promise<ExitCode> {
  const { terminal, json } = context;
  return withClient(context, async (client) => {
    const path = (userId: string) => `/api/members/${userId}/resolve`;
    const request = { method: 'POST', path, body: { outcome } } as const;
    const answer = await requestForMember(context, client, who, request);
    if (answer.kind === 'failed') return answer.code;
    const member = memberSchema.parse(answer.json);
    if (json) printJson(terminal, member);
    else terminal.print(`${printable(who)} is resolved; the state is now ${member.state}.`);
    return exitCodes.done;
  });
}
