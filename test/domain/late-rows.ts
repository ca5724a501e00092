import type { MemberState } from '../../src/domain/member.ts';
import { outcomesOfOpen } from './outcome-rows.ts';
import { becomes, ignored, type Row, type Rows } from './row.ts';
import { ended, memberIn, now } from './support.ts';

/** What the end of an attempt makes of each state: its own, or one that is no longer open. */
export const outcomeRows: Rows<'ended'> = {
  ended: {
    sending: outcomesOfOpen,
    unknown: [
      lateSent('unknown'),
      {
        says: 'a late not_sent of a held attempt makes the member ready again',
        member: memberIn('unknown'),
        fact: ended('att_1', 'not_sent'),
        becomes: becomes(
          {
            state: 'ready',
            reason: 'could not connect',
            notSentCount: 1,
            dueAt: now + 10_000,
            unknownAttemptId: null,
          },
          ['late answer: not sent: could not connect'],
          [{ kind: 'replace', id: 'att_1', outcome: 'not_sent', detail: 'could not connect' }],
        ),
      },
      {
        says: 'a late refusal of a held attempt fails the member',
        member: memberIn('unknown'),
        fact: ended('att_1', 'refused'),
        becomes: becomes(
          {
            state: 'failed',
            reason: 'answered 404',
            refusedBy: ['docspace'],
            dueAt: null,
            unknownAttemptId: null,
          },
          ['late answer: refused: answered 404'],
          [{ kind: 'replace', id: 'att_1', outcome: 'refused', detail: 'answered 404' }],
        ),
      },
      {
        says: 'a second unknown of a held attempt says nothing new',
        member: memberIn('unknown'),
        fact: ended('att_1', 'unknown'),
        becomes: ignored('still unknown'),
      },
      settled('unknown'),
    ],
    welcomed: [
      {
        says: 'a late answer after the operator settled it changes nothing',
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
    says: `a late sent welcomes who is ${state}, and calls off a retry that has not begun`,
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
      ['late answer: welcomed'],
      [{ kind: 'replace', id: 'att_1', outcome: 'sent', detail: 'answered 200' }],
    ),
  };
}

function lateNoted(state: MemberState): Row {
  return {
    says: `a late not_sent replaces the unknown of who is ${state}, and changes nothing else`,
    member: memberIn(state, { unknownAttemptId: 'att_1' }),
    fact: ended('att_1', 'not_sent'),
    becomes: becomes(
      { unknownAttemptId: null },
      ['late answer of an earlier attempt: not_sent'],
      [{ kind: 'replace', id: 'att_1', outcome: 'not_sent', detail: 'could not connect' }],
    ),
  };
}

/** Only `unknown` is repeated for an attempt: a lease that ran out beside an answer. */
function settled(state: MemberState): Row {
  return {
    says: `an attempt of who is ${state} that was answered before is not lost afterwards`,
    member: memberIn(state),
    fact: ended('att_9', 'unknown'),
    becomes: ignored('this attempt is already settled'),
  };
}
