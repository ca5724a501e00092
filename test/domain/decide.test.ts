import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { FactKind } from '../../src/domain/facts.ts';
import { type Member, memberStates } from '../../src/domain/member.ts';
import { attemptStartRows } from './attempt-start-rows.ts';
import { forgetRows } from './forget-rows.ts';
import { hintRows } from './hint-rows.ts';
import { attemptEndRows } from './late-answer-rows.ts';
import { memberCheckRows } from './member-check-rows.ts';
import { operatorCommandRows } from './operator-command-rows.ts';
import type { Row, Rows } from './row.ts';
import { factKinds, now } from './support.ts';

const table: Rows<FactKind> = {
  ...hintRows,
  ...memberCheckRows,
  ...attemptStartRows,
  ...attemptEndRows,
  ...operatorCommandRows,
  ...forgetRows,
};
const pairs = factKinds.flatMap((kind) => memberStates.map((state) => ({ kind, state })));

describe('every pair of state and fact has an answer', () => {
  test.each(pairs)(
    'the table has rows for a $state member and the fact $kind',
    ({ kind, state }) => {
      const rows = table[kind][state].filter(
        (row) => row.fact.kind === kind && row.member.state === state,
      );
      expect(rows.length).toBeGreaterThan(0);
      expect(rows).toHaveLength(table[kind][state].length);
    },
  );
});

describe.each(factKinds)('%s', (kind) => {
  for (const row of memberStates.flatMap((state) => table[kind][state])) {
    test(row.says, () => check(row));
  }
});

function check({ member, fact, becomes }: Row): void {
  const decision = decide(member, fact, now);
  if (becomes.kind !== 'changed') {
    expect(decision).toEqual(becomes);
    return;
  }
  if (decision.kind !== 'changed') throw new Error(JSON.stringify(decision));
  const expected: Member = { ...member, ...becomes.differs };
  expect(withoutIdleConfirmation(decision.member)).toEqual(withoutIdleConfirmation(expected));
  expect(decision.entries).toStrictEqual(becomes.entries);
  expect(decision.attempts).toStrictEqual(becomes.attempts);
}

/**
 * A confirmation matters only while the member is `ready`. Whether it is kept in a settled state is not
 * the subject of this table; what it may lead to is the subject of sequences.test.ts.
 */
function withoutIdleConfirmation(member: Member): Member {
  const isSettled = ['welcomed', 'failed', 'unknown'].includes(member.state);
  return isSettled ? { ...member, confirmedAt: null } : member;
}
