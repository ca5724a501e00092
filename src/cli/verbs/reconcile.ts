import { runSchema } from '../../api/operations.ts';
import { runCommand } from '../client.ts';
import { printable } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../verb.ts';

/** `reconcile`: makes one full reconciliation run now. */
export function reconcile(context: VerbContext): Promise<ExitCode> {
  return runCommand(context, {
    path: '/api/reconcile',
    schema: runSchema,
    lines: ({ parts }) =>
      parts.map(({ part, lookedAt, found }) => {
        const name = part.replaceAll('_', ' ').padEnd(16);
        return `${name} checked ${lookedAt}, found ${found}`;
      }),
    end({ interrupted }) {
      if (interrupted === null) return exitCodes.done;
      context.terminal.printError(
        `Interrupted: ${printable(interrupted.text)}. The next run continues from here.`,
      );
      return exitCodes.portalUnreachable;
    },
  });
}
