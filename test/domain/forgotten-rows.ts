import type { Member, MemberState } from '../../src/domain/member.ts';
import { nobody } from '../../src/domain/member.ts';
import { becomes, type Row, type Rows } from './row.ts';
import { memberIn, now } from './support.ts';

const forgotten = {
  kind: 'forgotten',
  source: { actor: 'operator', cause: 'forget' },
} as const;

const erased = { ...nobody, confirmedAt: null, forgottenAt: now } as const;
const settled = { ...erased, reason: 'forgotten', dueAt: null, leaseUntil: null } as const;

function row(says: string, state: MemberState, differs: Partial<Member>): readonly [Row] {
  return [
    { says, member: memberIn(state), fact: forgotten, becomes: becomes(differs, ['forgotten']) },
  ];
}

const nothingOwed = { ...settled, state: 'skipped', adopted: false } as const;

/** What an operator's `forget` makes of each state. */
export const forgottenRows: Rows<'forgotten'> = {
  forgotten: {
    waiting: row('who waits is forgotten, and nothing is owed', 'waiting', nothingOwed),
    ready: row('who is ready is forgotten, and nothing is owed', 'ready', nothingOwed),
    skipped: row('who was skipped is forgotten', 'skipped', nothingOwed),
    gone: row('who is gone is forgotten, and does not come back', 'gone', nothingOwed),
    failed: row('whose welcome failed is forgotten, and it is not tried again', 'failed', {
      ...nothingOwed,
    }),
    sending: row('an attempt under way goes on to its end, without names', 'sending', erased),
    welcomed: row('a welcome that was sent stays known', 'welcomed', settled),
    unknown: row('a welcome that may have arrived stays unknown', 'unknown', settled),
  },
};
