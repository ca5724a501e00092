import type { AttemptChange, Fact, FactKind } from '../../src/domain/facts.ts';
import type { Member, MemberState } from '../../src/domain/member.ts';
import type { CommandReason } from '../../src/domain/reason.ts';
import type { Entry } from '../../src/domain/timeline.ts';

/** One row of the table: a member, what happens to it, and the decision. */
export type Row = {
  /** The name of the test: a sentence about the business. */
  readonly says: string;
  readonly member: Member;
  readonly fact: Fact;
  readonly becomes: Becomes;
};

export type Becomes =
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'forbidden'; readonly reason: CommandReason }
  | {
      readonly kind: 'changed';
      /** Every field that differs from the member before; the others have to stay as they are. */
      readonly differs: Partial<Member>;
      readonly entries: readonly Entry[];
      readonly attempts: readonly AttemptChange[];
    };

/** The rows for some kinds of fact. If a state has no row, it does not compile. */
export type Rows<K extends FactKind> = Record<
  K,
  Record<MemberState, readonly [Row, ...(readonly Row[])]>
>;

export function ignored(why: string): Becomes {
  return { kind: 'ignored', why };
}

export function forbidden(reason: CommandReason): Becomes {
  return { kind: 'forbidden', reason };
}

export function becomes(
  differs: Partial<Member>,
  entries: readonly Entry[] = [],
  attempts: readonly AttemptChange[] = [],
): Becomes {
  return { kind: 'changed', differs, entries, attempts };
}
