import { z } from 'zod';
import { reportAnswer, withClient } from '../client.ts';
import { printJson } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../verb.ts';

const pausesSchema = z.looseObject({ pauses: z.array(z.unknown()) });

/** `pause`: holds every welcome back until `resume`. */
export function pause(context: VerbContext): Promise<ExitCode> {
  return pauseOrResume(context, 'pause', 'Sending is paused. "resume" ends the pause.');
}

/** `resume`: ends every pause and resets the hourly limit. */
export function resume(context: VerbContext): Promise<ExitCode> {
  return pauseOrResume(context, 'resume', 'Sending is resumed.');
}

function pauseOrResume(
  context: VerbContext,
  verb: 'pause' | 'resume',
  sentence: string,
): Promise<ExitCode> {
  const { terminal, json } = context;
  return withClient(context, async (client) => {
    const answer = await client.request('POST', `/api/${verb}`);
    return reportAnswer(context, answer, pausesSchema, (result) => {
      if (json) printJson(terminal, { ...result, done: verb });
      else terminal.print(sentence);
      return exitCodes.done;
    });
  });
}
