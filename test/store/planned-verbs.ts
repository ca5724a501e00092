import type { Store } from '../../src/store/store.ts';
import { begin, changeOf, delivery, entry, memberIn, now, put, user } from './support.ts';

type Row = readonly [name: string, work: () => Promise<unknown>];

const next = { limit: 50, cursor: 1_000_000 };
const first = { limit: 50 };
const former = 'former@example.com';
const filters = {
  'status issued': { status: 'issued' },
  'status welcomed': { status: 'welcomed' },
  'status expired': { status: 'expired' },
  type: { employeeType: 'Guest' },
  mode: { mode: 'link' },
  letter: { letter: 'refused' },
  'e-mail': { email: 'inv_1@example.com' },
  since: { since: now - 1_000 },
  until: { until: now },
  'since and until': { since: now - 1_000, until: now },
  'status and type': { status: 'welcomed', employeeType: 'Guest' },
  'status and since': { status: 'issued', since: now - 1_000 },
  'type and mode': { employeeType: 'Guest', mode: 'link' },
} as const satisfies Record<string, Parameters<Store['listInvitations']>[0]>;

/** The verbs whose plans are tested. They need the rows of the test files. */
export function plannedVerbs(store: () => Store) {
  const claim = (maySend: boolean) => () =>
    store().claimDue({ now, leaseUntil: now, limit: 8, maySend });

  /**
   * Statements that run for each delivery, check, attempt or request. Their cost must not grow with
   * the database.
   */
  const hot: readonly Row[] = [
    ['claim', claim(true)],
    ['claim while paused', claim(false)],
    ['next due', () => store().nextDueAt(true)],
    ['next due while paused', () => store().nextDueAt(false)],
    ['due letters', () => store().dueLetters({ now, limit: 8 })],
    ['next letter', () => store().nextLetterAt(now)],
    ['open letters', () => store().leftLetters()],
    ['reminders after a change of the setting', () => store().reviewReminders(now)],
    ['member by id', () => store().member(user(1))],
    ['members by ids', () => store().members([user(1), user(2)])],
    ['details of a member', () => store().memberStory(user(1))],
    ['commit', async () => put(store(), memberIn('waiting', 3))],
    ['release of leases', () => store().releaseLeft()],
    ['sending members', () => store().leftSending(10)],
    [
      'attempt with a guard',
      () =>
        store().commit(changeOf(memberIn('sending', 9), { attempts: [begin('att_9')] }), {
          maxPerHour: 5,
        }),
    ],
    ['make ready members due', () => store().makeReadyDue(now)],
    [
      'duplicate delivery',
      async () => {
        await store().acceptDelivery(delivery(1));
        await store().acceptDelivery(delivery(1));
      },
    ],
    ['unapplied deliveries', () => store().unappliedDeliveries(200)],
    ['invitation by id', () => store().invitation('inv_1')],
    ['details of an invitation', () => store().invitationStory('inv_1')],
    ['details of an open link', () => store().invitationStory('inv_2')],
    [
      'conflict by e-mail',
      () =>
        store().openInvitation({
          id: 'inv_9',
          employeeType: 'Guest',
          mode: 'link',
          email: 'inv_1@example.com',
          note: null,
          accountId: 'account',
          at: now,
          entry: entry(),
        }),
    ],
    [
      'candidates',
      () =>
        store().candidates({
          userId: user(1),
          email: 'inv_1@example.com',
          invitationId: 'inv_1',
          issuedUntil: now,
        }),
    ],
    ['members by a former address', () => store().listMembers({ email: former }, first)],
    [
      'invitations by a former address',
      () => store().listInvitations({ email: former }, first, now),
    ],
    ['issuing invitations', () => store().issuingInvitations(now)],
    ['failed members', () => store().failedMembers({ reason: null, after: '', limit: 50 })],
    ['unseen waiting', () => store().unseenWaiting({ run: 1, after: '', limit: 50, until: 99 })],
    ['mark seen', () => store().markSeen([user(1)], 1)],
    ['outstanding addresses', () => store().outstandingAddresses({ after: '', limit: 50 })],
    ['counts', () => store().counts(now)],
    ['metrics', () => store().metrics(now)],
    ['activity', () => store().activity([now - 900_000, now])],
    ['members who could be greeted twice', () => store().restored()],
    ['newest member', () => store().newestMember()],
    ['retention of deliveries', () => store().deleteDeliveries({ before: now, limit: 100 })],
    ['retention of links', () => store().expireInvitations({ now, limit: 100 })],
    ['the next event', () => store().nextOutboxEntry(1)],
    ['events that wait', () => store().outboxLag(1)],
    ['the end of the outbox', () => store().outboxEnd()],
  ];

  /**
   * Lists whose first page is the end of the table. Without a filter this is no scan, although the
   * plan calls it one.
   */
  const lists: readonly Row[] = [
    ['invitations, next page', () => store().listInvitations({}, next, now)],
    ...Object.entries(filters).flatMap(([name, filter]): Row[] => [
      [`invitations by ${name}`, () => store().listInvitations(filter, first, now)],
      [`invitations by ${name}, next page`, () => store().listInvitations(filter, next, now)],
    ]),
    ['members, next page', () => store().listMembers({}, next)],
    ['members by state', () => store().listMembers({ state: 'ready' }, first)],
    ['members by state, next page', () => store().listMembers({ state: 'ready' }, next)],
    [
      'members by reason',
      () => store().listMembers({ state: 'skipped', reason: 'deleted' }, first),
    ],
    [
      'members by reason, next page',
      () => store().listMembers({ state: 'skipped', reason: 'deleted' }, next),
    ],
    ['members by e-mail', () => store().listMembers({ email: 'a@example.com' }, first)],
  ];

  /** Searches that must read everything they find, but never the whole database. */
  const searches: readonly Row[] = [
    ['invitations by text', () => store().listInvitations({ q: 'not' }, first, now)],
    [
      'invitations by everything',
      () => store().listInvitations({ ...filters.type, ...filters.since, q: 'not' }, next, now),
    ],
  ];

  return { hot, lists, searches };
}
