import { decide } from '../domain/decide.ts';
import type { AttemptChange, Fact } from '../domain/facts.ts';
import { type Member, newMember } from '../domain/member.ts';
import type { CommandReason } from '../domain/reason.ts';
import type { Entry } from '../domain/timeline.ts';
import type { Log } from '../log.ts';
import { actorText, causeText, eventText } from '../messages/render.ts';
import type { Change, CountedOutcome, Guard, Store } from '../store/store.ts';

/** The result of recording facts: the member as it is stored now, or why a command is refused. */
export type Recorded =
  | { readonly kind: 'recorded'; readonly member: Member }
  | { readonly kind: 'forbidden'; readonly reason: CommandReason; readonly member: Member }
  | { readonly kind: 'no_such_member' };

type Given = {
  readonly userId: string;
  /** The member as it was last read. If null, the recorder first reads the member. */
  readonly member: Member | null;
  readonly facts: readonly Fact[];
  /** If true, a user who is not a member becomes one. */
  readonly orNew?: boolean;
  /** The outcome of an attempt that these facts end, if it counts for or against the channel. */
  readonly counted?: CountedOutcome | undefined;
};

/**
 * Decides what facts change in a member, and commits the decision. Only the inbox and `forget` commit
 * facts without it.
 */
export type Recorder = {
  /**
   * Commits everything that follows from these facts as one change. If the member changed in the
   * meantime, the member is read and the facts are decided again, because facts stay true.
   * @throws StoreUnavailable if the store cannot be written
   */
  readonly record: (given: Given) => Promise<Recorded>;
  /**
   * Does the same as `record`, for facts that begin an attempt.
   * @returns `held` if the guard forbids the attempt. Then nothing is recorded
   */
  readonly recordBegin: (
    given: Given,
    guard: Guard,
  ) => Promise<Recorded | { readonly kind: 'held' }>;
};

/** If a member changes so often between reading and writing, there is a bug. */
const maxTries = 20;

export function createRecorder(deps: {
  readonly store: Pick<Store, 'member' | 'commit'>;
  readonly now: () => number;
  readonly log: Log;
}): Recorder {
  const { store, now, log } = deps;

  async function write(
    { userId, facts, member: given, orNew, counted }: Given,
    guard?: Guard,
  ): Promise<Recorded | { readonly kind: 'held' }> {
    let member = given ?? (await store.member(userId));
    for (let tries = 0; tries < maxTries; tries += 1) {
      if (!member && !orNew) return { kind: 'no_such_member' };
      const before: Member = member ?? newMember(userId);
      const { change, forbidden } = reduce(before, facts, now());
      if (forbidden !== null) return { kind: 'forbidden', reason: forbidden, member: before };
      if (!change) return { kind: 'recorded', member: before };
      const madeOn = member ? member.version : null;
      const result = await store.commit({ ...change, madeOn, counted }, guard);
      if (result === 'held') return { kind: 'held' };
      if (result === 'committed') {
        logChange(log, change);
        return { kind: 'recorded', member: { ...change.member, version: before.version + 1 } };
      }
      member = await store.member(userId);
    }
    throw new Error(`member ${userId} changed ${maxTries} times while a fact was recorded`);
  }

  return {
    async record(given) {
      const recorded = await write(given);
      if (recorded.kind === 'held') throw new Error('a change without a guard was held');
      return recorded;
    },
    recordBegin: write,
  };
}

/** Writes one log line for each timeline entry of a change. */
export function logChange(log: Log, change: Change): void {
  const { userId, invitationId, state } = change.member;
  const attempt = change.attempts.at(-1)?.id;
  for (const entry of change.entries) {
    const { event, actor, cause } = entry;
    const delivery = cause.kind === 'delivery' ? cause.id : undefined;
    log.info(
      {
        event,
        member: userId,
        invitation: invitationId,
        attempt,
        delivery,
        state,
        actor: actorText(actor),
        cause: causeText(cause),
      },
      eventText(entry),
    );
  }
}

/**
 * Decides several facts about one member, one after the other, and returns them as one change.
 * @returns `change` is null if all facts were ignored, or if a command is forbidden (`forbidden`)
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

/** Returns 1 if an operator waits for the result, 2 if a person at the portal does, else undefined. */
function priorityOf(facts: readonly Fact[]): Change['priority'] {
  const actors = facts.flatMap((fact) => {
    if (fact.kind === 'invited') return 'operator';
    return 'source' in fact ? fact.source.actor.kind : [];
  });
  if (actors.includes('operator')) return 1;
  return actors.includes('portal') ? 2 : undefined;
}
