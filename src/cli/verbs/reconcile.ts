import { z } from 'zod';
import { reportAnswer, withClient } from '../client.ts';
import { printable, printJson } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../verb.ts';

const runSchema = z.looseObject({
  parts: z.array(z.looseObject({ part: z.string(), lookedAt: z.number(), found: z.number() })),
  interrupted: z.looseObject({ code: z.string(), text: z.string() }).nullable(),
});

/** `reconcile`: one full run of the poll now. */
export function reconcile(context: VerbContext): Promise<ExitCode> {
  const { terminal, json } = context;
  return withClient(context, async (client) => {
    const answer = await client.request('POST', '/api/reconcile');
    return reportAnswer(context, answer, runSchema, (run) => {
      if (json) printJson(terminal, run);
      else {
        for (const { part, lookedAt, found } of run.parts) {
          const name = part.replaceAll('_', ' ').padEnd(16);
          terminal.print(`${name} checked ${lookedAt}, found ${found}`);
        }
      }
      if (run.interrupted === null) return exitCodes.done;
      terminal.printError(
        `Interrupted: ${printable(run.interrupted.text)}. The next run continues from here.`,
      );
      return exitCodes.portalUnreachable;
    });
  });
}
