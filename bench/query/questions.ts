import { invitationStatuses } from '../../src/domain/invitation.ts';
import { memberStates } from '../../src/domain/member.ts';
import { employeeTypes, invitationModes } from '../../src/domain/vocabulary.ts';
import type { InvitationFilter, StoreReads } from '../../src/store/store.ts';
import { addressOf, idOf, joinedNumbers, joinedUserOf } from '../seed-log.ts';

/** A query of an admin, in the store or over HTTP. `turn` varies its subject. */
export type Question = {
  readonly name: string;
  readonly kind: 'page' | 'look-up' | 'q' | 'story' | 'stats' | 'activity';
  readonly ask: (reads: StoreReads, turn: number) => Promise<unknown>;
  /** Null if there is no route for it. */
  readonly path: ((turn: number) => string) | null;
};

const dayMs = 24 * 3_600_000;
const pageSize = 50;

/**
 * @param count the number of invitations in the seeded database
 * @param now UTC ms
 */
export function questions(count: number, now: number): readonly Question[] {
  const people = joinedNumbers(count, Math.min(101, Math.floor(count / 2)));
  const today = now - (now % dayMs);
  const someone = (turn: number) => people[turn % people.length] ?? 1;
  return [
    ...Object.entries(filters(count, now)).flatMap(([name, filter]) => [
      invitationPage(name, filter, null, now),
      invitationPage(`${name}, deep`, filter, Math.floor(count / 2), now),
    ]),
    ...memberStates.map((state) => memberPage(state, { state })),
    memberPage('everybody', {}),
    onlyInStore('members by reason', 'page', (reads) =>
      reads.listMembers({ state: 'skipped', reason: 'address_not_invited' }, { limit: pageSize }),
    ),
    deliveryPage('all', {}),
    deliveryPage('unreadable', { answer: 'unreadable' }),
    deliveryPage('by trigger', { trigger: 'user.updated' }),
    {
      name: 'deliveries about one',
      kind: 'look-up',
      ask: (reads, turn) =>
        reads.listDeliveries({ userId: joinedUserOf(someone(turn)) }, { limit: pageSize }),
      path: (turn) => `/api/deliveries?userId=${joinedUserOf(someone(turn))}`,
    },
    {
      name: 'invitations by address',
      kind: 'look-up',
      ask: (reads, turn) =>
        reads.listInvitations({ email: addressOf(someone(turn)) }, { limit: pageSize }, now),
      path: (turn) => `/api/invitations?email=${addressOf(someone(turn))}`,
    },
    {
      name: 'members by address',
      kind: 'look-up',
      ask: (reads, turn) => reads.listMembers({ email: addressOf(someone(turn)) }, { limit: 10 }),
      path: (turn) => `/api/members?email=${addressOf(someone(turn))}&limit=10`,
    },
    {
      name: 'show an invitation',
      kind: 'look-up',
      ask: (reads, turn) => reads.invitationStory(idOf(someone(turn))),
      path: (turn) => `/api/invitations/${idOf(someone(turn))}`,
    },
    {
      name: 'show a member',
      kind: 'look-up',
      ask: (reads, turn) => reads.memberStory(joinedUserOf(someone(turn))),
      path: (turn) => `/api/members/${joinedUserOf(someone(turn))}`,
    },
    {
      name: 'show an open link of many',
      kind: 'story',
      ask: (reads) => reads.invitationStory(idOf(Math.floor(count / 3) * 3)),
      path: () => `/api/invitations/${idOf(Math.floor(count / 3) * 3)}`,
    },
    {
      name: 'stats',
      kind: 'stats',
      ask: async (reads) => [
        await reads.counts(now),
        await reads.durations(),
        await reads.restored(),
      ],
      path: () => '/api/stats',
    },
    onlyInStore('activity of 90 days', 'activity', (reads) =>
      reads.activity(Array.from({ length: 90 }, (_, n) => today - (89 - n) * dayMs)),
    ),
  ];
}

/** Each filter alone, and typical combinations. */
function filters(count: number, now: number): Readonly<Record<string, InvitationFilter>> {
  const oldest = now - 365 * dayMs;
  const oldWeek = { since: oldest + 7 * dayMs, until: oldest + 14 * dayMs };
  return {
    everything: {},
    ...Object.fromEntries(invitationStatuses.map((status) => [status, { status }])),
    ...Object.fromEntries(employeeTypes.map((employeeType) => [employeeType, { employeeType }])),
    ...Object.fromEntries(invitationModes.map((mode) => [`by ${mode}`, { mode }])),
    'since yesterday': { since: now - dayMs },
    'until a year ago': { until: oldest + 30 * dayMs },
    'an old week': oldWeek,
    'failed, of an old week': { status: 'failed', ...oldWeek },
    'failed guests': { status: 'failed', employeeType: 'Guest' },
    'registered users': { status: 'registered', employeeType: 'User' },
    'welcomed by mail': { status: 'welcomed', mode: 'email' },
    'issued since yesterday': { status: 'issued', since: now - dayMs },
    'guests by mail': { employeeType: 'Guest', mode: 'email' },
    'q: everything': { q: 'example.com' },
    'q: a team': { q: 'team 4' },
    'q: one person': { q: `${addressOf(Math.floor(count / 2) + 1)}` },
    'q: nobody': { q: 'nobody-has-this' },
    'q: two characters': { q: '東京' },
    'q: everything welcomed': { q: 'example.com', status: 'welcomed' },
    'q: everything issuing': { q: 'example.com', status: 'issuing' },
  };
}

function invitationPage(
  name: string,
  filter: InvitationFilter,
  cursor: number | null,
  now: number,
): Question {
  const paging = { limit: pageSize, ...(cursor === null ? {} : { cursor }) };
  const { since, until, ...others } = filter;
  const query = new URLSearchParams();
  for (const [field, value] of Object.entries(others)) query.set(field, value ?? '');
  if (since !== undefined) query.set('since', new Date(since).toISOString());
  if (until !== undefined) query.set('until', new Date(until).toISOString());
  if (cursor !== null) query.set('cursor', String(cursor));
  return {
    name: `invitations, ${name}`,
    kind: filter.q === undefined ? 'page' : 'q',
    ask: (reads) => reads.listInvitations(filter, paging, now),
    path: () => `/api/invitations?${query}`,
  };
}

function memberPage(name: string, filter: Parameters<StoreReads['listMembers']>[0]): Question {
  return {
    name: `members, ${name}`,
    kind: 'page',
    ask: (reads) => reads.listMembers(filter, { limit: pageSize }),
    path: () => `/api/members?${new URLSearchParams(filter.state ? { state: filter.state } : {})}`,
  };
}

function deliveryPage(name: string, filter: Parameters<StoreReads['listDeliveries']>[0]): Question {
  const { answer, trigger } = filter;
  const query = new URLSearchParams({
    ...(answer ? { answer } : {}),
    ...(trigger ? { trigger } : {}),
  });
  return {
    name: `deliveries, ${name}`,
    kind: 'page',
    ask: (reads) => reads.listDeliveries(filter, { limit: pageSize }),
    path: () => `/api/deliveries?${query}`,
  };
}

function onlyInStore(
  name: string,
  kind: Question['kind'],
  ask: (reads: StoreReads) => Promise<unknown>,
): Question {
  return { name, kind, ask, path: null };
}
