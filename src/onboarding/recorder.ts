import { decide } from '../domain/decide.ts';
import type { AttemptChange, Entry, Fact } from '../domain/facts.ts';
import { type Member, newMember } from '../domain/member.ts';
import type { Log } from '../log.ts';
import type { Change, Store } from '../store/store.ts';

/** What recording facts came to: the member as it is stored now, or the operator's refusal. */
export type Recorded =
  | { readonly kind: 'recorded'; readonly member: Member }
  | { readonly kind: 'forbidden'; readonly reason: string; readonly member: Member }
  | { readonly kind: 'no_such_member' };

/** Decides on facts about members and commits what follows: every door leads through here. */
export type Recorder = {
  /**
   * All that follows from these facts is one commit. When the member changed meanwhile, it is read
   * again and decided again: facts stay true.
   * @param member as it was last read; null: read it first
   * @throws StoreUnavailable when the store cannot write
   */
  readonly record: (given: {
    readonly userId: string;
    readonly member: Member | null;
    readonly facts: readonly Fact[];
    /** Begin to follow a user who is no member yet. */
    readonly orNew?: boolean;
  }) => Promise<Recorded>;
};

/** A member that changes this often between reading and writing is being fought over. */
const mostTurns = 20;

export function createRecorder(options: {
  readonly store: Pick<Store, 'member' | 'commit'>;
  readonly now: () => number;
  readonly log: Log;
}): Recorder {
  const { store, now, log } = options;
  return {
    async record({ userId, facts, member: given, orNew }) {
      let member = given ?? (await store.member(userId));
      for (let turn = 0; turn < mostTurns; turn += 1) {
        if (!member && !orNew) return { kind: 'no_such_member' };
        const before: Member = member ?? newMember(userId);
        const { change, forbidden } = fold(before, facts, now());
        if (forbidden !== null) return { kind: 'forbidden', reason: forbidden, member: before };
        if (!change) return { kind: 'recorded', member: before };
        const madeOn = member ? member.version : null;
        if ((await store.commit({ ...change, madeOn })) === 'committed') {
          logChange(log, change);
          return { kind: 'recorded', member: { ...change.member, version: before.version + 1 } };
        }
        member = await store.member(userId);
      }
      throw new Error(`member ${userId} changed ${mostTurns} times while a fact was recorded`);
    },
  };
}

/** One line for each thing that happened to a member. */
export function logChange(log: Log, change: Change): void {
  const { userId, invitationId, state } = change.member;
  const attempt = change.attempts.at(-1)?.id;
  for (const { what, cause } of change.entries) {
    const delivery = deliveryIn(cause);
    log.info({ member: userId, invitation: invitationId, attempt, delivery, state, cause }, what);
  }
}

/** A cause names its delivery in words; in a log line it is a field to search by. */
function deliveryIn(cause: string): number | undefined {
  const [, id] = /^delivery (\d+)\b/.exec(cause) ?? [];
  return id === undefined ? undefined : Number(id);
}

/**
 * Several facts about one member as one change: what is decided is what would be decided one by one.
 * @returns `change: null` when all of them were ignored
 */
export function fold(
  member: Member,
  facts: readonly Fact[],
  now: number,
): { readonly change: Change | null; readonly forbidden: string | null } {
  let current = member;
  let isChanged = false;
  const entries: Entry[] = [];
  const attempts: AttemptChange[] = [];
  for (const fact of facts) {
    const decision = decide(current, fact, now);
    if (decision.kind === 'forbidden') return { change: null, forbidden: decision.reason };
    if (decision.kind === 'ignored') continue;
    isChanged = true;
    current = decision.member;
    entries.push(...decision.entries);
    attempts.push(...decision.attempts);
  }
  const madeOn = member.version;
  const change: Change = { member: current, madeOn, before: member, entries, attempts, at: now };
  return { change: isChanged ? change : null, forbidden: null };
}
