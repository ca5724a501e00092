import { becomes, forbidden, type Rows } from './row.ts';
import { hourMs, memberIn, now, operator } from './support.ts';

const retried = { kind: 'retried', source: operator } as const;
const resolvedSent = { kind: 'resolved', source: operator, outcome: 'sent' } as const;
const resolvedRetry = { kind: 'resolved', source: operator, outcome: 'retry' } as const;
const asked = ['retry asked for'];

/** What the operator's `retry` and `resolve` make of each state. */
export const operatorRows: Rows<'retried' | 'resolved'> = {
  retried: {
    waiting: [
      {
        says: 'a retry looks at who waits now',
        member: memberIn('waiting', { dueAt: now + hourMs }),
        fact: retried,
        becomes: becomes({ dueAt: now, lookCount: 0 }, asked),
      },
    ],
    ready: [
      {
        says: 'a retry ends the wait of who is ready',
        member: memberIn('ready', { dueAt: now + hourMs, notSentCount: 4 }),
        fact: retried,
        becomes: becomes({ dueAt: now }, asked),
      },
    ],
    sending: [
      {
        says: 'a retry is refused while a welcome is being sent',
        member: memberIn('sending'),
        fact: retried,
        becomes: forbidden(/being sent/),
      },
    ],
    welcomed: [
      {
        says: 'a retry never welcomes twice',
        member: memberIn('welcomed'),
        fact: retried,
        becomes: forbidden(/already welcomed/),
      },
    ],
    skipped: [
      {
        says: 'a retry takes a skipped person in, whoever invited them, and looks first',
        member: memberIn('skipped'),
        fact: retried,
        becomes: becomes({ state: 'waiting', reason: null, adopted: true, dueAt: now }, asked),
      },
    ],
    gone: [
      {
        says: 'a retry looks at who is gone now, and takes nobody in by it',
        member: memberIn('gone'),
        fact: retried,
        becomes: becomes({ dueAt: now }, asked),
      },
    ],
    failed: [
      {
        says: 'a retry forgets the refusals of a failed person, and looks before it sends',
        member: memberIn('failed'),
        fact: retried,
        becomes: becomes(
          { state: 'ready', reason: null, refusedBy: [], confirmedAt: null, dueAt: now },
          asked,
        ),
      },
    ],
    unknown: [
      {
        says: 'a retry of an unknown welcome points to resolve',
        member: memberIn('unknown'),
        fact: retried,
        becomes: forbidden(/use resolve/),
      },
    ],
  },

  resolved: {
    waiting: [onlyUnknown('waiting')],
    ready: [
      onlyUnknown('ready'),
      {
        says: 'who was resolved to be tried again cannot be resolved a second time',
        member: memberIn('ready', { unknownAttemptId: 'att_1' }),
        fact: resolvedSent,
        becomes: forbidden(/only unknown/),
      },
    ],
    sending: [onlyUnknown('sending')],
    welcomed: [onlyUnknown('welcomed')],
    skipped: [onlyUnknown('skipped')],
    gone: [onlyUnknown('gone')],
    failed: [onlyUnknown('failed')],
    unknown: [
      {
        says: 'the operator who found the welcome settles the attempt as sent',
        member: memberIn('unknown'),
        fact: resolvedSent,
        becomes: becomes(
          { state: 'welcomed', reason: null, welcomedAt: now },
          ['resolved: the welcome was sent'],
          [{ kind: 'replace', id: 'att_1', outcome: 'sent', detail: 'settled by an operator' }],
        ),
      },
      {
        says: 'the operator who found no welcome has it tried again, after a look',
        member: memberIn('unknown'),
        fact: resolvedRetry,
        becomes: becomes({ state: 'ready', reason: null, confirmedAt: null, dueAt: now }, [
          'resolved: not sent, to be tried again',
        ]),
      },
    ],
  },
};

function onlyUnknown(state: Parameters<typeof memberIn>[0]) {
  return {
    says: `there is nothing to resolve about who is ${state}`,
    member: memberIn(state),
    fact: resolvedRetry,
    becomes: forbidden(`only unknown can be resolved: this one is ${state}`),
  };
}
