import { becomes, ignored, type Row } from './row.ts';
import { ended, fromAttempt, memberIn, minuteMs, now, reasonOf } from './support.ts';

const twoChannels = { channels: ['docspace', 'smtp'] } as const;
const busy = { code: 'portal_asks_to_wait', status: 429 } as const;

/** Decisions about a member who is being sent a welcome, when an attempt ends. */
export const openAttemptRows: readonly [Row, ...(readonly Row[])] = [
  {
    says: 'a person whose welcome was sent is welcomed',
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
      [{ event: 'welcomed', ...fromAttempt('att_1') }],
      [{ kind: 'end', id: 'att_1', outcome: 'sent', reason: reasonOf.sent }],
    ),
  },
  {
    says: 'a welcome that was not sent is tried again, later each time',
    member: memberIn('sending', { notSentCount: 2 }),
    fact: ended('att_1', 'not_sent'),
    becomes: becomes(
      {
        state: 'ready',
        reason: reasonOf.not_sent,
        dueAt: now + 40_000,
        notSentCount: 3,
        openAttempt: null,
        leaseUntil: null,
      },
      [{ event: 'attempt_not_sent', reason: reasonOf.not_sent, ...fromAttempt('att_1') }],
      [{ kind: 'end', id: 'att_1', outcome: 'not_sent', reason: reasonOf.not_sent }],
    ),
  },
  {
    says: 'a welcome that was not sent is not tried again before the time the peer asked for',
    member: memberIn('sending'),
    fact: ended('att_1', 'not_sent', {
      outcome: { kind: 'not_sent', reason: busy, waitMs: 5 * minuteMs },
    }),
    becomes: becomes(
      {
        state: 'ready',
        reason: busy,
        dueAt: now + 5 * minuteMs,
        notSentCount: 1,
        openAttempt: null,
        leaseUntil: null,
      },
      [{ event: 'attempt_not_sent', reason: busy, ...fromAttempt('att_1') }],
      [{ kind: 'end', id: 'att_1', outcome: 'not_sent', reason: busy }],
    ),
  },
  {
    says: 'a refusal by the only channel fails the member',
    member: memberIn('sending'),
    fact: ended('att_1', 'refused'),
    becomes: becomes(
      {
        state: 'failed',
        reason: reasonOf.refused,
        dueAt: null,
        refusedBy: ['docspace'],
        openAttempt: null,
        leaseUntil: null,
      },
      [{ event: 'attempt_refused', reason: reasonOf.refused, ...fromAttempt('att_1') }],
      [{ kind: 'end', id: 'att_1', outcome: 'refused', reason: reasonOf.refused }],
    ),
  },
  {
    says: 'after a refusal the next channel is tried at once',
    member: memberIn('sending'),
    fact: ended('att_1', 'refused', twoChannels),
    becomes: becomes(
      {
        state: 'ready',
        reason: reasonOf.refused,
        dueAt: now,
        refusedBy: ['docspace'],
        openAttempt: null,
        leaseUntil: null,
      },
      [
        {
          event: 'attempt_refused',
          reason: reasonOf.refused,
          goesOn: true,
          ...fromAttempt('att_1'),
        },
      ],
      [{ kind: 'end', id: 'att_1', outcome: 'refused', reason: reasonOf.refused }],
    ),
  },
  {
    says: 'a refusal by the last channel fails the member',
    member: memberIn('sending', { refusedBy: ['smtp'] }),
    fact: ended('att_1', 'refused', twoChannels),
    becomes: becomes(
      {
        state: 'failed',
        reason: reasonOf.refused,
        dueAt: null,
        refusedBy: ['smtp', 'docspace'],
        openAttempt: null,
        leaseUntil: null,
      },
      [{ event: 'attempt_refused', reason: reasonOf.refused, ...fromAttempt('att_1') }],
      [{ kind: 'end', id: 'att_1', outcome: 'refused', reason: reasonOf.refused }],
    ),
  },
  {
    says: 'an unknown outcome is held for the operator',
    member: memberIn('sending'),
    fact: ended('att_1', 'unknown'),
    becomes: becomes(
      {
        state: 'unknown',
        reason: reasonOf.unknown,
        dueAt: null,
        openAttempt: null,
        leaseUntil: null,
        unknownAttemptId: 'att_1',
      },
      [{ event: 'attempt_unknown', reason: reasonOf.unknown, ...fromAttempt('att_1') }],
      [{ kind: 'end', id: 'att_1', outcome: 'unknown', reason: reasonOf.unknown }],
    ),
  },
  {
    says: 'with resend, a welcome with unknown outcome is tried again later',
    member: memberIn('sending'),
    fact: ended('att_1', 'unknown', { onUnknown: 'resend' }),
    becomes: becomes(
      {
        state: 'ready',
        reason: reasonOf.unknown,
        dueAt: now + 10_000,
        notSentCount: 1,
        openAttempt: null,
        leaseUntil: null,
        unknownAttemptId: 'att_1',
        resendThrough: 'docspace',
      },
      [
        {
          event: 'attempt_unknown',
          reason: reasonOf.unknown,
          goesOn: true,
          ...fromAttempt('att_1'),
        },
      ],
      [{ kind: 'end', id: 'att_1', outcome: 'unknown', reason: reasonOf.unknown }],
    ),
  },
  {
    says: 'a hint that came during an attempt is checked after the welcome was sent',
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
      [{ event: 'welcomed', ...fromAttempt('att_1') }],
      [{ kind: 'end', id: 'att_1', outcome: 'sent', reason: reasonOf.sent }],
    ),
  },
  {
    says: 'a late sent of the attempt before a retry is remembered until the retry ends',
    member: memberIn('sending', { unknownAttemptId: 'att_0' }),
    fact: ended('att_0', 'sent'),
    becomes: becomes({ sentLate: true }, [
      { event: 'late_answer', outcome: 'sent', ...fromAttempt('att_0') },
    ]),
  },
  {
    says: 'a late refusal of the attempt before a retry settles only that attempt',
    member: memberIn('sending', { unknownAttemptId: 'att_0' }),
    fact: ended('att_0', 'refused'),
    becomes: becomes(
      { unknownAttemptId: null },
      [{ event: 'late_answer', outcome: 'refused', ...fromAttempt('att_0') }],
      [{ kind: 'replace', id: 'att_0', outcome: 'refused', reason: reasonOf.refused }],
    ),
  },
  ...(['not_sent', 'refused', 'unknown'] as const).map(
    (kind): Row => ({
      says: `a retry that ends ${kind} after a late sent counts as one welcome`,
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
        [{ event: 'welcomed', late: true, ...fromAttempt('att_0') }],
        [
          {
            kind: 'end',
            id: 'att_1',
            outcome: kind,
            reason: reasonOf[kind],
          },
          { kind: 'replace', id: 'att_0', outcome: 'sent', reason: { code: 'answered_late' } },
        ],
      ),
    }),
  ),
  {
    says: 'after a late sent, a retry that is sent too is recorded as sent once',
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
      [{ event: 'welcomed', ...fromAttempt('att_1') }],
      [{ kind: 'end', id: 'att_1', outcome: 'sent', reason: reasonOf.sent }],
    ),
  },
  {
    says: 'an earlier attempt that was answered is not reported as unknown during a retry',
    member: memberIn('sending'),
    fact: ended('att_9', 'unknown'),
    becomes: ignored('this attempt is already settled'),
  },
];
