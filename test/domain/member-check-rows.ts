import { emptyProfile, type MemberState, type PortalView } from '../../src/domain/member.ts';
import type { SkipReason } from '../../src/domain/ownership.ts';
import type { MemberReason } from '../../src/domain/reason.ts';
import type { Entry } from '../../src/domain/timeline.ts';
import { becomes, ignored, type Row, type Rows } from './row.ts';
import { settledRows } from './settled-check-rows.ts';
import {
  active,
  checked,
  fromPortalApi,
  hidden,
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

const ready = {
  state: 'ready',
  reason: null,
  dueAt: now,
  checkCount: 0,
  confirmedAt: now,
  activatedAt: now,
} as const;
const gone = { state: 'gone', dueAt: null, confirmedAt: null, checkCount: 0 } as const;
const back = { state: 'waiting', reason: null, dueAt: now } as const;
const { email, firstName, lastName, cultureName, registeredAt } = active;
const profile = { email, firstName, lastName, cultureName };
const outdated = { version: 6 };

const notConfirmed = { code: 'address_not_confirmed' } as const;
const notRegistered = { code: 'not_registered' } as const;
const notVisible = { code: 'not_visible' } as const;
const disabled = { code: 'disabled' } as const;
const deleted = { code: 'deleted' } as const;

const hasRegistered: Entry = { event: 'registered', ...fromPortalApi };
const isActivated: Entry = { event: 'activated', ...fromPortalApi };
const hasReturned: Entry = { event: 'returned', ...fromPortalApi };

/** Decisions about what the portal's API says about a person. */
export const memberCheckRows: Rows<'checked'> = {
  checked: {
    waiting: [
      row('waiting', 'an activated person is ready: the welcome is due', {
        fact: checked(present(active)),
        becomes: becomes(ready, [isActivated]),
      }),
      row(
        'waiting',
        'a person who is active is ready and checked again now when a hint came during the check',
        {
          fact: checked(present(active), outdated),
          becomes: becomes({ ...ready, confirmedAt: null }, [isActivated]),
        },
      ),
      row('waiting', 'a person who has still not confirmed the address is checked ever later', {
        fact: checked(present(registered)),
        becomes: becomes({ checkCount: 4, dueAt: now + 8 * minuteMs }),
      }),
      row('waiting', 'a person who is not active is checked again now when user.updated came', {
        fact: checked(present(registered), outdated),
        becomes: becomes({ checkCount: 4, dueAt: now }),
      }),
      {
        says: 'the end of a check ends its lease, also when a hint came during the check',
        member: memberIn('waiting', { leaseUntil: now + minuteMs }),
        fact: checked(present(registered), outdated),
        becomes: becomes({ checkCount: 4, dueAt: now, leaseUntil: null }),
      },
      {
        says: 'a person counts as registered from the first check that shows them registered',
        member: memberIn('waiting', { registeredAt: null, reason: null, checkCount: 0 }),
        fact: checked(present({ ...registered, registeredAt: null })),
        becomes: becomes(
          {
            registeredAt: now,
            reason: notConfirmed,
            checkCount: 1,
            dueAt: now + minuteMs,
          },
          [hasRegistered, waitingFor(notConfirmed)],
        ),
      },
      {
        says: 'a pending person has not registered, and waits',
        member: memberIn('waiting', { registeredAt: null, reason: null, checkCount: 0 }),
        fact: checked(present(pending)),
        becomes: becomes({ reason: notRegistered, checkCount: 1, dueAt: now + minuteMs }, [
          waitingFor(notRegistered),
        ]),
      },
      row('waiting', 'a disabled person is gone, although the portal leaves them isActive', {
        fact: checked(present(terminated)),
        becomes: becomes({ ...gone, reason: disabled }, [goneBecause(disabled)]),
      }),
      row('waiting', 'a deleted person is gone', {
        fact: checked(missing),
        becomes: becomes({ ...gone, reason: deleted }, [goneBecause(deleted)]),
      }),
      row('waiting', 'a person whom the key may not see waits', {
        fact: checked(hidden),
        becomes: becomes({ reason: notVisible, checkCount: 4, dueAt: now + 8 * minuteMs }, [
          waitingFor(notVisible),
        ]),
      }),
      row('waiting', 'a stranger is skipped, and only the id is kept', {
        fact: checked(present(active), { ownership: notOurs('not_invited') }),
        becomes: becomes(
          {
            ...emptyProfile,
            ...skipped('not_invited'),
          },
          [skippedBecause('not_invited')],
        ),
      }),
      row(
        'waiting',
        'a person who came by this account without an invitation is skipped with their profile',
        {
          fact: checked(present({ ...active, email: 'private@example.com' }), {
            ownership: notOurs('address_not_invited'),
          }),
          becomes: becomes({ ...skipped('address_not_invited'), email: 'private@example.com' }, [
            skippedBecause('address_not_invited'),
          ]),
        },
      ),
      row('waiting', 'a person who uses a revoked invitation is skipped', {
        fact: checked(present(active), { ownership: notOurs('invitation_revoked') }),
        becomes: becomes(skipped('invitation_revoked'), [skippedBecause('invitation_revoked')]),
      }),
      row('waiting', 'an existing user is skipped, and their name is not kept', {
        fact: checked(present(active), { ownership: notOurs('existing_user') }),
        becomes: becomes({ ...emptyProfile, ...skipped('existing_user') }, [
          skippedBecause('existing_user'),
        ]),
      }),
      row('waiting', 'a person who was welcomed before they were forgotten stays forgotten', {
        fact: checked(present(active), { ownership: notOurs('welcomed_before_forgotten') }),
        becomes: becomes(
          {
            ...emptyProfile,
            ...skipped('welcomed_before_forgotten'),
            forgottenAt: now,
          },
          [skippedBecause('welcomed_before_forgotten')],
        ),
      }),
      {
        says: 'a stranger whom the portal shows again is skipped and no longer absent',
        member: memberIn('waiting', { absentSince: now - minuteMs }),
        fact: checked(present(active), { ownership: notOurs('not_invited') }),
        becomes: becomes({ ...emptyProfile, ...skipped('not_invited'), absentSince: null }, [
          skippedBecause('not_invited'),
        ]),
      },
      {
        says: 'a person whom an operator accepted is welcomed, whoever invited them',
        member: memberIn('waiting', { acceptedByOperator: true, invitationId: null }),
        fact: checked(present(active), { ownership: notOurs('not_invited') }),
        becomes: becomes(ready, [isActivated]),
      },
    ],
    ready: [
      row('ready', 'a new confirmation makes a ready member due now', {
        fact: checked(present(active)),
        becomes: becomes({ dueAt: now, confirmedAt: now }),
      }),
      row('ready', 'a check during which a hint came confirms nothing', {
        fact: checked(present(active), outdated),
        becomes: becomes({ dueAt: now, confirmedAt: null }),
      }),
      row('ready', 'address and language are those of the newest check', {
        fact: checked(present({ ...active, email: 'new@example.com', cultureName: 'de' })),
        becomes: becomes({
          dueAt: now,
          confirmedAt: now,
          email: 'new@example.com',
          cultureName: 'de',
        }),
      }),
      row('ready', 'a ready person who is no longer active waits again', {
        fact: checked(present(registered)),
        becomes: becomes(
          {
            state: 'waiting',
            reason: notConfirmed,
            confirmedAt: null,
            checkCount: 1,
            dueAt: now + minuteMs,
          },
          [waitingFor(notConfirmed)],
        ),
      }),
      row('ready', 'a ready person whom the key may not see waits', {
        fact: checked(hidden),
        becomes: becomes(
          {
            state: 'waiting',
            reason: notVisible,
            confirmedAt: null,
            checkCount: 1,
            dueAt: now + minuteMs,
          },
          [waitingFor(notVisible)],
        ),
      }),
      row('ready', 'a ready person who is disabled is gone', {
        fact: checked(present(terminated)),
        becomes: becomes({ ...gone, reason: disabled }, [goneBecause(disabled)]),
      }),
      row('ready', 'a ready person who is deleted is gone', {
        fact: checked(missing),
        becomes: becomes({ ...gone, reason: deleted }, [goneBecause(deleted)]),
      }),
      row('ready', 'a later revocation changes nothing for a ready person', {
        fact: checked(present(active), { ownership: notOurs('invitation_revoked') }),
        becomes: becomes({ dueAt: now, confirmedAt: now }),
      }),
    ],
    sending: [
      row('sending', 'a check that shows the person active does not touch an attempt under way', {
        fact: checked(present(active)),
        becomes: ignored('an attempt is under way'),
      }),
      ...([present(registered), present(terminated), missing, hidden] as const).map((view) =>
        row(
          'sending',
          `a check during an attempt that shows the person ${seen(view)} is repeated`,
          {
            fact: checked(view),
            becomes: becomes({ hinted: true, confirmedAt: null }),
          },
        ),
      ),
    ],
    gone: [
      row('gone', 'a person who is back waits like everybody else', {
        fact: checked(present(active)),
        becomes: becomes(back, [hasReturned]),
      }),
      row('gone', 'a person who is back and has not registered yet waits', {
        fact: checked(present(pending)),
        becomes: becomes(back, [hasReturned]),
      }),
      row('gone', 'the next check, not this one, decides the ownership of a person who is back', {
        fact: checked(present(active), { ownership: notOurs('not_invited') }),
        becomes: becomes(back, [hasReturned]),
      }),
      stays('gone', 'a person who is still disabled stays gone', present(terminated)),
      stays('gone', 'a person who is still deleted stays gone', missing),
      stays('gone', 'a gone person whom the key may not see stays gone', hidden),
      row('gone', 'a person who is still gone is checked again now when a hint came', {
        fact: checked(missing, outdated),
        becomes: becomes({ dueAt: now }),
      }),
    ],
    skipped: [
      row('skipped', 'a skipped person who has an invitation by now is ready', {
        fact: checked(present(active)),
        becomes: becomes({ ...ready, ...profile, registeredAt, invitationId: 'inv_1' }, [
          hasRegistered,
          isActivated,
        ]),
      }),
      row('skipped', 'a skipped person who has an invitation by now and is not active waits', {
        fact: checked(present(pending)),
        becomes: becomes(
          {
            ...profile,
            state: 'waiting',
            reason: notRegistered,
            invitationId: 'inv_1',
            checkCount: 1,
            dueAt: now + minuteMs,
          },
          [waitingFor(notRegistered)],
        ),
      }),
      {
        says: 'a person who is skipped again for the same reason gets no second entry',
        member: memberIn('skipped', { dueAt: now }),
        fact: checked(present(active), { ownership: notOurs('not_invited') }),
        becomes: becomes({ dueAt: null }),
      },
      row('skipped', 'a person who is skipped for another reason gets a new entry', {
        fact: checked(present(active), { ownership: notOurs('invitation_revoked') }),
        becomes: becomes({ ...profile, reason: { code: 'invitation_revoked' } }, [
          skippedBecause('invitation_revoked'),
        ]),
      }),
      row('skipped', 'a skipped stranger is checked again now when a hint came', {
        fact: checked(present(active), { ownership: notOurs('not_invited'), ...outdated }),
        becomes: becomes({ dueAt: now }),
      }),
      row('skipped', 'a skipped person who is disabled is gone', {
        fact: checked(present(terminated), { ownership: notOurs('not_invited') }),
        becomes: becomes({ ...gone, reason: disabled }, [goneBecause(disabled)]),
      }),
      row('skipped', 'a skipped person who is deleted is gone', {
        fact: checked(missing),
        becomes: becomes({ ...gone, reason: deleted }, [goneBecause(deleted)]),
      }),
      stays('skipped', 'a skipped person whom the key may not see stays skipped', hidden),
    ],
    welcomed: settledRows('welcomed'),
    failed: settledRows('failed'),
    unknown: settledRows('unknown'),
  },
};

function seen(view: PortalView): string {
  return view.kind === 'present' ? `${view.person.status} and not usable` : view.kind;
}

function waitingFor(reason: MemberReason): Entry {
  return { event: 'waiting', reason, ...fromPortalApi };
}

function goneBecause(reason: MemberReason): Entry {
  return { event: 'gone', reason, ...fromPortalApi };
}

function skippedBecause(code: SkipReason['code']): Entry {
  return { event: 'skipped', reason: { code }, ...fromPortalApi };
}

function skipped(code: SkipReason['code']) {
  return {
    state: 'skipped',
    reason: { code },
    dueAt: null,
    confirmedAt: null,
    checkCount: 0,
  } as const;
}

function row(state: MemberState, says: string, rest: Pick<Row, 'fact' | 'becomes'>): Row {
  return { says, member: memberIn(state), ...rest };
}

function stays(state: MemberState, says: string, view: PortalView): Row {
  const member = memberIn(state, { dueAt: now - 1, leaseUntil: now + 1 });
  return {
    says,
    member,
    fact: checked(view),
    becomes: becomes({ dueAt: null, leaseUntil: null }),
  };
}
