import type { Fact } from '../../src/domain/facts.ts';
import { emptyProfile, type Member, type MemberState } from '../../src/domain/member.ts';
import { operator, type Source } from '../../src/domain/timeline.ts';
import { becomes, type Row, type Rows } from './row.ts';
import { memberIn, now } from './support.ts';

const source: Source = { actor: operator, cause: { kind: 'command', name: 'forget' } };
const forgotten: Fact = { kind: 'forgotten', source };

const erased = {
  ...emptyProfile,
  confirmedAt: null,
  forgottenAt: now,
  reason: { code: 'forgotten' },
} as const;
const settled = { ...erased, dueAt: null, leaseUntil: null } as const;
const skipped = { ...settled, state: 'skipped', acceptedByOperator: false } as const;

/** Decisions about the operator's `forget`. */
export const forgetRows: Rows<'forgotten'> = {
  forgotten: {
    waiting: row('a forgotten person who waited gets no welcome', 'waiting', skipped),
    ready: row('a forgotten person who was ready gets no welcome', 'ready', skipped),
    skipped: row('a skipped person is forgotten', 'skipped', skipped),
    gone: row('a forgotten person who was gone does not come back', 'gone', skipped),
    failed: row('a failed welcome of a forgotten person is not tried again', 'failed', skipped),
    sending: row('an attempt under way ends as usual, without a profile', 'sending', erased),
    welcomed: row('a forgotten person stays welcomed', 'welcomed', settled),
    unknown: row('a welcome that may have arrived stays unknown', 'unknown', settled),
  },
};

function row(says: string, state: MemberState, differs: Partial<Member>): readonly [Row] {
  return [
    {
      says,
      member: memberIn(state),
      fact: forgotten,
      becomes: becomes(differs, [{ event: 'forgotten', ...source }]),
    },
  ];
}
