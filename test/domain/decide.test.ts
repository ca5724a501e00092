import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { Decision, FactKind } from '../../src/domain/facts.ts';
import { type Member, memberStates } from '../../src/domain/member.ts';
import { attemptRows } from './attempt-rows.ts';
import { forgottenRows } from './forgotten-rows.ts';
import { hintRows } from './hint-rows.ts';
import { outcomeRows } from './late-rows.ts';
import { lookRows } from './look-rows.ts';
import { operatorRows } from './operator-rows.ts';
import type { Row, Rows } from './row.ts';
import { factKinds, now } from './support.ts';

const table: Rows<FactKind> = {
  ...hintRows,
  ...lookRows,
  ...attemptRows,
  ...outcomeRows,
  ...operatorRows,
  ...forgottenRows,
};
const pairs = factKinds.flatMap((kind) => memberStates.map((state) => ({ kind, state })));

describe('every pair of state and fact has an answer', () => {
  test.each(pairs)('$state meets $kind: the table has a row', ({ kind, state }) => {
    const rows = table[kind][state].filter(
      (row) => row.fact.kind === kind && row.member.state === state,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows).toHaveLength(table[kind][state].length);
  });
});

describe.each(factKinds)('%s', (kind) => {
  for (const row of memberStates.flatMap((state) => table[kind][state])) {
    test(row.says, () => check(row));
  }
});

function check({ member, fact, becomes }: Row): void {
  const decision: Decision = decide(member, fact, now);
  if (becomes.kind !== 'changed') {
    expect(decision).toEqual({ kind: becomes.kind, reason: expect.stringMatching(becomes.reason) });
    return;
  }
  if (decision.kind !== 'changed') throw new Error(`${decision.kind}: ${decision.reason}`);
  const expected: Member = { ...member, ...becomes.differs };
  expect(withoutVoidConfirmation(decision.member)).toEqual(withoutVoidConfirmation(expected));
  expect(decision.entries.map(({ what }) => what)).toEqual(becomes.timeline);
  expect(decision.attempts).toEqual(becomes.attempts);
}

/**
 * A confirmation only says something of who is `ready`: whether it is kept in a settled state is
 * not the business of this table, what it may lead to is that of sequences.test.ts.
 */
function withoutVoidConfirmation(member: Member): Member {
  const isSettled = ['welcomed', 'failed', 'unknown'].includes(member.state);
  return isSettled ? { ...member, confirmedAt: null } : member;
}
