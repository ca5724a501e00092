import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { newMember } from '../../src/domain/member.ts';
import { operator } from '../../src/domain/timeline.ts';
import { normaliseEmail } from '../../src/domain/vocabulary.ts';
import type { Store } from '../../src/store/store.ts';
import {
  begin,
  changeOf,
  delivery,
  draft,
  end,
  entry,
  fresh,
  memberIn,
  now,
  type OpenStore,
  put,
  user,
} from './support.ts';

const source = { actor: operator, cause: { kind: 'command', name: 'forget' } } as const;

/** Forgets a person as the operation `forget` does. */
async function forget(store: Store, email: string) {
  const { members, userIdsInDeliveries, usersNotFollowed } = await store.findPerson(email, 0);
  const decided = [...members, ...usersNotFollowed.map(newMember)].flatMap((member) => {
    if (member.forgottenAt !== null) return [];
    const decision = decide(member, { kind: 'forgotten', source }, now);
    if (decision.kind !== 'changed') return [];
    return [
      changeOf(decision.member, { madeOn: member.version || null, entries: decision.entries }),
    ];
  });
  return store.forget({ email, userIdsInDeliveries, changes: decided, at: now });
}

/** Stores a person of every kind of record, with the number n in all ids. */
async function add(store: Store, n: number, email: string): Promise<void> {
  const id = `inv_${n}`;
  await store.openInvitation(draft(id, { email, note: `for ${email}, please` }));
  await store.openInvitation(draft(`note_${n}`, { email: null, note: `ask (${email}).` }));
  const member = memberIn('welcomed', n, { email, firstName: 'Ann', invitationId: id });
  await put(store, member, {
    entries: [
      {
        ...entry(),
        event: 'attempt_refused',
        reason: { code: 'mail_refused', reply: `550 ${email}` },
      },
    ],
    attempts: [begin(`att_${n}`)],
  });
  const body = Buffer.from(JSON.stringify({ payload: { id: user(n), email } }));
  await store.acceptDelivery(delivery(n, { userId: user(n), body }));
  // This person has not been checked yet, so only a delivery contains their address.
  const unchecked = Buffer.from(JSON.stringify({ payload: { id: user(100 + n), email } }));
  await store.acceptDelivery(delivery(100 + n, { userId: user(100 + n), body: unchecked }));
  await store.keepUnreadable(Buffer.from(`{"broken":"${email}"`), { code: 'not_json' }, now);
  const asked = { employeeType: 'Guest', mode: 'link', note: `for <${email}>` } as const;
  const run = { id: `run_${n}`, actor: operator, total: 1, replica: 'rep_1', leaseUntil: now };
  await store.addRun(run, [
    { row: 1, email, request: asked, result: null },
    { row: 2, email: null, request: asked, result: null },
  ]);
  const request = { key: `key_${n}`, request: 'x', at: now, answeredSince: 0, begunSince: 0 };
  await store.beginIdempotent(request);
  await store.completeIdempotent(`key_${n}`, { status: 201, body: JSON.stringify({ email }) });
}

/** All records of the person, as the store returns them. */
async function shown(store: Store, n: number) {
  const request = { key: `key_${n}`, request: 'x', at: now, answeredSince: 0, begunSince: 0 };
  const { items } = await store.listDeliveries({}, { limit: 100 });
  const bodies = await Promise.all(
    items
      .filter((one) => one.userId === user(n) || one.userId === user(100 + n))
      .map(async ({ id }) => (await store.delivery(id))?.body.toString()),
  );
  return {
    invitation: await store.invitationStory(`inv_${n}`),
    note: await store.invitation(`note_${n}`),
    member: await store.memberStory(user(n)),
    unchecked: await store.memberStory(user(100 + n)),
    bodies,
    answer: await store.beginIdempotent(request),
    rows: await store.runRows({ id: `run_${n}`, after: 0, limit: 10 }),
  };
}

const localPart = fc.stringMatching(/^[a-z0-9]([a-z0-9._+-]{0,6}[a-z0-9])?$/);
const domain = fc.stringMatching(/^[a-z]{1,5}(\.[a-z]{1,4}){1,2}$/);
/** Two addresses of which one contains the other, or nearly does. */
const anyTwo = fc
  .record({
    local: localPart,
    more: fc.stringMatching(/^[a-z0-9._+'&-]{1,5}$/),
    domain,
    how: fc.constantFrom('prefix', 'suffix', 'sub-address', 'longer domain', 'sub-domain'),
  })
  .map(({ local, more, domain, how }) => {
    const email = `${local}@${domain}`;
    const word = more.replace(/[^a-z0-9]/g, '') || 'x';
    switch (how) {
      case 'prefix':
        // An address neither starts nor ends with a dot, and has no two dots in a row.
        return { email, other: `${word}${more}${local}@${domain}`.replace(/\.{2,}/g, '.') };
      case 'suffix':
        return { email, other: `${local}${more}${word}@${domain}` };
      case 'sub-address':
        return { email, other: `${local}+${word}@${domain}` };
      case 'longer domain':
        return { email, other: `${local}@${domain}${word}` };
      case 'sub-domain':
        return { email, other: `${local}@${domain}.${word}` };
      default:
        return how satisfies never;
    }
  });

export function erasureSuite(open: OpenStore): void {
  describe('forgetting', () => {
    const unicode = 'ann@bücher.example';
    const ascii = 'ann@xn--bcher-kva.example';
    test.each([
      [unicode, unicode],
      [unicode, ascii],
      [ascii, unicode],
    ])(
      'of %s, asked for as %s, finds an IDN domain in both forms, now and later',
      async (kept, asked) => {
        const store = await fresh(open);
        await add(store, 1, kept);
        expect(await forget(store, asked)).toMatchObject({ kind: 'erased' });
        expect(JSON.stringify(await shown(store, 1))).not.toMatch(/bücher|xn--bcher/i);
        for (const email of [unicode, ascii]) {
          expect(await store.wasWelcomedAndForgotten({ userId: user(9), email })).toBe(true);
        }
      },
    );

    test('erases everything about an address, and nothing about an address that contains it', async () => {
      await fc.assert(
        fc.asyncProperty(anyTwo, fc.boolean(), async ({ email, other }, isOtherWay) => {
          const [gone, kept] = isOtherWay ? [other, email] : [email, other];
          const store = await open();
          try {
            await add(store, 1, gone);
            await add(store, 2, kept);
            const before = await shown(store, 2);
            const result = await forget(store, gone);
            expect(result).toMatchObject({ kind: 'erased', isOverwritten: true });
            expect(await shown(store, 2)).toEqual(before);
            const left = await shown(store, 1);
            const text = JSON.stringify(left).toLowerCase();
            expect(text).not.toContain(gone);
            expect(left.member).toMatchObject({ member: { forgottenAt: now, email: null } });
            expect(left.unchecked).toMatchObject({
              member: { state: 'skipped', forgottenAt: now },
            });
            expect(left.bodies).toEqual(['', '']);
          } finally {
            await store.close();
          }
        }),
        { numRuns: 15 },
      );
    }, 120_000);

    test('anna@ does not erase johanna@, even if only a delivery contains that address', async () => {
      const store = await fresh(open);
      for (const [n, email] of [
        [1, 'anna@example.com'],
        [2, 'johanna@example.com'],
        [3, 'sales&anna@example.com'],
      ] as const) {
        const body = Buffer.from(JSON.stringify({ payload: { email } }));
        await store.acceptDelivery(delivery(n, { body }));
      }
      const found = await store.findPerson('Anna@Example.com', 0);
      expect(found).toMatchObject({ userIdsInDeliveries: [user(1)], usersNotFollowed: [user(1)] });
      await forget(store, 'anna@example.com');
      expect((await store.delivery(1))?.body.toString()).toBe('');
      expect((await store.delivery(2))?.body.toString()).toContain('johanna');
      expect((await store.delivery(3))?.body.toString()).toContain('anna');
      expect(await store.members([user(2), user(3)])).toEqual([]);
    });

    test.each([
      'anna@example.com',
      'ANNA@EXAMPLE.COM',
      '<anna@example.com>',
      "'anna@example.com'",
      'mailto:anna@example.com,',
      'Anna (anna@example.com).',
    ])('finds the address in the text %j', async (text) => {
      const store = await fresh(open);
      await store.openInvitation(draft('inv_1', { email: null, note: text }));
      await forget(store, 'anna@example.com');
      const note = (await store.invitation('inv_1'))?.note;
      expect(note?.toLowerCase()).not.toContain('anna@');
      expect(note).toContain('forgotten');
    });

    test.each(['jürgen@müller.example', 'anna+test@example.com', "o'hara@example.com"])(
      'finds %s in a body that escapes it, in upper and lower case',
      async (email) => {
        const store = await fresh(open);
        const escaped = JSON.stringify({ email: email.toUpperCase().normalize('NFD') }).replace(
          /[^\x20-\x7e]|[+']/g,
          (letter) => `\\u${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
        );
        await store.acceptDelivery(delivery(1, { body: Buffer.from(escaped) }));
        expect((await store.findPerson(email, 0)).usersNotFollowed).toEqual([user(1)]);
        await forget(store, email);
        expect((await store.delivery(1))?.body.toString()).toBe('');
      },
    );

    test('keeps the codes of timeline entries, but no reason with words of the portal or a mail server', async () => {
      const store = await fresh(open);
      const email = 'anna@example.com';
      await put(store, memberIn('sending', 1, { email }), {
        attempts: [begin('att_1')],
        entries: [
          { ...entry(), event: 'skipped', reason: { code: 'not_invited' } },
          {
            ...entry(),
            event: 'attempt_refused',
            reason: { code: 'mail_refused', reply: '550 x' },
          },
        ],
      });
      await store.commit(
        changeOf(
          { ...memberIn('failed', 1, { email }), version: 1 },
          { attempts: [end('att_1', 'refused')] },
        ),
      );
      await forget(store, email);
      const story = await store.memberStory(user(1));
      expect(story?.attempts).toMatchObject([{ outcome: 'refused', reason: null }]);
      expect(story?.timeline).toMatchObject([
        { event: 'skipped', reason: { code: 'not_invited' } },
        { event: 'attempt_refused', reason: { code: 'forgotten' } },
        { event: 'forgotten' },
      ]);
    });

    test('is stale and erases nothing if the person has changed since they were found', async () => {
      const store = await fresh(open);
      await put(store, memberIn('ready', 1, { email: 'anna@example.com' }));
      const given = { email: 'anna@example.com', userIdsInDeliveries: [], at: now };
      expect(await store.forget({ ...given, changes: [] })).toEqual({ kind: 'stale' });
      const old = changeOf({ ...memberIn('skipped', 1), version: 7 });
      expect(await store.forget({ ...given, changes: [old] })).toEqual({ kind: 'stale' });
      expect(await store.member(user(1))).toMatchObject({ email: 'anna@example.com' });
    });

    test('recognises a welcomed person by user id and by address', async () => {
      const store = await fresh(open);
      await put(store, memberIn('welcomed', 1, { email: 'Anna@Example.com' }));
      await put(store, memberIn('ready', 2, { email: 'bea@example.com' }));
      const was = (n: number, email: string) =>
        store.wasWelcomedAndForgotten({ userId: user(n), email });
      expect(await was(1, 'anna@example.com')).toBe(false);
      await forget(store, 'anna@example.com');
      await forget(store, 'bea@example.com');
      expect(await was(1, '')).toBe(true);
      expect(await was(9, normaliseEmail('ANNA@example.com'))).toBe(true);
      expect(await was(9, 'johanna@example.com')).toBe(false);
      expect(await was(2, 'bea@example.com')).toBe(false);
      expect(await store.isForgetKeyLost()).toBe(false);
    });
  });
}
