import { decide } from '../domain/decide.ts';
import type { AttemptChange, Fact } from '../domain/facts.ts';
import { type Member, newMember } from '../domain/member.ts';
import type { CommandReason } from '../domain/reason.ts';
import type { Entry } from '../domain/timeline.ts';
import type { Log } from '../log.ts';
import { causeText, eventText } from '../messages/render.ts';
import type { Change, Store } from '../store/store.ts';

/** The result of recording facts: the member as it is stored now, or why a command is refused. */
export type Recorded =
  | { readonly kind: 'recorded'; readonly member: Member }
  | { readonly kind: 'forbidden'; readonly reason: CommandReason; readonly member: Member }
  | { readonly kind: 'no_such_member' };

/** Decides on facts about a member and commits the decision. Every fact goes through here. */
export type Recorder = {
  /**
   * Commits everything that follows from these facts as one change. When the member changed in the
   * meantime, it is read and decided again: facts stay true.
   * @param member as it was last read; null: read it first
   * @throws StoreUnavailable when the store cannot write
   */
  readonly record: (given: {
    readonly userId: string;
    readonly member: Member | null;
    readonly facts: readonly Fact[];
    /** Start to follow a user who is no member yet. */
    readonly orNew?: boolean;
  }) => Promise<Recorded>;
};

/** A member that changes this often between reading and writing points to a bug. */
const maxTries = 20;

export function createRecorder(deps: {
  readonly store: Pick<Store, 'member' | 'commit'>;
  readonly now: () => number;
  readonly log: Log;
}): Recorder {
  const { store, now, log } = deps;
  return {
    async record({ userId, facts, member: given, orNew }) {
      let member = given ?? (await store.member(userId));
      for (let tries = 0; tries < maxTries; tries += 1) {
        if (!member && !orNew) return { kind: 'no_such_member' };
        const before: Member = member ?? newMember(userId);
        const { change, forbidden } = reduce(before, facts, now());
        if (forbidden !== null) return { kind: 'forbidden', reason: forbidden, member: before };
        if (!change) return { kind: 'recorded', member: before };
        const madeOn = member ? member.version : null;
        if ((await store.commit({ ...change, madeOn })) === 'committed') {
          logChange(log, change);
          return { kind: 'recorded', member: { ...change.member, version: before.version + 1 } };
        }
        member = await store.member(userId);
      }
      throw new Error(`member ${userId} changed ${maxTries} times while a fact was recorded`);
    },
  };
}

/** Writes one log line for each thing that happened to a member. */
export function logChange(log: Log, change: Change): void {
  const { userId, invitationId, state } = change.member;
  const attempt = change.attempts.at(-1)?.id;
  for (const entry of change.entries) {
    const { event, cause } = entry;
    const delivery = cause.kind === 'delivery' ? cause.id : undefined;
    log.info(
      {
        event,
        member: userId,
        invitation: invitationId,
        attempt,
        delivery,
        state,
        cause: causeText(cause),
      },
      eventText(entry),
    );
  }
}

/**
 * Several facts about one member as one change: the result is the same as deciding one by one.
 * @returns `change: null` when all of them were ignored
 */
export function reduce(
  member: Member,
  facts: readonly Fact[],
  now: number,
): { readonly change: Change | null; readonly forbidden: CommandReason | null } {
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
  const priority = priorityOf(facts);
  const decided = { member: current, madeOn, before: member, entries, attempts };
  const change: Change = { ...decided, at: now, priority };
  return { change: isChanged ? change : null, forbidden: null };
}

/** What an operator waits for comes before what a person at the portal waits for. */
function priorityOf(facts: readonly Fact[]): Change['priority'] {
  const actors = facts.flatMap((fact) => {
    if (fact.kind === 'invited') return 'operator';
    return 'source' in fact ? fact.source.actor.kind : [];
  });
  if (actors.includes('operator')) return 1;
  return actors.includes('portal') ? 2 : undefined;
}
