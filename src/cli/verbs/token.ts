import { z } from 'zod';
import { tokenView } from '../../api/tokens.ts';
import type { Role } from '../../domain/vocabulary.ts';
import { tokenNameSchema } from '../../operations/tokens.ts';
import { printRefusal, reportAnswer, withClient } from '../client.ts';
import { table } from '../layout.ts';
import { printable, printJson, style } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withReads } from '../verb.ts';

const addedSchema = z.looseObject({ name: z.string(), role: z.string(), token: z.string() });

/** `token add NAME --role ROLE`: makes a token and prints it once. */
export async function tokenAdd(context: VerbContext, name: string, role: Role): Promise<ExitCode> {
  const { terminal, json } = context;
  const valid = tokenNameSchema.safeParse(name);
  if (!valid.success) {
    terminal.printError(`The name ${printable(name)} ${valid.error.issues[0]?.message}.`);
    return exitCodes.wrongUsage;
  }
  return withClient(context, async (client) => {
    const answer = await client.request('POST', '/api/tokens', { name, role });
    return reportAnswer(context, answer, addedSchema, (added) => {
      if (json) printJson(terminal, added);
      else {
        terminal.print(`The token of ${role} ${name}. It is shown only now, so store it safely:`);
        terminal.print(added.token);
      }
      return exitCodes.done;
    });
  });
}

/** `token list`: prints the names and roles of the tokens, but not the tokens themselves. */
export function tokenList(context: VerbContext): Promise<ExitCode> {
  const { terminal, json } = context;
  return withReads(context, async (reads) => {
    const items = (await reads.tokens()).map(tokenView);
    if (json) printJson(terminal, { items });
    else if (items.length === 0) terminal.print('There is no named token.');
    else {
      terminal.print(style('bold', 'TOKENS'));
      const rows = items.map(({ name, role, createdAt }) => [`  ${name}`, role, createdAt]);
      for (const line of table(rows, terminal.columns)) terminal.print(line);
    }
    return exitCodes.done;
  });
}

/** `token revoke NAME`: revokes a token and ends its sessions. */
export function tokenRevoke(context: VerbContext, name: string): Promise<ExitCode> {
  const { terminal, json } = context;
  return withClient(context, async (client) => {
    const path = `/api/tokens/${encodeURIComponent(name)}/revoke`;
    const answer = await client.request('POST', path);
    if (answer.kind === 'answered' && answer.status === 404) {
      terminal.printError(`No token is named ${printable(name)}.`);
      return exitCodes.failed;
    }
    if (answer.kind !== 'answered' || answer.status !== 200) {
      return printRefusal(terminal, answer);
    }
    if (json) printJson(terminal, { revoked: name });
    else terminal.print(`The token of ${name} is revoked, and its sessions have ended.`);
    return exitCodes.done;
  });
}
