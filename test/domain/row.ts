import type { AttemptChange, Fact, FactKind } from '../../src/domain/facts.ts';
import type { Member, MemberState } from '../../src/domain/member.ts';

/** One line of the table: in which case, what happened, and what it becomes. */
export type Row = {
  /** A sentence about the business. */
  readonly says: string;
  readonly member: Member;
  readonly fact: Fact;
  readonly becomes: Becomes;
};

export type Becomes =
  | { readonly kind: 'ignored' | 'forbidden'; readonly reason: string | RegExp }
  | {
      readonly kind: 'changed';
      /** Every field that differs from the member before; the others have to be untouched. */
      readonly differs: Partial<Member>;
      readonly timeline: readonly string[];
      readonly attempts: readonly AttemptChange[];
    };

/** The rows of some kinds of fact: at least one for each state, or it does not compile. */
export type Rows<K extends FactKind> = Record<
  K,
  Record<MemberState, readonly [Row, ...(readonly Row[])]>
>;

export function ignored(reason: string | RegExp): Becomes {
  return { kind: 'ignored', reason };
}

export function forbidden(reason: string | RegExp): Becomes {
  return { kind: 'forbidden', reason };
}

export function becomes(
  differs: Partial<Member>,
  timeline: readonly string[] = [],
  attempts: readonly AttemptChange[] = [],
): Becomes {
  return { kind: 'changed', differs, timeline, attempts };
}
