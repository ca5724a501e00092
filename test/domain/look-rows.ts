import type { MemberState } from '../../src/domain/member.ts';
import { skipReasons } from '../../src/domain/ownership.ts';
import { keptState } from './absence-rows.ts';
import { becomes, ignored, type Row, type Rows } from './row.ts';
import {
  active,
  hidden,
  looked,
  memberIn,
  minuteMs,
  missing,
  notOurs,
  now,
  pending,
  present,
  registered,
  terminated,
} from './support.ts';

const owed = 'activated: a welcome is owed';
const ready = {
  state: 'ready',
  reason: null,
  dueAt: now,
  lookCount: 0,
  confirmedAt: now,
  activatedAt: now,
} as const;
const gone = { state: 'gone', dueAt: null, confirmedAt: null, lookCount: 0 } as const;
const { email, firstName, lastName, cultureName, registeredAt } = active;
const names = { email, firstName, lastName, cultureName };
const stale = { version: 6 };

/** What a look at the portal's API makes of each state. */
export const lookRows: Rows<'looked'> = {
  looked: {
    waiting: [
      row('waiting', 'an activated person is ready: a welcome is owed', {
        fact: looked(present(active)),
        becomes: becomes(ready, [owed]),
      }),
      row(
        'waiting',
        'who is read as active while a hint came is owed a welcome, and looked at now',
        {
          fact: looked(present(active), stale),
          becomes: becomes({ ...ready, confirmedAt: null }, [owed]),
        },
      ),
      row('waiting', 'who still has not confirmed the e-mail is looked at later, and later still', {
        fact: looked(present(registered)),
        becomes: becomes({ lookCount: 4, dueAt: now + 8 * minuteMs }),
      }),
      row('waiting', 'user.created read as not active with user.updated meanwhile: due now', {
        fact: looked(present(registered), stale),
        becomes: becomes({ lookCount: 4, dueAt: now }),
      }),
      {
        says: 'a look that ended gives the member back, also when a hint overtook it',
        member: memberIn('waiting', { leaseUntil: now + minuteMs }),
        fact: looked(present(registered), stale),
        becomes: becomes({ lookCount: 4, dueAt: now, leaseUntil: null }),
      },
      {
        says: 'the first sight of a registered person is the moment they registered',
        member: memberIn('waiting', { registeredAt: null, reason: null, lookCount: 0 }),
        fact: looked(present({ ...registered, registeredAt: null })),
        becomes: becomes(
          {
            registeredAt: now,
            reason: 'has not confirmed the e-mail yet',
            lookCount: 1,
            dueAt: now + minuteMs,
          },
          ['registered', 'waiting: has not confirmed the e-mail yet'],
        ),
      },
      {
        says: 'a pending person has not registered, and waits',
        member: memberIn('waiting', { registeredAt: null, reason: null, lookCount: 0 }),
        fact: looked(present(pending)),
        becomes: becomes(
          { reason: 'has not registered yet', lookCount: 1, dueAt: now + minuteMs },
          ['waiting: has not registered yet'],
        ),
      },
      row('waiting', 'a disabled person is gone, although the portal leaves them isActive', {
        fact: looked(present(terminated)),
        becomes: becomes({ ...gone, reason: 'disabled' }, ['gone: disabled']),
      }),
      row('waiting', 'a deleted person is gone', {
        fact: looked(missing),
        becomes: becomes({ ...gone, reason: 'deleted' }, ['gone: deleted']),
      }),
      row('waiting', 'a person whom the key may not see waits', {
        fact: looked(hidden),
        becomes: becomes(
          { reason: 'this key may not see them', lookCount: 4, dueAt: now + 8 * minuteMs },
          ['waiting: this key may not see them'],
        ),
      }),
      row('waiting', 'a stranger is skipped, and only the id is kept', {
        fact: looked(present(active), { whose: notOurs('stranger') }),
        becomes: becomes(
          {
            ...skipped('stranger'),
            email: null,
            firstName: null,
            lastName: null,
            cultureName: null,
          },
          ['skipped: not invited here'],
        ),
      }),
      row('waiting', 'who came by this account without an invitation is skipped with their name', {
        fact: looked(present({ ...active, email: 'private@example.com' }), {
          whose: notOurs('otherAddress'),
        }),
        becomes: becomes({ ...skipped('otherAddress'), email: 'private@example.com' }, [
          `skipped: ${skipReasons.otherAddress}`,
        ]),
      }),
      row('waiting', 'who uses a revoked invitation is skipped', {
        fact: looked(present(active), { whose: notOurs('revoked') }),
        becomes: becomes(skipped('revoked'), ['skipped: revoked']),
      }),
      row('waiting', 'who was here before us is skipped', {
        fact: looked(present(active), { whose: notOurs('before') }),
        becomes: becomes(skipped('before'), ['skipped: here before us']),
      }),
      {
        says: 'whom an operator took in is ours, whoever invited them',
        member: memberIn('waiting', { adopted: true, invitationId: null }),
        fact: looked(present(active), { whose: notOurs('stranger') }),
        becomes: becomes(ready, [owed]),
      },
    ],
    ready: [
      row('ready', 'a new confirmation makes who is ready due now', {
        fact: looked(present(active)),
        becomes: becomes({ dueAt: now, confirmedAt: now }),
      }),
      row('ready', 'a confirmation that a hint overtook confirms nothing', {
        fact: looked(present(active), stale),
        becomes: becomes({ dueAt: now, confirmedAt: null }),
      }),
      row('ready', 'address and language come from the newest look', {
        fact: looked(present({ ...active, email: 'new@example.com', cultureName: 'de' })),
        becomes: becomes({
          dueAt: now,
          confirmedAt: now,
          email: 'new@example.com',
          cultureName: 'de',
        }),
      }),
      row('ready', 'who is no longer active waits again', {
        fact: looked(present(registered)),
        becomes: becomes(
          {
            state: 'waiting',
            reason: 'has not confirmed the e-mail yet',
            confirmedAt: null,
            lookCount: 1,
            dueAt: now + minuteMs,
          },
          ['waiting: has not confirmed the e-mail yet'],
        ),
      }),
      row('ready', 'who is ready and hidden from the key waits', {
        fact: looked(hidden),
        becomes: becomes(
          {
            state: 'waiting',
            reason: 'this key may not see them',
            confirmedAt: null,
            lookCount: 1,
            dueAt: now + minuteMs,
          },
          ['waiting: this key may not see them'],
        ),
      }),
      row('ready', 'who is ready and disabled is gone', {
        fact: looked(present(terminated)),
        becomes: becomes({ ...gone, reason: 'disabled' }, ['gone: disabled']),
      }),
      row('ready', 'who is ready and deleted is gone', {
        fact: looked(missing),
        becomes: becomes({ ...gone, reason: 'deleted' }, ['gone: deleted']),
      }),
      row('ready', 'what is revoked later takes nothing from who is ready', {
        fact: looked(present(active), { whose: notOurs('revoked') }),
        becomes: becomes({ dueAt: now, confirmedAt: now }),
      }),
    ],
    sending: [
      row('sending', 'a look does not touch an attempt under way', {
        fact: looked(present(active)),
        becomes: ignored('an attempt is under way'),
      }),
    ],
    gone: [
      row('gone', 'who is back waits like everybody else', {
        fact: looked(present(active)),
        becomes: becomes({ state: 'waiting', reason: null, dueAt: now }, ['back: waiting again']),
      }),
      row('gone', 'who is back and not yet registered waits', {
        fact: looked(present(pending)),
        becomes: becomes({ state: 'waiting', reason: null, dueAt: now }, ['back: waiting again']),
      }),
      row('gone', 'who is back is judged by the next look, not by this one', {
        fact: looked(present(active), { whose: notOurs('stranger') }),
        becomes: becomes({ state: 'waiting', reason: null, dueAt: now }, ['back: waiting again']),
      }),
      stays('gone', 'who is still disabled stays gone', present(terminated)),
      stays('gone', 'who is still deleted stays gone', missing),
      stays('gone', 'who is gone and hidden from the key stays gone', hidden),
      row('gone', 'who is still gone while a hint came is looked at now', {
        fact: looked(missing, stale),
        becomes: becomes({ dueAt: now }),
      }),
    ],
    skipped: [
      row('skipped', 'a skipped person who has an invitation by now is ready', {
        fact: looked(present(active)),
        becomes: becomes({ ...ready, ...names, registeredAt, invitationId: 'inv_1' }, [
          'registered',
          owed,
        ]),
      }),
      row('skipped', 'a skipped person who has an invitation by now and is not active waits', {
        fact: looked(present(pending)),
        becomes: becomes(
          {
            ...names,
            state: 'waiting',
            reason: 'has not registered yet',
            invitationId: 'inv_1',
            lookCount: 1,
            dueAt: now + minuteMs,
          },
          ['waiting: has not registered yet'],
        ),
      }),
      {
        says: 'who is skipped for the same reason again leaves no second line',
        member: memberIn('skipped', { dueAt: now }),
        fact: looked(present(active), { whose: notOurs('stranger') }),
        becomes: becomes({ dueAt: null }),
      },
      row('skipped', 'who is skipped for another reason has it said', {
        fact: looked(present(active), { whose: notOurs('revoked') }),
        becomes: becomes({ ...names, reason: 'revoked' }, ['skipped: revoked']),
      }),
      row('skipped', 'a stranger who is skipped while a hint came is looked at now', {
        fact: looked(present(active), { whose: notOurs('stranger'), ...stale }),
        becomes: becomes({ dueAt: now }),
      }),
      row('skipped', 'a skipped person who is disabled is gone', {
        fact: looked(present(terminated), { whose: notOurs('stranger') }),
        becomes: becomes({ ...gone, reason: 'disabled' }, ['gone: disabled']),
      }),
      row('skipped', 'a skipped person who is deleted is gone', {
        fact: looked(missing),
        becomes: becomes({ ...gone, reason: 'deleted' }, ['gone: deleted']),
      }),
      stays('skipped', 'a skipped person whom the key may not see stays skipped', hidden),
    ],
    welcomed: keptState('welcomed'),
    failed: keptState('failed'),
    unknown: keptState('unknown'),
  },
};

function skipped(reason: keyof typeof skipReasons) {
  return {
    state: 'skipped',
    reason: skipReasons[reason],
    dueAt: null,
    confirmedAt: null,
    lookCount: 0,
  } as const;
}

function row(state: MemberState, says: string, rest: Pick<Row, 'fact' | 'becomes'>): Row {
  return { says, member: memberIn(state), ...rest };
}

function stays(state: MemberState, says: string, sighting: Parameters<typeof looked>[0]): Row {
  const member = memberIn(state, { dueAt: now - 1, leaseUntil: now + 1 });
  return {
    says,
    member,
    fact: looked(sighting),
    becomes: becomes({ dueAt: null, leaseUntil: null }),
  };
}
