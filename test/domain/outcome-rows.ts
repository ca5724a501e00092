import { becomes, ignored, type Row } from './row.ts';
import { ended, memberIn, minuteMs, now } from './support.ts';

const twoChannels = { channels: ['docspace', 'smtp'] } as const;

/** What the outcome of the open attempt makes of who is being sent a welcome. */
export const outcomesOfOpen: readonly [Row, ...(readonly Row[])] = [
  {
    says: 'a sent welcome is a welcome',
    member: memberIn('sending', { notSentCount: 2 }),
    fact: ended('att_1', 'sent'),
    becomes: becomes(
      {
        state: 'welcomed',
        welcomedAt: now,
        dueAt: null,
        notSentCount: 0,
        openAttempt: null,
        leaseUntil: null,
      },
      ['welcomed'],
      [{ kind: 'end', id: 'att_1', outcome: 'sent', detail: 'answered 200' }],
    ),
  },
  {
    says: 'what was not sent is tried again, each time later',
    member: memberIn('sending', { notSentCount: 2 }),
    fact: ended('att_1', 'not_sent'),
    becomes: becomes(
      {
        state: 'ready',
        reason: 'could not connect',
        dueAt: now + 40_000,
        notSentCount: 3,
        openAttempt: null,
        leaseUntil: null,
      },
      ['not sent: could not connect'],
      [{ kind: 'end', id: 'att_1', outcome: 'not_sent', detail: 'could not connect' }],
    ),
  },
  {
    says: 'what was not sent is not tried before the peer wants it',
    member: memberIn('sending'),
    fact: ended('att_1', 'not_sent', {
      outcome: { kind: 'not_sent', detail: 'busy', waitMs: 5 * minuteMs },
    }),
    becomes: becomes(
      {
        state: 'ready',
        reason: 'busy',
        dueAt: now + 5 * minuteMs,
        notSentCount: 1,
        openAttempt: null,
        leaseUntil: null,
      },
      ['not sent: busy'],
      [{ kind: 'end', id: 'att_1', outcome: 'not_sent', detail: 'busy' }],
    ),
  },
  {
    says: 'a refusal by the only channel fails the member',
    member: memberIn('sending'),
    fact: ended('att_1', 'refused'),
    becomes: becomes(
      {
        state: 'failed',
        reason: 'answered 404',
        dueAt: null,
        refusedBy: ['docspace'],
        openAttempt: null,
        leaseUntil: null,
      },
      ['refused: answered 404'],
      [{ kind: 'end', id: 'att_1', outcome: 'refused', detail: 'answered 404' }],
    ),
  },
  {
    says: 'a refusal makes the member ready on the next channel, at once',
    member: memberIn('sending'),
    fact: ended('att_1', 'refused', twoChannels),
    becomes: becomes(
      {
        state: 'ready',
        reason: 'answered 404',
        dueAt: now,
        refusedBy: ['docspace'],
        openAttempt: null,
        leaseUntil: null,
      },
      ['refused: answered 404'],
      [{ kind: 'end', id: 'att_1', outcome: 'refused', detail: 'answered 404' }],
    ),
  },
  {
    says: 'a refusal by the last channel fails the member',
    member: memberIn('sending', { refusedBy: ['smtp'] }),
    fact: ended('att_1', 'refused', twoChannels),
    becomes: becomes(
      {
        state: 'failed',
        reason: 'answered 404',
        dueAt: null,
        refusedBy: ['smtp', 'docspace'],
        openAttempt: null,
        leaseUntil: null,
      },
      ['refused: answered 404'],
      [{ kind: 'end', id: 'att_1', outcome: 'refused', detail: 'answered 404' }],
    ),
  },
  {
    says: 'an unknown outcome is held for the operator',
    member: memberIn('sending'),
    fact: ended('att_1', 'unknown'),
    becomes: becomes(
      {
        state: 'unknown',
        reason: 'timed out',
        dueAt: null,
        openAttempt: null,
        leaseUntil: null,
        unknownAttemptId: 'att_1',
      },
      ['unknown: timed out'],
      [{ kind: 'end', id: 'att_1', outcome: 'unknown', detail: 'timed out' }],
    ),
  },
  {
    says: 'with resend an unknown outcome is tried again, later',
    member: memberIn('sending'),
    fact: ended('att_1', 'unknown', { onUnknown: 'resend' }),
    becomes: becomes(
      {
        state: 'ready',
        reason: 'timed out',
        dueAt: now + 10_000,
        notSentCount: 1,
        openAttempt: null,
        leaseUntil: null,
        unknownAttemptId: 'att_1',
        resendThrough: 'docspace',
      },
      ['unknown: timed out'],
      [{ kind: 'end', id: 'att_1', outcome: 'unknown', detail: 'timed out' }],
    ),
  },
  {
    says: 'a hint that came during sending is looked at after a sent welcome',
    member: memberIn('sending', { hinted: true }),
    fact: ended('att_1', 'sent'),
    becomes: becomes(
      {
        state: 'welcomed',
        welcomedAt: now,
        dueAt: now,
        confirmedAt: null,
        hinted: false,
        openAttempt: null,
        leaseUntil: null,
      },
      ['welcomed'],
      [{ kind: 'end', id: 'att_1', outcome: 'sent', detail: 'answered 200' }],
    ),
  },
  {
    says: 'a late sent of the attempt before a retry is remembered until the retry ends',
    member: memberIn('sending', { unknownAttemptId: 'att_0' }),
    fact: ended('att_0', 'sent'),
    becomes: becomes({ sentLate: true }, ['late answer of an earlier attempt: sent']),
  },
  {
    says: 'a late refusal of the attempt before a retry settles that attempt only',
    member: memberIn('sending', { unknownAttemptId: 'att_0' }),
    fact: ended('att_0', 'refused'),
    becomes: becomes(
      { unknownAttemptId: null },
      ['late answer of an earlier attempt: refused'],
      [{ kind: 'replace', id: 'att_0', outcome: 'refused', detail: 'answered 404' }],
    ),
  },
  ...(['not_sent', 'refused', 'unknown'] as const).map(
    (kind): Row => ({
      says: `a retry that ends ${kind} after a late sent is one welcome`,
      member: memberIn('sending', { unknownAttemptId: 'att_0', sentLate: true }),
      fact: ended('att_1', kind),
      becomes: becomes(
        {
          state: 'welcomed',
          welcomedAt: now,
          dueAt: null,
          sentLate: false,
          openAttempt: null,
          leaseUntil: null,
          unknownAttemptId: null,
          ...(kind === 'not_sent' ? { notSentCount: 1 } : {}),
          ...(kind === 'refused' ? { refusedBy: ['docspace'] as const } : {}),
        },
        ['welcomed: an earlier attempt got through'],
        [
          {
            kind: 'end',
            id: 'att_1',
            outcome: kind,
            detail: ended('att_1', kind).outcome.detail,
          },
          { kind: 'replace', id: 'att_0', outcome: 'sent', detail: 'answered late: sent' },
        ],
      ),
    }),
  ),
  {
    says: 'a retry that is sent after a late sent is recorded as sent once',
    member: memberIn('sending', { unknownAttemptId: 'att_0', sentLate: true }),
    fact: ended('att_1', 'sent'),
    becomes: becomes(
      {
        state: 'welcomed',
        welcomedAt: now,
        dueAt: null,
        sentLate: false,
        openAttempt: null,
        leaseUntil: null,
      },
      ['welcomed'],
      [{ kind: 'end', id: 'att_1', outcome: 'sent', detail: 'answered 200' }],
    ),
  },
  {
    says: 'an attempt before this one that was answered before is not lost afterwards',
    member: memberIn('sending'),
    fact: ended('att_9', 'unknown'),
    becomes: ignored('this attempt is already settled'),
  },
];
