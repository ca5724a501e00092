import type { Fact } from '../../src/domain/facts.ts';
import type { MemberState } from '../../src/domain/member.ts';
import { service } from '../../src/domain/timeline.ts';
import { becomes, ignored, type Row, type Rows } from './row.ts';
import { claimed, fromAttempt, memberIn, minuteMs, now } from './support.ts';

const revertedForSmtp: Fact = { kind: 'refusal_reverted', channel: 'smtp' };
const revertedForDocspace: Fact = { kind: 'refusal_reverted', channel: 'docspace' };

/** Decisions about the start of an attempt, and about refusals that were the channel's fault. */
export const attemptStartRows: Rows<'claimed' | 'refusal_reverted'> = {
  claimed: {
    waiting: [notReady('waiting')],
    ready: [
      {
        says: 'an attempt starts for a member who is ready and confirmed',
        member: memberIn('ready'),
        fact: claimed(),
        becomes: becomes(
          {
            state: 'sending',
            dueAt: now + 2 * minuteMs,
            leaseUntil: now + 2 * minuteMs,
            openAttempt: { id: 'att_2', channel: 'docspace' },
          },
          [{ event: 'attempt_started', channel: 'docspace', ...fromAttempt('att_2') }],
          [{ kind: 'begin', id: 'att_2', channel: 'docspace' }],
        ),
      },
      {
        says: 'a confirmation that is exactly five minutes old still holds',
        member: memberIn('ready', { confirmedAt: now - 5 * minuteMs }),
        fact: claimed({ channel: 'smtp' }),
        becomes: becomes(
          {
            state: 'sending',
            dueAt: now + 2 * minuteMs,
            leaseUntil: now + 2 * minuteMs,
            openAttempt: { id: 'att_2', channel: 'smtp' },
          },
          [{ event: 'attempt_started', channel: 'smtp', ...fromAttempt('att_2') }],
          [{ kind: 'begin', id: 'att_2', channel: 'smtp' }],
        ),
      },
      toConfirm(
        'no attempt starts on a confirmation older than five minutes',
        now - 5 * minuteMs - 1,
      ),
      toConfirm(
        'no attempt starts on a confirmation from the future: the clock was set back',
        now + 1,
      ),
      toConfirm('no attempt starts without a confirmation', null),
    ],
    sending: [notReady('sending')],
    welcomed: [notReady('welcomed')],
    skipped: [notReady('skipped')],
    gone: [notReady('gone')],
    failed: [notReady('failed')],
    unknown: [notReady('unknown')],
  },

  refusal_reverted: {
    waiting: [dropsRefusal('waiting'), notRefused('waiting')],
    ready: [dropsRefusal('ready'), notRefused('ready')],
    sending: [dropsRefusal('sending'), notRefused('sending')],
    welcomed: [dropsRefusal('welcomed'), notRefused('welcomed')],
    skipped: [dropsRefusal('skipped'), notRefused('skipped')],
    gone: [dropsRefusal('gone'), notRefused('gone')],
    unknown: [dropsRefusal('unknown'), notRefused('unknown')],
    failed: [
      {
        says: 'a member who failed because of a fault of the channel is ready again',
        member: memberIn('failed', { refusedBy: ['docspace', 'smtp'] }),
        fact: revertedForDocspace,
        becomes: becomes({ state: 'ready', reason: null, refusedBy: ['smtp'], dueAt: now }, [
          {
            event: 'refusal_reverted',
            channel: 'docspace',
            actor: service,
            cause: { kind: 'channel_paused', channel: 'docspace' },
          },
        ]),
      },
      {
        says: 'a member whom another channel refused stays failed',
        member: memberIn('failed'),
        fact: revertedForSmtp,
        becomes: ignored('smtp did not refuse this member'),
      },
    ],
  },
};

function notReady(state: MemberState): Row {
  return {
    says: `no attempt starts for a ${state} member`,
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

function dropsRefusal(state: MemberState): Row {
  return {
    says: `a refusal that was the channel's fault no longer counts for a ${state} member`,
    member: memberIn(state, { refusedBy: ['docspace', 'smtp'] }),
    fact: revertedForDocspace,
    becomes: becomes({ refusedBy: ['smtp'] }),
  };
}

function notRefused(state: MemberState): Row {
  return {
    says: `the pause of a channel changes nothing for a ${state} member whom it did not refuse`,
    member: memberIn(state),
    fact: revertedForSmtp,
    becomes: ignored('smtp did not refuse this member'),
  };
}
