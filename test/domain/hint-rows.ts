import type { Fact } from '../../src/domain/facts.ts';
import { type MemberState, newMember } from '../../src/domain/member.ts';
import { type Entry, poll } from '../../src/domain/timeline.ts';
import { becomes, ignored, type Row, type Rows } from './row.ts';
import {
  departureHint,
  fromDelivery,
  fromOperator,
  hint,
  hourMs,
  memberIn,
  minuteMs,
  now,
} from './support.ts';

const updated: readonly Entry[] = [
  { event: 'delivery_received', trigger: 'user.updated', ...fromDelivery },
];
const left: readonly Entry[] = [
  { event: 'delivery_received', trigger: 'user.deleted', ...fromDelivery },
];
const portalTrouble: Fact = { kind: 'postponed', until: now + minuteMs };
const leftToLists = (version: number): Fact => ({
  kind: 'left_to_lists',
  until: now + hourMs,
  version,
});
const staysAlone = (state: MemberState): Row => ({
  says: `a ${state} member is not left to the lists`,
  member: memberIn(state),
  fact: leftToLists(memberIn(state).version),
  becomes: ignored(`already ${state}`),
});
const invited: Fact = { kind: 'invited', source: fromOperator, invitationId: 'inv_2' };
const baselined: Fact = { kind: 'baselined' };
const checkedAgain: readonly Entry[] = [
  { event: 'invited_again', newInvitationId: 'inv_2', ...fromOperator },
];
const existingUser: readonly Entry[] = [
  {
    event: 'skipped',
    reason: { code: 'existing_user' },
    actor: poll,
    cause: { kind: 'poll', list: 'baseline' },
  },
];

/** Decisions about a delivery or a poll result, trouble at the portal, a new invitation and the baseline. */
export const hintRows: Rows<'hinted' | 'postponed' | 'left_to_lists' | 'invited' | 'baselined'> = {
  hinted: {
    waiting: [
      {
        says: 'a hint during a check of a waiting member starts no second check beside it',
        member: memberIn('waiting', { leaseUntil: now + minuteMs }),
        fact: hint,
        becomes: becomes({ dueAt: now, checkCount: 0 }, updated),
      },
      {
        says: 'a hint makes a waiting member due now, and the intervals start again',
        member: memberIn('waiting', { dueAt: now + hourMs }),
        fact: hint,
        becomes: becomes({ dueAt: now, checkCount: 0 }, updated),
      },
    ],
    ready: [
      {
        says: 'a hint about a ready member demands a new confirmation and keeps the time of the retry',
        member: memberIn('ready', { dueAt: now + hourMs }),
        fact: hint,
        becomes: becomes({ confirmedAt: null }, updated),
      },
    ],
    sending: [
      {
        says: 'a hint during an attempt is remembered until its outcome',
        member: memberIn('sending'),
        fact: hint,
        becomes: becomes({ hinted: true, confirmedAt: null }, updated),
      },
    ],
    welcomed: [
      {
        says: 'an update of a welcomed person is only written to the timeline',
        member: memberIn('welcomed'),
        fact: hint,
        becomes: becomes({}, updated),
      },
      {
        says: 'the departure of a welcomed person is checked',
        member: memberIn('welcomed'),
        fact: departureHint,
        becomes: becomes({ dueAt: now }, left),
      },
      {
        says: 'any hint about a welcomed person who left is checked: they may be back',
        member: memberIn('welcomed', { absentSince: now - hourMs }),
        fact: hint,
        becomes: becomes({ dueAt: now }, updated),
      },
    ],
    skipped: [
      {
        says: 'a hint about a stranger is checked, without an entry in the timeline',
        member: memberIn('skipped'),
        fact: hint,
        becomes: becomes({ dueAt: now }),
      },
      {
        says: 'a hint about a person who came by this account without an invitation is checked',
        member: memberIn('skipped', { reason: { code: 'address_not_invited' } }),
        fact: hint,
        becomes: becomes({ dueAt: now }),
      },
      {
        says: 'a hint about a person who used a revoked invitation is checked',
        member: memberIn('skipped', { reason: { code: 'invitation_revoked' } }),
        fact: hint,
        becomes: becomes({ dueAt: now }),
      },
      {
        says: 'a hint about an existing user is not checked',
        member: memberIn('skipped', { reason: { code: 'existing_user' } }),
        fact: hint,
        becomes: ignored('an existing user'),
      },
    ],
    gone: [
      {
        says: 'a hint makes a gone member due now: they may be back',
        member: memberIn('gone'),
        fact: hint,
        becomes: becomes({ dueAt: now }, updated),
      },
    ],
    failed: [
      {
        says: 'an update of a failed person is only written to the timeline',
        member: memberIn('failed'),
        fact: hint,
        becomes: becomes({}, updated),
      },
      {
        says: 'the departure of a failed person is checked',
        member: memberIn('failed'),
        fact: departureHint,
        becomes: becomes({ dueAt: now }, left),
      },
    ],
    unknown: [
      {
        says: 'an update of a person with an unknown outcome is only written to the timeline',
        member: memberIn('unknown'),
        fact: hint,
        becomes: becomes({}, updated),
      },
      {
        says: 'the departure of a person with an unknown outcome is checked',
        member: memberIn('unknown'),
        fact: departureHint,
        becomes: becomes({ dueAt: now }, left),
      },
    ],
  },

  postponed: {
    waiting: [keepsState('waiting')],
    ready: [keepsState('ready')],
    sending: [
      {
        says: 'trouble at the portal does not touch an attempt under way',
        member: memberIn('sending'),
        fact: portalTrouble,
        becomes: ignored('an attempt is under way'),
      },
    ],
    welcomed: [keepsState('welcomed')],
    skipped: [keepsState('skipped')],
    gone: [keepsState('gone')],
    failed: [keepsState('failed')],
    unknown: [keepsState('unknown')],
  },

  left_to_lists: {
    waiting: [
      {
        says: 'a member who is left to the lists counts as checked',
        member: memberIn('waiting', { version: 3, checkCount: 2, leaseUntil: now + minuteMs }),
        fact: leftToLists(3),
        becomes: becomes({ dueAt: now + hourMs, checkCount: 3, leaseUntil: null }),
      },
      {
        says: 'a hint that came meanwhile keeps its time',
        member: memberIn('waiting', { version: 4, dueAt: now, leaseUntil: now + minuteMs }),
        fact: leftToLists(3),
        becomes: becomes({ leaseUntil: null }),
      },
    ],
    ready: [staysAlone('ready')],
    sending: [staysAlone('sending')],
    welcomed: [staysAlone('welcomed')],
    skipped: [staysAlone('skipped')],
    gone: [staysAlone('gone')],
    failed: [staysAlone('failed')],
    unknown: [staysAlone('unknown')],
  },

  invited: {
    waiting: [
      {
        says: 'a new invitation makes a waiting member due now',
        member: memberIn('waiting', { dueAt: now + hourMs }),
        fact: invited,
        becomes: becomes({ dueAt: now, checkCount: 0 }, checkedAgain),
      },
    ],
    skipped: [
      {
        says: 'after a new invitation a skipped stranger is checked again',
        member: memberIn('skipped'),
        fact: invited,
        becomes: becomes({ dueAt: now }, checkedAgain),
      },
      {
        says: 'after a new invitation even an existing user is checked again',
        member: memberIn('skipped', { reason: { code: 'existing_user' } }),
        fact: invited,
        becomes: becomes({ dueAt: now }, checkedAgain),
      },
    ],
    gone: [
      {
        says: 'after a new invitation a gone member is checked again',
        member: memberIn('gone'),
        fact: invited,
        becomes: becomes({ dueAt: now }, checkedAgain),
      },
    ],
    ready: [alreadyHere('ready')],
    sending: [alreadyHere('sending')],
    welcomed: [alreadyHere('welcomed')],
    failed: [alreadyHere('failed')],
    unknown: [alreadyHere('unknown')],
  },

  baselined: {
    waiting: [
      {
        says: 'a person whom the baseline finds and nobody followed yet is an existing user',
        member: newMember('00000000-0000-4000-8000-000000000002'),
        fact: baselined,
        becomes: becomes({ state: 'skipped', reason: { code: 'existing_user' } }, existingUser),
      },
      untouched('waiting'),
    ],
    skipped: [
      {
        says: 'a stranger whom the baseline finds is an existing user',
        member: memberIn('skipped'),
        fact: baselined,
        becomes: becomes({ reason: { code: 'existing_user' } }, existingUser),
      },
      {
        says: 'the baseline leaves a person skipped who used a revoked invitation',
        member: memberIn('skipped', { reason: { code: 'invitation_revoked' } }),
        fact: baselined,
        becomes: ignored('already skipped'),
      },
      {
        says: 'the baseline may find a person twice',
        member: memberIn('skipped', { reason: { code: 'existing_user' } }),
        fact: baselined,
        becomes: ignored('an existing user already'),
      },
    ],
    ready: [untouched('ready')],
    sending: [untouched('sending')],
    welcomed: [untouched('welcomed')],
    gone: [untouched('gone')],
    failed: [untouched('failed')],
    unknown: [untouched('unknown')],
  },
};

function untouched(state: MemberState): Row {
  return {
    says: `the baseline changes nothing for a ${state} member`,
    member: memberIn(state),
    fact: baselined,
    becomes: ignored(`already ${state}`),
  };
}

function keepsState(state: MemberState): Row {
  return {
    says: `while the portal is in trouble, a ${state} member keeps its state and is checked later`,
    member: memberIn(state, { leaseUntil: now + 1 }),
    fact: portalTrouble,
    becomes: becomes({ dueAt: now + minuteMs, leaseUntil: null }),
  };
}

function alreadyHere(state: MemberState): Row {
  return {
    says: `a new invitation changes nothing for a ${state} member`,
    member: memberIn(state),
    fact: invited,
    becomes: ignored(`already ${state}`),
  };
}
