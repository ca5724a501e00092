import type { Fact } from '../../src/domain/facts.ts';
import type { MemberState } from '../../src/domain/member.ts';
import type { Entry } from '../../src/domain/timeline.ts';
import { becomes, forbidden, type Row, type Rows } from './row.ts';
import { fromOperator, hourMs, memberIn, now } from './support.ts';

const retried: Fact = { kind: 'retried', source: fromOperator };
const resolvedSent: Fact = { kind: 'resolved', source: fromOperator, outcome: 'sent' };
const resolvedRetry: Fact = { kind: 'resolved', source: fromOperator, outcome: 'retry' };
const requested: readonly Entry[] = [{ event: 'retry_requested', ...fromOperator }];

/** Decisions about the operator's `retry` and `resolve`. */
export const operatorCommandRows: Rows<'retried' | 'resolved'> = {
  retried: {
    waiting: [
      {
        says: 'a retry checks a waiting member now',
        member: memberIn('waiting', { dueAt: now + hourMs }),
        fact: retried,
        becomes: becomes({ dueAt: now, checkCount: 0 }, requested),
      },
    ],
    ready: [
      {
        says: 'a retry ends the wait of a ready member',
        member: memberIn('ready', { dueAt: now + hourMs, notSentCount: 4 }),
        fact: retried,
        becomes: becomes({ dueAt: now }, requested),
      },
    ],
    sending: [
      {
        says: 'a retry is a conflict while a welcome is being sent',
        member: memberIn('sending'),
        fact: retried,
        becomes: forbidden({ code: 'attempt_under_way' }),
      },
    ],
    welcomed: [
      {
        says: 'a retry never welcomes a person twice',
        member: memberIn('welcomed'),
        fact: retried,
        becomes: forbidden({ code: 'already_welcomed' }),
      },
    ],
    skipped: [
      {
        says: 'a retry accepts a skipped person, whoever invited them, and checks them first',
        member: memberIn('skipped'),
        fact: retried,
        becomes: becomes(
          { state: 'waiting', reason: null, acceptedByOperator: true, dueAt: now },
          requested,
        ),
      },
    ],
    gone: [
      {
        says: 'a retry checks a gone member now, and does not accept them by that',
        member: memberIn('gone'),
        fact: retried,
        becomes: becomes({ dueAt: now }, requested),
      },
    ],
    failed: [
      {
        says: 'a retry clears the refusals of a failed person, and checks them before it sends',
        member: memberIn('failed'),
        fact: retried,
        becomes: becomes(
          { state: 'ready', reason: null, refusedBy: [], confirmedAt: null, dueAt: now },
          requested,
        ),
      },
    ],
    unknown: [
      {
        says: 'a retry is a conflict while the outcome is unknown: resolve decides it',
        member: memberIn('unknown'),
        fact: retried,
        becomes: forbidden({ code: 'outcome_unknown' }),
      },
    ],
  },

  resolved: {
    waiting: [onlyUnknown('waiting')],
    ready: [
      onlyUnknown('ready'),
      {
        says: 'a welcome that was resolved as retry cannot be resolved a second time',
        member: memberIn('ready', { unknownAttemptId: 'att_1' }),
        fact: resolvedSent,
        becomes: forbidden({ code: 'not_unknown', state: 'ready' }),
      },
    ],
    sending: [onlyUnknown('sending')],
    welcomed: [onlyUnknown('welcomed')],
    skipped: [onlyUnknown('skipped')],
    gone: [onlyUnknown('gone')],
    failed: [onlyUnknown('failed')],
    unknown: [
      {
        says: 'an operator who found the welcome marks the attempt as sent',
        member: memberIn('unknown'),
        fact: resolvedSent,
        becomes: becomes(
          { state: 'welcomed', reason: null, welcomedAt: now },
          [{ event: 'resolved', outcome: 'sent', ...fromOperator }],
          [
            {
              kind: 'replace',
              id: 'att_1',
              outcome: 'sent',
              reason: { code: 'settled_by_operator' },
            },
          ],
        ),
      },
      {
        says: 'an operator who found no welcome has it sent again, after a check',
        member: memberIn('unknown'),
        fact: resolvedRetry,
        becomes: becomes({ state: 'ready', reason: null, confirmedAt: null, dueAt: now }, [
          { event: 'resolved', outcome: 'retry', ...fromOperator },
        ]),
      },
    ],
  },
};

function onlyUnknown(state: MemberState): Row {
  return {
    says: `there is nothing to resolve about a ${state} member`,
    member: memberIn(state),
    fact: resolvedRetry,
    becomes: forbidden({ code: 'not_unknown', state }),
  };
}
