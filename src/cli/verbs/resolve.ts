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
