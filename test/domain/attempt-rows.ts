import type { MemberState } from '../../src/domain/member.ts';
import { becomes, ignored, type Row, type Rows } from './row.ts';
import { claimed, memberIn, minuteMs, now } from './support.ts';

const aboutOther = { kind: 'exonerated', channel: 'smtp' } as const;
const exonerated = { kind: 'exonerated', channel: 'docspace' } as const;

/** What the beginning of an attempt, and its channel's pause, make of each state. */
export const attemptRows: Rows<'claimed' | 'exonerated'> = {
  claimed: {
    waiting: [notReady('waiting')],
    ready: [
      {
        says: 'an attempt begins for who is ready and confirmed',
        member: memberIn('ready'),
        fact: claimed(),
        becomes: becomes(
          {
            state: 'sending',
            dueAt: now + 2 * minuteMs,
            leaseUntil: now + 2 * minuteMs,
            openAttempt: { id: 'att_2', channel: 'docspace' },
          },
          ['sending through docspace'],
          [{ kind: 'begin', id: 'att_2', channel: 'docspace' }],
        ),
      },
      {
        says: 'a confirmation of exactly five minutes ago still holds',
        member: memberIn('ready', { confirmedAt: now - 5 * minuteMs }),
        fact: claimed({ channel: 'smtp' }),
        becomes: becomes(
          {
            state: 'sending',
            dueAt: now + 2 * minuteMs,
            leaseUntil: now + 2 * minuteMs,
            openAttempt: { id: 'att_2', channel: 'smtp' },
          },
          ['sending through smtp'],
          [{ kind: 'begin', id: 'att_2', channel: 'smtp' }],
        ),
      },
      toConfirm('a confirmation older than five minutes has to be renewed', now - 5 * minuteMs - 1),
      toConfirm('a confirmation from the future proves a clock that jumped back', now + 1),
      toConfirm('nobody is welcomed without a confirmation', null),
    ],
    sending: [notReady('sending')],
    welcomed: [notReady('welcomed')],
    skipped: [notReady('skipped')],
    gone: [notReady('gone')],
    failed: [notReady('failed')],
    unknown: [notReady('unknown')],
  },

  exonerated: {
    waiting: [forgets('waiting'), notRefused('waiting')],
    ready: [forgets('ready'), notRefused('ready')],
    sending: [forgets('sending'), notRefused('sending')],
    welcomed: [forgets('welcomed'), notRefused('welcomed')],
    skipped: [forgets('skipped'), notRefused('skipped')],
    gone: [forgets('gone'), notRefused('gone')],
    unknown: [forgets('unknown'), notRefused('unknown')],
    failed: [
      {
        says: 'nobody fails for the channel’s fault: who did is ready again',
        member: memberIn('failed', { refusedBy: ['docspace', 'smtp'] }),
        fact: exonerated,
        becomes: becomes({ state: 'ready', reason: null, refusedBy: ['smtp'], dueAt: now }, [
          'ready again: the refusal was about the docspace channel',
        ]),
      },
      {
        says: 'who failed by another channel stays failed',
        member: memberIn('failed'),
        fact: aboutOther,
        becomes: ignored('smtp did not refuse this member'),
      },
    ],
  },
};

function notReady(state: MemberState): Row {
  return {
    says: `no attempt begins for who is ${state}`,
    member: memberIn(state),
    fact: claimed(),
    becomes: ignored(`not ready: ${state}`),
  };
}

function toConfirm(says: string, confirmedAt: number | null): Row {
  return {
    says,
    member: memberIn('ready', { confirmedAt }),
    fact: claimed(),
    becomes: ignored('to be confirmed first'),
  };
}

function forgets(state: MemberState): Row {
  return {
    says: `a refusal that was the channel’s fault is forgotten for who is ${state}`,
    member: memberIn(state, { refusedBy: ['docspace', 'smtp'] }),
    fact: exonerated,
    becomes: becomes({ refusedBy: ['smtp'] }),
  };
}

function notRefused(state: MemberState): Row {
  return {
    says: `a channel’s pause is nothing to who is ${state} and was not refused by it`,
    member: memberIn(state),
    fact: aboutOther,
    becomes: ignored('smtp did not refuse this member'),
  };
}
