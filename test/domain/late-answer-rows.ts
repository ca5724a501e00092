import type { MemberState } from '../../src/domain/member.ts';
import { openAttemptRows } from './attempt-outcome-rows.ts';
import { becomes, ignored, type Row, type Rows } from './row.ts';
import { ended, fromAttempt, memberIn, now, reasonOf } from './support.ts';

/** Decisions about the end of an attempt: the open attempt, or an attempt that is not open any more. */
export const attemptEndRows: Rows<'ended'> = {
  ended: {
    sending: openAttemptRows,
    unknown: [
      lateSent('unknown'),
      {
        says: 'a late not_sent makes a member with an unknown outcome ready again',
        member: memberIn('unknown'),
        fact: ended('att_1', 'not_sent'),
        becomes: becomes(
          {
            state: 'ready',
            reason: reasonOf.not_sent,
            notSentCount: 1,
            dueAt: now + 10_000,
            unknownAttemptId: null,
          },
          [
            {
              event: 'attempt_not_sent',
              reason: reasonOf.not_sent,
              late: true,
              ...fromAttempt('att_1'),
            },
          ],
          [{ kind: 'replace', id: 'att_1', outcome: 'not_sent', reason: reasonOf.not_sent }],
        ),
      },
      {
        says: 'a late refusal fails a member with an unknown outcome',
        member: memberIn('unknown'),
        fact: ended('att_1', 'refused'),
        becomes: becomes(
          {
            state: 'failed',
            reason: reasonOf.refused,
            refusedBy: ['docspace'],
            dueAt: null,
            unknownAttemptId: null,
          },
          [
            {
              event: 'attempt_refused',
              reason: reasonOf.refused,
              late: true,
              ...fromAttempt('att_1'),
            },
          ],
          [{ kind: 'replace', id: 'att_1', outcome: 'refused', reason: reasonOf.refused }],
        ),
      },
      {
        says: 'a second unknown of the same attempt changes nothing',
        member: memberIn('unknown'),
        fact: ended('att_1', 'unknown'),
        becomes: ignored('still unknown'),
      },
      settled('unknown'),
    ],
    welcomed: [
      {
        says: 'a late answer changes nothing after the operator marked the welcome as sent',
        member: memberIn('welcomed', { unknownAttemptId: 'att_1' }),
        fact: ended('att_1', 'refused'),
        becomes: ignored('already welcomed'),
      },
      settled('welcomed'),
    ],
    waiting: [lateSent('waiting'), lateNoted('waiting'), settled('waiting')],
    ready: [lateSent('ready'), lateNoted('ready'), settled('ready')],
    skipped: [lateSent('skipped'), lateNoted('skipped'), settled('skipped')],
    gone: [lateSent('gone'), lateNoted('gone'), settled('gone')],
    failed: [lateSent('failed'), lateNoted('failed'), settled('failed')],
  },
};

function lateSent(state: Exclude<MemberState, 'sending' | 'welcomed'>): Row {
  return {
    says: `a late sent makes a ${state} member welcomed and cancels a retry that has not begun`,
    member: memberIn(state, { unknownAttemptId: 'att_1' }),
    fact: ended('att_1', 'sent'),
    becomes: becomes(
      {
        state: 'welcomed',
        reason: null,
        dueAt: null,
        welcomedAt: now,
        unknownAttemptId: null,
      },
      [{ event: 'welcomed', late: true, ...fromAttempt('att_1') }],
      [{ kind: 'replace', id: 'att_1', outcome: 'sent', reason: reasonOf.sent }],
    ),
  };
}

function lateNoted(state: MemberState): Row {
  return {
    says: `a late not_sent replaces the unknown outcome of a ${state} member, and changes nothing else`,
    member: memberIn(state, { unknownAttemptId: 'att_1' }),
    fact: ended('att_1', 'not_sent'),
    becomes: becomes(
      { unknownAttemptId: null },
      [{ event: 'late_answer', outcome: 'not_sent', ...fromAttempt('att_1') }],
      [{ kind: 'replace', id: 'att_1', outcome: 'not_sent', reason: reasonOf.not_sent }],
    ),
  };
}

/**
 * Only `unknown` can be reported twice for an attempt: when a lease expires while the answer
 * arrives.
 */
function settled(state: MemberState): Row {
  return {
    says: `an answered attempt of a ${state} member is not reported as unknown afterwards`,
    member: memberIn(state),
    fact: ended('att_9', 'unknown'),
    becomes: ignored('this attempt is already settled'),
  };
}
