import { resolvedSchema } from '../../api/members.ts';
import { runCommand } from '../client.ts';
import type { ExitCode, VerbContext } from '../verb.ts';
import { commandMember } from './retry.ts';

/** `resolve USER sent|retry`: decides a welcome with unknown outcome. */
export function resolve(
  context: VerbContext,
  who: string,
  outcome: 'sent' | 'retry',
): Promise<ExitCode> {
  return commandMember(context, who, { verb: 'resolve', body: { outcome } }, 'is resolved');
}

/** `resolve --unknown sent|retry`: decides every welcome with unknown outcome. */
export function resolveUnknown(context: VerbContext, outcome: 'sent' | 'retry'): Promise<ExitCode> {
  return runCommand(context, {
    path: '/api/members/resolve',
    body: { outcome },
    schema: resolvedSchema,
    lines: ({ resolved }) => [`Decided ${resolved} unknown outcomes: ${outcome}.`],
  });
}
