import { z } from 'zod';
import type { Recorded } from '../onboarding/recorder.ts';
import type { Operator } from '../operations/operator.ts';
import type { StoreReads } from '../store/store.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { ApiAnswer } from './server-api.ts';
import { printable, type Terminal } from './terminal.ts';
import { withOperator } from './with-operator.ts';

type Given = {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly json: boolean;
};

/** `retry USER`: look at this member now, then send. */
export function retry(given: Given & { readonly who: string }): Promise<ExitCode> {
  return onMember(given, 'retry', undefined, (operator, userId) => operator.retry(userId));
}

/** `resolve USER sent|retry`: settles an `unknown`. */
export function resolve(
  given: Given & { readonly who: string; readonly outcome: 'sent' | 'retry' },
): Promise<ExitCode> {
  const { outcome } = given;
  return onMember(given, 'resolve', { outcome }, (operator, userId) =>
    operator.resolve(userId, outcome),
  );
}

/** `retry --failed [--reason R]`: all failed members, or those with this reason. */
export function retryFailed(given: Given & { readonly reason: string | null }): Promise<ExitCode> {
  const { terminal, reason, json } = given;
  const tell = (count: number) => {
    terminal.print(json ? JSON.stringify({ retried: count }) : `${count} members are tried again`);
    return exitCodes.done;
  };
  const body = reason === null ? {} : { reason };
  return withOperator(given, {
    call: async () => ({ method: 'POST', path: '/api/members/retry', body }),
    answered: (answer) =>
      answer.status === 200
        ? tell(z.object({ retried: z.number() }).parse(answer.json).retried)
        : refused(terminal, answer),
    alone: async ({ operator }) => tell(await operator.retryFailed(reason)),
  });
}

export function pause(given: Given): Promise<ExitCode> {
  return simple(given, 'pause', 'Sending is paused.', (operator) => operator.pause());
}

export function resume(given: Given): Promise<ExitCode> {
  return simple(given, 'resume', 'Sending goes on.', (operator) => operator.resume());
}

function simple(
  given: Given,
  verb: 'pause' | 'resume',
  sentence: string,
  act: (operator: Operator) => Promise<void>,
): Promise<ExitCode> {
  const { terminal, json } = given;
  const tell = () => {
    terminal.print(json ? JSON.stringify({ done: verb }) : sentence);
    return exitCodes.done;
  };
  return withOperator(given, {
    call: async () => ({ method: 'POST', path: `/api/${verb}` }),
    answered: (answer) => (answer.status === 200 ? tell() : refused(terminal, answer)),
    async alone({ operator }) {
      await act(operator);
      return tell();
    },
  });
}

async function onMember(
  given: Given & { readonly who: string },
  verb: 'retry' | 'resolve',
  body: unknown,
  act: (operator: Operator, userId: string) => Promise<Recorded>,
): Promise<ExitCode> {
  const { terminal, who, json } = given;
  const tell = (state: string) => {
    const done = verb === 'retry' ? 'tried again' : 'resolved';
    terminal.print(json ? JSON.stringify({ state }) : `${printable(who)} is ${done}: now ${state}`);
    return exitCodes.done;
  };
  return withOperator(given, {
    async call(reads) {
      const userId = encodeURIComponent(await userIdOf(reads, who));
      return { method: 'POST', path: `/api/members/${userId}/${verb}`, body };
    },
    answered: (answer) =>
      answer.status === 200
        ? tell(z.object({ state: z.string() }).parse(answer.json).state)
        : refused(terminal, answer),
    async alone({ operator, store }) {
      const userId = await userIdOf(store, who);
      const recorded = await act(operator, userId);
      switch (recorded.kind) {
        case 'recorded':
          return tell(recorded.member.state);
        case 'forbidden':
          terminal.complain(recorded.reason);
          return exitCodes.failed;
        case 'no_such_member':
          terminal.complain(`Nobody in the log is ${printable(who)}.`);
          return exitCodes.failed;
        default:
          return recorded satisfies never;
      }
    },
  });
}

/** People know addresses, not ids. */
async function userIdOf(reads: Pick<StoreReads, 'listMembers'>, who: string): Promise<string> {
  if (!who.includes('@')) return who.toLowerCase();
  const { items } = await reads.listMembers({ email: who }, { limit: 1 });
  return items[0]?.userId ?? who;
}

const problemSchema = z.object({ detail: z.string() });

export function refused(
  terminal: Terminal,
  answer: Extract<ApiAnswer, { kind: 'answered' }>,
): ExitCode {
  if (answer.status === 401) {
    terminal.complain('The running service has another ADMIN_TOKEN than these settings.');
    return exitCodes.failed;
  }
  const problem = problemSchema.safeParse(answer.json);
  terminal.complain(
    problem.success ? problem.data.detail : `the service answered ${answer.status}`,
  );
  return exitCodes.failed;
}
