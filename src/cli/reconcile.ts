import { z } from 'zod';
import { passView } from '../api/operation.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { refused } from './operate.ts';
import type { Terminal } from './terminal.ts';
import { withOperator } from './with-operator.ts';

const passSchema = z.object({
  parts: z.array(z.object({ part: z.string(), lookedAt: z.number(), found: z.number() })),
  interrupted: z.string().nullable(),
});

/** One full pass now, and what it looked at and found. */
export function reconcile(given: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly json: boolean;
}): Promise<ExitCode> {
  const { terminal, json } = given;
  const tell = (pass: unknown): ExitCode => {
    if (json) terminal.print(JSON.stringify(pass, null, 2));
    const { parts, interrupted } = passSchema.parse(pass);
    if (!json) {
      for (const { part, lookedAt, found } of parts) {
        const name = part.replaceAll('_', ' ').padEnd(16);
        terminal.print(`${name} looked at ${lookedAt}, found ${found}`);
      }
    }
    if (interrupted === null) return exitCodes.done;
    terminal.complain(`Interrupted: ${interrupted}. The next pass goes on where this one was.`);
    return exitCodes.portalUnreachable;
  };
  return withOperator(given, {
    call: async () => ({ method: 'POST', path: '/api/reconcile' }),
    answered: (answer) => (answer.status === 200 ? tell(answer.json) : refused(terminal, answer)),
    alone: async ({ operator }) => tell(passView(await operator.reconcile())),
  });
}
