import { z } from 'zod';
import { timeQuery } from '../../api/schemas.ts';
import { type Answer, type Client, reportAnswer, withClient } from '../client.ts';
import { printable, printJson, style, type Terminal } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext } from '../verb.ts';

const reasonSchema = z.looseObject({ code: z.string(), text: z.string() }).nullable();
const statusSchema = z.looseObject({
  state: z.enum(['off', 'delivering', 'failing', 'paused']),
  receiver: z.string().nullable(),
  waiting: z.number(),
  oldestAt: z.string().nullable(),
  nextTryAt: z.string().nullable(),
  failingSince: z.string().nullable(),
  pausedAt: z.string().nullable(),
  reason: reasonSchema,
});
type Status = z.infer<typeof statusSchema>;

const testSchema = z.object({ delivered: z.boolean(), reason: reasonSchema });

/** `events status`: shows whether events are delivered, and how many wait. */
export function eventsStatus(context: VerbContext): Promise<ExitCode> {
  return withClient(context, async (client) =>
    reportStatus(context, await client.request('GET', '/api/events')),
  );
}

/** `events resume`: ends the pause after a 410. */
export function eventsResume(context: VerbContext): Promise<ExitCode> {
  return withEvents(context, async (client) =>
    reportStatus(context, await client.request('POST', '/api/events/resume')),
  );
}

/** `events replay --since TIME`: sends the events since this time again. */
export async function eventsReplay(context: VerbContext, since: string): Promise<ExitCode> {
  if (!timeQuery.safeParse(since).success) {
    context.terminal.printError(
      `--since ${printable(since)} is not a date or time, such as 2026-11-28 or 2026-11-28T09:30:00Z.`,
    );
    return exitCodes.wrongUsage;
  }
  return withEvents(context, async (client) =>
    reportStatus(context, await client.request('POST', '/api/events/replay', { since })),
  );
}

/** `events test`: sends `service.test`. Returns 1 if the receiver refuses it, 69 without an answer. */
export function eventsTest(context: VerbContext): Promise<ExitCode> {
  const { terminal, json } = context;
  return withEvents(context, async (client) => {
    const answer = await client.request('POST', '/api/events/test');
    return reportAnswer(context, answer, testSchema, ({ delivered, reason }) => {
      if (json) printJson(terminal, { delivered, reason });
      else if (delivered) terminal.print('The receiver accepted the event service.test.');
      else {
        terminal.printError(`The event service.test was not delivered: ${reason?.text}.`);
      }
      if (delivered) return exitCodes.done;
      return reason && answered.includes(reason.code)
        ? exitCodes.failed
        : exitCodes.portalUnreachable;
    });
  });
}

/** The reason codes that come from an answer of the receiver. */
const answered = ['receiver_redirects', 'receiver_gone', 'receiver_answered'];

/** Runs `work` if events are on. Otherwise prints what is missing and returns 78. */
function withEvents(
  context: VerbContext,
  work: (client: Client) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withClient(context, async (client, config) => {
    if (config.EVENTS_URL !== null) return work(client);
    context.terminal.printError('Events are off. Set EVENTS_URL and EVENTS_SECRET.');
    return exitCodes.configuration;
  });
}

function reportStatus(context: VerbContext, answer: Answer): ExitCode {
  return reportAnswer(context, answer, statusSchema, (status) => {
    if (context.json) printJson(context.terminal, status);
    else printStatus(context.terminal, status);
    return exitCodes.done;
  });
}

function printStatus({ print }: Terminal, status: Status): void {
  print(sentenceOf(status));
  if (status.waiting === 0) return;
  print(`Waiting: ${status.waiting}, since ${status.oldestAt}.`);
}

function sentenceOf({
  state,
  receiver,
  reason,
  failingSince,
  nextTryAt,
  pausedAt,
}: Status): string {
  switch (state) {
    case 'off':
      return 'Events are off: EVENTS_URL is not set.';
    case 'delivering':
      return `Events are sent to ${receiver}.`;
    case 'failing':
      return style(
        'yellow',
        `Events to ${receiver} fail since ${failingSince}: ${reason?.text}. Next try: ${nextTryAt}.`,
      );
    case 'paused':
      return style(
        'yellow',
        `${receiver} answered 410 at ${pausedAt}: it wants no events any more. "events resume" sends them again.`,
      );
    default:
      return state satisfies never;
  }
}
