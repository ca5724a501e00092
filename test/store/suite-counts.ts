import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { invitationLifetimeMs, invitationStatuses } from '../../src/domain/invitation.ts';
import { memberStates } from '../../src/domain/member.ts';
import { operator } from '../../src/domain/timeline.ts';
import type { Counts, Store } from '../../src/store/store.ts';
import { type ActivityCounts, type ActivityKind, activityKinds } from '../../src/store/store.ts';
import {
  changeOf,
  draft,
  entry,
  fresh,
  hourMs,
  memberIn,
  move,
  now,
  type OpenStore,
  put,
  settle,
  user,
} from './support.ts';

const quarterMs = hourMs / 4;
const people = [0, 1, 2, 3] as const;
/** Two invitations for one person each, and two open links. */
const invitationIds = ['inv_0', 'inv_1', 'open_0', 'open_1'] as const;
const reasons = [null, { code: 'address_not_invited' }, { code: 'not_invited' }] as const;

const anyPerson = fc.constantFrom(...people);
const anyInvitation = fc.constantFrom(...invitationIds);
const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('ask' as const), id: anyInvitation }),
  fc.record({ kind: fc.constant('settle' as const), id: anyInvitation, isIssued: fc.boolean() }),
  fc.record({ kind: fc.constant('revoke' as const), id: anyInvitation }),
  fc.record({ kind: fc.constant('renew' as const), id: anyInvitation }),
  fc.record({
    kind: fc.constant('member' as const),
    person: anyPerson,
    state: fc.constantFrom(...memberStates),
    reason: fc.constantFrom(...reasons),
    by: fc.option(anyInvitation),
    isActive: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('forget' as const), person: anyPerson }),
  fc.record({ kind: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ kind: fc.constant('expire' as const), limit: fc.integer({ min: 1, max: 3 }) }),
);
const anySteps = fc.array(anyStep, { minLength: 1, maxLength: 30 });
/** The ends of spans, as numbers of quarters of an hour: days of any length, or single quarters. */
const anyCuts = fc
  .uniqueArray(fc.integer({ min: 1, max: 4_000 }), { maxLength: 9 })
  .map((cuts) => cuts.sort((a, b) => a - b));
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

const isOpen = (id: string) => id.startsWith('open');

/** Runs a step as far as the store allows it. Returns the counted events. */
async function take(store: Store, step: Step, at: number): Promise<ActivityKind[]> {
  switch (step.kind) {
    case 'ask':
      if ((await store.invitation(step.id)) === null) {
        const email = isOpen(step.id) ? null : `${step.id}@example.com`;
        await store.openInvitation(draft(step.id, { at, email }));
      }
      return [];
    case 'settle': {
      if ((await store.invitation(step.id))?.stage !== 'issuing') return [];
      if (step.isIssued) {
        await settle(store, step.id, 'https://portal.example/s/1', at);
        return ['invited'];
      }
      const result = { kind: 'failed', reason: { code: 'no_seat_left' } } as const;
      await store.settleInvitation({ id: step.id, result, entry: entry(), at });
      return [];
    }
    case 'revoke':
      await store.revokeInvitation({ id: step.id, entry: entry(), at });
      return [];
    case 'renew':
      await store.renewInvitation({ id: step.id, link: null, userId: null, entry: entry(), at });
      return [];
    case 'member':
      return takeMember(store, step, at);
    case 'forget': {
      const email = `person${step.person}@example.com`;
      const { members, userIdsInDeliveries } = await store.findPerson(email, 0);
      const source = { actor: operator, cause: { kind: 'command', name: 'forget' } } as const;
      const fact = { kind: 'forgotten', source } as const;
      const changes = members.flatMap((member) => {
        const decision = decide(member, fact, at);
        return decision.kind === 'changed'
          ? [changeOf(decision.member, { madeOn: member.version, at })]
          : [];
      });
      await store.forget({ email, userIdsInDeliveries, changes, at });
      return [];
    }
    case 'expire':
      await store.expireInvitations({ now: at, limit: step.limit });
      return [];
    case 'pass':
      return [];
    default:
      return step satisfies never;
  }
}

async function takeMember(
  store: Store,
  step: Extract<Step, { kind: 'member' }>,
  at: number,
): Promise<ActivityKind[]> {
  const before = await store.member(user(step.person));
  const by = step.by !== null && (await store.invitation(step.by)) ? step.by : null;
  const activatedAt = before?.activatedAt ?? (step.isActive ? at : null);
  const welcomedAt = before?.welcomedAt ?? (step.state === 'welcomed' ? at : null);
  const next = {
    state: step.state,
    reason: step.reason,
    invitationId: by,
    email: `person${step.person}@example.com`,
    activatedAt,
    welcomedAt,
  };
  if (before) await move(store, before.userId, next, { at });
  else await put(store, memberIn(step.state, step.person, next), { at });
  const reached: ActivityKind[] = [];
  if (activatedAt !== (before?.activatedAt ?? null)) reached.push('activated');
  if (welcomedAt !== (before?.welcomedAt ?? null)) reached.push('welcomed');
  return reached;
}

/** The counts, made from the lists. */
async function recount(store: Store, at: number): Promise<Counts> {
  const { items } = await store.listMembers({}, { limit: 200 });
  const byLink = items.filter(({ invitationId }) => invitationId !== null && isOpen(invitationId));
  const invitations: [string, number][] = [];
  for (const status of invitationStatuses) {
    const found = (await store.listInvitations({ status }, { limit: 200 }, at)).items;
    if (found.length > 0) invitations.push([status, found.length]);
  }
  const reason = 'address_not_invited';
  const addressNotInvited = await store.listMembers({ state: 'skipped', reason }, { limit: 200 });
  return {
    members: tally(items.map((one) => one.state)),
    openLinkMembers: tally(byLink.map((one) => one.state)),
    addressNotInvited: addressNotInvited.items.length,
    otherType: items.filter(
      ({ invitedAs, employeeType }) =>
        invitedAs !== null && employeeType !== null && invitedAs !== employeeType,
    ).length,
    invitations: Object.fromEntries(invitations),
    letters: { refused: 0, unknown: 0 },
  };
}

type Happened = { readonly at: number; readonly kind: ActivityKind };

function spansOf(happened: readonly Happened[], beginnings: readonly number[]): ActivityCounts[] {
  return beginnings.map((from, index) => {
    const until = beginnings[index + 1] ?? Number.POSITIVE_INFINITY;
    const own = happened.filter(({ at }) => at >= from && at < until);
    const count = (kind: ActivityKind) => own.filter((one) => one.kind === kind).length;
    return {
      invited: count('invited'),
      activated: count('activated'),
      welcomed: count('welcomed'),
    };
  });
}

function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

export function countSuite(open: OpenStore): void {
  describe('the stored counts', () => {
    test('agree with the rows, whatever is written in whatever order', async () => {
      await fc.assert(
        fc.asyncProperty(anySteps, anyCuts, async (steps, cuts) => {
          const store = await open();
          try {
            let at = now;
            const happened: Happened[] = [];
            for (const step of steps) {
              if (step.kind === 'pass') at += step.hours * hourMs;
              for (const kind of await take(store, step, at)) happened.push({ at, kind });
            }
            const balance = await store.counts(at);
            expect(balance).toEqual(await recount(store, at));
            const beginnings = [0, now - quarterMs, now, ...cuts.map((n) => now + n * quarterMs)];
            expect(await store.activity(beginnings)).toEqual(spansOf(happened, beginnings));
            for (const { id, memberCounts } of (await store.listInvitations({}, { limit: 9 }, at))
              .items) {
              if (!isOpen(id)) expect(memberCounts).toBeNull();
            }
            // The expired invitations are marked in their rows. Nothing else changes.
            while ((await store.expireInvitations({ now: at, limit: 2 })) > 0);
            expect(await store.counts(at)).toEqual(balance);
            expect(await recount(store, at)).toEqual(balance);
          } finally {
            await store.close();
          }
        }),
        { numRuns: 15 },
      );
    }, 60_000);

    test('of activity are given for spans of quarters of an hour, and each event counts in one span', async () => {
      const store = await fresh(open);
      for (const [n, at] of [now + quarterMs, now, now + quarterMs - 1, now - 1].entries()) {
        await store.openInvitation(draft(`inv_${n}`, { at }));
        await settle(store, `inv_${n}`, null, at);
      }
      await put(store, memberIn('welcomed', 1, { activatedAt: now, welcomedAt: now + quarterMs }));
      expect(await store.activity([now, now + quarterMs])).toEqual([
        { invited: 2, activated: 1, welcomed: 0 },
        { invited: 1, activated: 0, welcomed: 1 },
      ]);
      expect(await store.activity([0])).toEqual([{ invited: 4, activated: 1, welcomed: 1 }]);
      expect(await store.activity([])).toEqual([]);
      expect(new Set(Object.keys((await store.activity([0]))[0] ?? {}))).toEqual(
        new Set(activityKinds),
      );
    });
  });

  describe('an expired invitation', () => {
    test('is issued again when it is sent again, whether its row is marked as expired or not', async () => {
      const store = await fresh(open);
      const later = now + invitationLifetimeMs;
      for (const id of ['inv_0', 'inv_1']) {
        await store.openInvitation(draft(id));
        await settle(store, id, null);
      }
      await store.expireInvitations({ now: later, limit: 1 });
      expect((await store.counts(later)).invitations).toEqual({ expired: 2 });
      for (const id of ['inv_0', 'inv_1']) {
        const renewed = { id, link: null, userId: null, entry: entry(), at: later };
        expect((await store.renewInvitation(renewed)).kind).toBe('done');
      }
      expect((await store.counts(later)).invitations).toEqual({ issued: 2 });
    });

    test('makes room for another one to the same address, and the poll still asks about it', async () => {
      const store = await fresh(open);
      const later = now + invitationLifetimeMs;
      await store.openInvitation(draft('inv_0'));
      await settle(store, 'inv_0', null);
      await store.expireInvitations({ now: later, limit: 1 });
      const again = draft('inv_1', { email: 'inv_0@example.com', at: later });
      expect((await store.openInvitation(again)).kind).toBe('opened');
      await settle(store, 'inv_1', null, later);
      const awaited = await store.outstandingAddresses({ after: '', limit: 9 });
      expect(awaited.map((one) => one.id)).toEqual(['inv_0', 'inv_1']);
    });
  });
}
