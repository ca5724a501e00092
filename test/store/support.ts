import { onTestFinished } from 'vitest';
import type { AttemptChange } from '../../src/domain/facts.ts';
import { type Member, type MemberState, memberStates, newMember } from '../../src/domain/member.ts';
import type { MemberReason } from '../../src/domain/reason.ts';
import { type Entry, service } from '../../src/domain/timeline.ts';
import type { Change, NewDelivery, NewInvitation, Store } from '../../src/store/store.ts';

/** Opens a new, empty store. */
export type OpenStore = () => Promise<Store>;

export const secondMs = 1_000;
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** The time of the tests. */
export const now = Date.UTC(2026, 0, 10, 12);

/** A store that is closed after the test, unless the test closed it. */
export async function fresh(open: OpenStore): Promise<Store> {
  const store = await open();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= store.close();
    return closed;
  };
  onTestFinished(close);
  return { ...store, close };
}

/** The nth user id. The ids sort as their numbers do. */
export function user(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** An entry that the test recognises by its label. */
export const entry = (label = 'something happened'): Entry => ({
  event: 'registered',
  cause: { kind: 'attempt', id: label },
  actor: service,
});

export function labelOf({ cause }: Pick<Entry, 'cause'>): string {
  return cause.kind === 'attempt' ? cause.id : '';
}

/** Reasons that the tests can tell apart. The store treats all reasons alike. */
export const refused: MemberReason = { code: 'portal_refused', status: 400 };
export const otherReason: MemberReason = { code: 'portal_timed_out' };

export function delivery(eventId: number, more: Partial<NewDelivery> = {}): NewDelivery {
  return {
    webhookId: 12,
    eventId,
    createdOn: now,
    trigger: 'user.updated',
    userId: user(eventId),
    shows: 'activated',
    receivedAt: now,
    body: Buffer.from(`{"event":{"id":${eventId}}}`),
    ...more,
  };
}

/** A typical member in this state. */
export function memberIn(state: MemberState, n: number, more: Partial<Member> = {}): Member {
  const isDue = state === 'waiting' || state === 'ready';
  const isRegistered = state !== 'waiting' && state !== 'skipped';
  return {
    ...newMember(user(n)),
    state,
    reason: isDue ? null : { code: 'portal_refused', status: 400 },
    dueAt: isDue ? now : null,
    registeredAt: isRegistered ? now - hourMs : null,
    ...more,
  };
}

export function changeOf(member: Member, more: Partial<Change> = {}): Change {
  const madeOn = member.version === 0 ? null : member.version;
  return { member, madeOn, entries: [], attempts: [], at: now, ...more };
}

/** Commits a new member and returns it as it is stored. */
export async function put(store: Store, member: Member, more: Partial<Change> = {}) {
  const result = await store.commit(changeOf(member, more));
  if (result !== 'committed') throw new Error(`${member.userId} was not put: ${result}`);
  return stored(store, member.userId);
}

export async function stored(store: Pick<Store, 'member'>, userId: string): Promise<Member> {
  const member = await store.member(userId);
  if (!member) throw new Error(`${userId} is not in the store`);
  return member;
}

export const begin = (id: string): AttemptChange => ({ kind: 'begin', id, channel: 'docspace' });
export function end(
  id: string,
  outcome: 'sent' | 'not_sent' | 'refused' | 'unknown',
): AttemptChange {
  return { kind: 'end', id, outcome, reason: { code: 'mail_refused', reply: `550 ${outcome}` } };
}

/**
 * Applies deliveries. The changes belong to them in their order; the last one also to the rest.
 * @returns how many of the changes were applied; without a change, whether the deliveries were
 */
export async function apply(
  store: Pick<Store, 'applyDeliveries'>,
  changes: readonly Change[],
  ids: readonly number[],
): Promise<'all' | 'some' | 'none'> {
  const hints = changes.map((change, index) => ({
    change,
    ids: index === changes.length - 1 ? ids.slice(index) : ids.slice(index, index + 1),
  }));
  const applied = await store.applyDeliveries(
    changes.length === 0 ? [{ change: null, ids }] : hints,
  );
  if (applied.every((one) => one)) return 'all';
  return applied.includes(true) ? 'some' : 'none';
}

/** Commits another decision about a stored member. */
export async function move(store: Store, userId: string, next: Partial<Member>, more = {}) {
  const member = await stored(store, userId);
  return store.commit(changeOf({ ...member, ...next }, { madeOn: member.version, ...more }));
}

export function draft(id: string, more: Partial<NewInvitation> = {}): NewInvitation {
  return {
    id,
    employeeType: 'Guest',
    mode: 'link',
    email: `${id}@example.com`,
    note: null,
    accountId: 'account',
    at: now,
    entry: entry('issuing'),
    ...more,
  };
}

/** An invitation that the portal answered with a link. */
export async function invite(
  store: Store,
  id: string,
  more: Partial<NewInvitation> = {},
): Promise<void> {
  const opened = await store.openInvitation(draft(id, more));
  if (opened.kind !== 'opened') throw new Error(`${id} was not opened: ${opened.kind}`);
  const link = more.mode === 'email' ? null : `https://portal.example/s/${id}`;
  await settle(store, id, link, more.at);
}

export async function settle(
  store: Store,
  id: string,
  link: string | null,
  at = now,
  userId: string | null = null,
): Promise<void> {
  const result = { kind: 'issued', link, userId } as const;
  await store.settleInvitation({ id, result, entry: entry('issued'), at });
}

export async function ids(store: Store, filter: Parameters<Store['listInvitations']>[0]) {
  const { items } = await store.listInvitations(filter, { limit: 200 }, now);
  return items.map((one) => one.id);
}

export const everyState: readonly MemberState[] = memberStates;
