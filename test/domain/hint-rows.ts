import { newMember } from '../../src/domain/member.ts';
import { skipReasons } from '../../src/domain/ownership.ts';
import { becomes, ignored, type Rows } from './row.ts';
import { departureHint, hint, hourMs, memberIn, minuteMs, now, operator } from './support.ts';

const noted = ['user.updated arrived'];
const left = ['user.deleted arrived'];
const unreachable = { kind: 'postponed', until: now + minuteMs } as const;
const invited = { kind: 'invited', source: operator, invitationId: 'inv_2' } as const;
const baselined = { kind: 'baselined' } as const;
const judgedAgain = ['judged again: invitation inv_2'];

/** What a delivery, the poll, the portal's trouble and a new invitation make of each state. */
export const hintRows: Rows<'hinted' | 'postponed' | 'invited' | 'baselined'> = {
  hinted: {
    waiting: [
      {
        says: 'a hint lets no second look begin beside the first',
        member: memberIn('waiting', { leaseUntil: now + minuteMs }),
        fact: hint,
        becomes: becomes({ dueAt: now, lookCount: 0 }, noted),
      },
      {
        says: 'a hint makes who waits due now, and the intervals begin anew',
        member: memberIn('waiting', { dueAt: now + hourMs }),
        fact: hint,
        becomes: becomes({ dueAt: now, lookCount: 0 }, noted),
      },
    ],
    ready: [
      {
        says: 'a hint about who is ready asks for a new confirmation, and keeps the time of the retry',
        member: memberIn('ready', { dueAt: now + hourMs }),
        fact: hint,
        becomes: becomes({ confirmedAt: null }, noted),
      },
    ],
    sending: [
      {
        says: 'a hint during sending is remembered until the outcome',
        member: memberIn('sending'),
        fact: hint,
        becomes: becomes({ hinted: true, confirmedAt: null }, noted),
      },
    ],
    welcomed: [
      {
        says: 'an update of a welcomed person is only noted',
        member: memberIn('welcomed'),
        fact: hint,
        becomes: becomes({}, noted),
      },
      {
        says: 'the departure of a welcomed person is looked at',
        member: memberIn('welcomed'),
        fact: departureHint,
        becomes: becomes({ dueAt: now }, left),
      },
      {
        says: 'anything about an absent welcomed person is looked at: they may be back',
        member: memberIn('welcomed', { absentSince: now - hourMs }),
        fact: hint,
        becomes: becomes({ dueAt: now }, noted),
      },
    ],
    skipped: [
      {
        says: 'a skipped stranger is judged again, without a line in the timeline',
        member: memberIn('skipped'),
        fact: hint,
        becomes: becomes({ dueAt: now }),
      },
      {
        says: 'who came by this account without an invitation is judged again',
        member: memberIn('skipped', { reason: skipReasons.otherAddress }),
        fact: hint,
        becomes: becomes({ dueAt: now }),
      },
      {
        says: 'who used a revoked invitation is judged again',
        member: memberIn('skipped', { reason: skipReasons.revoked }),
        fact: hint,
        becomes: becomes({ dueAt: now }),
      },
      {
        says: 'who was here before us is not judged again',
        member: memberIn('skipped', { reason: skipReasons.before }),
        fact: hint,
        becomes: ignored('here before us'),
      },
    ],
    gone: [
      {
        says: 'a hint makes who is gone due now: they may be back',
        member: memberIn('gone'),
        fact: hint,
        becomes: becomes({ dueAt: now }, noted),
      },
    ],
    failed: [
      {
        says: 'an update of a failed person is only noted',
        member: memberIn('failed'),
        fact: hint,
        becomes: becomes({}, noted),
      },
      {
        says: 'the departure of a failed person is looked at',
        member: memberIn('failed'),
        fact: departureHint,
        becomes: becomes({ dueAt: now }, left),
      },
    ],
    unknown: [
      {
        says: 'an update of a person held as unknown is only noted',
        member: memberIn('unknown'),
        fact: hint,
        becomes: becomes({}, noted),
      },
      {
        says: 'the departure of a person held as unknown is looked at',
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
        says: 'the portal’s trouble does not touch an attempt under way',
        member: memberIn('sending'),
        fact: unreachable,
        becomes: ignored('an attempt is under way'),
      },
    ],
    welcomed: [keepsState('welcomed')],
    skipped: [keepsState('skipped')],
    gone: [keepsState('gone')],
    failed: [keepsState('failed')],
    unknown: [keepsState('unknown')],
  },

  invited: {
    waiting: [
      {
        says: 'a new invitation makes who waits due now',
        member: memberIn('waiting', { dueAt: now + hourMs }),
        fact: invited,
        becomes: becomes({ dueAt: now, lookCount: 0 }, judgedAgain),
      },
    ],
    skipped: [
      {
        says: 'a new invitation judges a skipped stranger again',
        member: memberIn('skipped'),
        fact: invited,
        becomes: becomes({ dueAt: now }, judgedAgain),
      },
      {
        says: 'a new invitation judges even who was here before us again',
        member: memberIn('skipped', { reason: skipReasons.before }),
        fact: invited,
        becomes: becomes({ dueAt: now }, judgedAgain),
      },
    ],
    gone: [
      {
        says: 'a new invitation looks again at who is gone',
        member: memberIn('gone'),
        fact: invited,
        becomes: becomes({ dueAt: now }, judgedAgain),
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
        says: 'whom the baseline sees active, and nobody knew, was here before us',
        member: newMember('00000000-0000-4000-8000-000000000002'),
        fact: baselined,
        becomes: becomes({ state: 'skipped', reason: skipReasons.before }, [
          'skipped: here before us',
        ]),
      },
      untouched('waiting'),
    ],
    skipped: [
      {
        says: 'a stranger whom the baseline sees active was here before us',
        member: memberIn('skipped'),
        fact: baselined,
        becomes: becomes({ reason: skipReasons.before }, ['skipped: here before us']),
      },
      {
        says: 'who used a revoked invitation stays skipped for that',
        member: memberIn('skipped', { reason: skipReasons.revoked }),
        fact: baselined,
        becomes: ignored('already skipped'),
      },
      {
        says: 'the baseline may see a person twice',
        member: memberIn('skipped', { reason: skipReasons.before }),
        fact: baselined,
        becomes: ignored('here before us'),
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

function untouched(state: Parameters<typeof memberIn>[0]) {
  return {
    says: `the baseline takes no welcome from who is ${state}`,
    member: memberIn(state),
    fact: baselined,
    becomes: ignored(`already ${state}`),
  };
}

function keepsState(state: Parameters<typeof memberIn>[0]) {
  return {
    says: `while the portal is in trouble, ${state} stays ${state} and is looked at later`,
    member: memberIn(state, { leaseUntil: now + 1 }),
    fact: unreachable,
    becomes: becomes({ dueAt: now + minuteMs, leaseUntil: null }),
  };
}

function alreadyHere(state: Parameters<typeof memberIn>[0]) {
  return {
    says: `a new invitation changes nothing for who is ${state}`,
    member: memberIn(state),
    fact: invited,
    becomes: ignored(`already ${state}`),
  };
}
