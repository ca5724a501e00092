import { pausesSchema } from '../../api/operations.ts';
import { runCommand } from '../client.ts';
import type { ExitCode, VerbContext } from '../verb.ts';

/** `pause`: holds back every welcome and letter until `resume`. */
export function pause(context: VerbContext): Promise<ExitCode> {
  return pauseOrResume(context, 'pause', 'Sending is paused. "resume" ends the pause.');
}

/** `resume`: ends every pause and resets the hourly limit. */
export function resume(context: VerbContext): Promise<ExitCode> {
  return pauseOrResume(context, 'resume', 'Sending is resumed.');
}

function pauseOrResume(context: VerbContext, verb: 'pause' | 'resume', sentence: string) {
  const request = { path: `/api/${verb}`, schema: pausesSchema, more: { done: verb } };
  return runCommand(context, { ...request, lines: () => [sentence] });
}
