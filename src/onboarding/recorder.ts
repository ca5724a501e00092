import { decide } from '../domain/decide.ts';
import type { AttemptChange, Fact } from '../domain/facts.ts';
import { type Member, newMember } from '../domain/member.ts';
import type { CommandReason } from '../domain/reason.ts';
import type { Entry } from '../domain/timeline.ts';
import type { Log } from '../log.ts';
import { actorText, causeText, eventText } from '../messages/render.ts';
import type { Change, Store } from '../store/store.ts';

/** The result of recording facts: the member as it is stored now, or why a command is refused. */
export type Recorded =
  | { readonly kind: 'recorded'; readonly member: Member }
  | { readonly kind: 'forbidden'; readonly reason: CommandReason; readonly member: Member }
  | { readonly kind: 'no_such_member' };

/** Decides what facts change in a member, and commits the decision. Every fact goes through this function. */
export type Recorder = {
  /**
   * Commits everything that follows from these facts as one change. If the member changed in the meantime,
   * the member is read and the facts are decided again, because facts stay true.
   * @param member as it was last read; if null, it is read first
   * @throws StoreUnavailable if the store cannot be written
   */
  readonly record: (given: {
    readonly userId: string;
    readonly member: Member | null;
    readonly facts: readonly Fact[];
    /** If true, a user who is not a member becomes one. */
    readonly orNew?: boolean;
  }) => Promise<Recorded>;
};

/** If a member changes so often between reading and writing, there is a bug. */
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
 * Decides several facts about one member as one change. The result is the same as deciding one by one.
 * @returns `change: null` if all facts were ignored
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
  const change: Change = { member: current, madeOn, before: member, entries, attempts, at: now };
  return { change: isChanged ? change : null, forbidden: null };
}
