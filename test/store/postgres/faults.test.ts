import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decide } from '../../../src/domain/decide.ts';
import { operator } from '../../../src/domain/timeline.ts';
import { createLog } from '../../../src/log.ts';
import { createForgetter } from '../../../src/operations/forget.ts';
import { openPostgresReads } from '../../../src/store/postgres/postgres-store.ts';
import { joinPostgres } from '../../../src/store/postgres/replicas.ts';
import { type Store, StoreUnavailable } from '../../../src/store/store.ts';
import {
  canStartPostgres,
  cuttableProxy,
  freshDatabase,
  hasPostgres,
  startPostgres,
} from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import {
  apply,
  begin,
  changeOf,
  delivery,
  draft,
  end,
  entry,
  labelOf,
  memberIn,
  now,
  put,
  settle,
  stored,
  user,
} from '../support.ts';
import { openStore, placeAt, run, within } from './support.ts';

const backAfterMs = 5_000;

async function repeatsOf(store: Store): Promise<number[]> {
  const { items } = await store.listDeliveries({}, { limit: 100 });
  return items.map((one) => one.repeats);
}

/** Whether the store reads and writes. Another error than `StoreUnavailable` fails the test. */
async function works(store: Store): Promise<boolean> {
  const tried = await Promise.allSettled([store.probe(), store.member(user(1))]);
  for (const one of tried) {
    if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(StoreUnavailable);
  }
  return tried.every((one) => one.status === 'fulfilled');
}

const isBack = (store: Store) => until('the store works again', () => works(store), backAfterMs);

/** A part of the statement that notes a batch: it is sent together with COMMIT. */
const commit = 'WITH noted AS';
/** The statement that stores deliveries commits itself. */
const intake = 'accept_deliveries';
/** A part of a statement before it, in a transaction of several statements. */
const earlier = '"timeline" (at';

describe.skipIf(!hasPostgres)('an answer of the database that is lost', () => {
  test('after the commit of deliveries: each is accepted, and none counts as repeated', async () => {
    const proxy = await cuttableProxy(await freshDatabase());
    const store = await openStore(proxy.url);
    await store.acceptDelivery(delivery(9));
    proxy.cutAnswers(1, intake);
    const three = [1, 2, 9].map((n) => store.acceptDelivery(delivery(n)));
    expect(await within(backAfterMs, 'the answers', Promise.all(three))).toEqual([
      'accepted',
      'accepted',
      'duplicate',
    ]);
    expect(proxy.cuts()).toBe(1);
    expect(await repeatsOf(store)).toEqual([0, 0, 1]);
    expect((await store.unappliedDeliveries(10)).deliveries).toHaveLength(3);
  });

  test('after the commit that begins an attempt: the attempt begins once', async () => {
    const proxy = await cuttableProxy(await freshDatabase());
    const store = await openStore(proxy.url);
    const ready = await put(store, memberIn('ready', 1));
    proxy.cutAnswers(1, commit);
    const change = changeOf({ ...ready, state: 'sending' }, { attempts: [begin('one')] });
    expect(await within(backAfterMs, 'the answer', store.commit(change))).toBe('committed');
    expect(proxy.cuts()).toBe(1);
    expect(await store.commit(change)).toBe('stale');
    const story = await store.memberStory(user(1));
    expect(story?.attempts).toMatchObject([{ id: 'one', outcome: null }]);
    expect(story?.member.version).toBe(2);
    const sending = await stored(store, user(1));
    const sent = { attempts: [end('one', 'sent')] };
    expect(await store.commit(changeOf({ ...sending, state: 'welcomed' }, sent))).toBe('committed');
  });

  test('after the commit of a claim: the member is in hand, and nobody else gets it', async () => {
    const proxy = await cuttableProxy(await freshDatabase());
    const store = await openStore(proxy.url);
    await put(store, memberIn('ready', 1));
    proxy.cutAnswers(1, commit);
    const claim = { now, leaseUntil: now + 60_000, limit: 10, maySend: true };
    const claimed = await within(backAfterMs, 'the answer', store.claimDue(claim));
    expect(proxy.cuts()).toBe(1);
    expect(claimed).toEqual([await stored(store, user(1))]);
    expect(await store.claimDue(claim)).toEqual([]);
  });

  test('before the commit: the store repeats the writes, once each', async () => {
    const proxy = await cuttableProxy(await freshDatabase());
    const store = await openStore(proxy.url);
    const ready = await put(store, memberIn('ready', 1));
    const begun = { attempts: [begin('one')], entries: [entry('begun')] };
    const change = changeOf({ ...ready, state: 'sending' }, begun);
    const keep = () => store.keepUnreadable(Buffer.from('?'), { code: 'not_json' }, now);
    proxy.cutAnswers(1, earlier);
    const both = [keep(), store.commit(change)];
    const answers = await within(backAfterMs, 'the answers', Promise.all(both));
    expect(answers[1]).toBe('committed');
    expect(proxy.cuts()).toBe(1);
    expect(await repeatsOf(store)).toEqual([0]);
    expect(await stored(store, user(1))).toMatchObject({ version: ready.version + 1 });
    expect((await store.memberStory(user(1)))?.timeline.map(labelOf)).toEqual(['begun']);
  });

  test('many times under load: no delivery is lost, and none counts as repeated without a repeat', async () => {
    const proxy = await cuttableProxy(await freshDatabase());
    const store = await openStore(proxy.url);
    for (let round = 0; round < 12; round += 1) {
      proxy.cutAnswers(1, intake);
      const all = [1, 2, 3].map((n) => store.acceptDelivery(delivery(10 * round + n)));
      expect(new Set(await within(backAfterMs, 'the answers', Promise.all(all)))).toEqual(
        new Set(['accepted']),
      );
    }
    expect(proxy.cuts()).toBe(12);
    expect(await repeatsOf(store)).toEqual(Array(36).fill(0));
  });

  test('at any place, and when the new connection is lost too: a retry ends well, and nothing is written twice', async () => {
    const proxy = await cuttableProxy(await freshDatabase());
    const store = await openStore(proxy.url);
    const places = [commit, earlier, 'BEGIN', 'insert into', 'for update', ''];
    for (const [round, place] of [...places, ...places].entries()) {
      proxy.cutAnswers(round < places.length ? 1 : 3, place);
      const work = async () => {
        const before = await store.member(user(1));
        const change = changeOf(memberIn('ready', 1, { ...before, checkCount: round }), {
          madeOn: before?.version ?? null,
          entries: [entry(`round ${round}`)],
        });
        await store.acceptDelivery(delivery(round));
        await store.commit(change);
        return true;
      };
      const orRefused = (error: unknown) => {
        expect(error).toBeInstanceOf(StoreUnavailable);
        return false;
      };
      await until('a retry succeeds', () => work().catch(orRefused), backAfterMs);
      proxy.cutAnswers(0);
      const story = await store.memberStory(user(1));
      const labels = story?.timeline.map(labelOf) ?? [];
      expect(labels).toContain(`round ${round}`);
      expect(story?.member).toMatchObject({ checkCount: round, version: labels.length });
    }
    expect(await repeatsOf(store)).toHaveLength(2 * places.length);
  });
});

describe.skipIf(!canStartPostgres)('a server of its own', () => {
  test('that restarts under load, or ends all sessions, loses nothing that was acknowledged', async () => {
    const server = await startPostgres({ fsync: true });
    const url = await freshDatabase({ server: server.url });
    const store = await openStore(url);
    const endSessions = () =>
      run(
        url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE pid <> pg_backend_pid() AND datname = current_database() AND usename = current_user`,
      );
    const acknowledged: number[] = [];
    let eventId = 0;
    for (const disturb of [
      () => server.restart('fast'),
      () => server.restart('immediate'),
      endSessions,
      endSessions,
    ]) {
      let isDone = false;
      const load = (async () => {
        while (!isDone) {
          eventId += 1;
          const id = eventId;
          const [accepted, read] = await Promise.allSettled([
            store.acceptDelivery(delivery(id)),
            store.member(user(1)),
          ]);
          for (const one of [accepted, read]) {
            if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(StoreUnavailable);
          }
          if (accepted.status === 'fulfilled') acknowledged.push(id);
        }
      })();
      await disturb();
      await isBack(store);
      isDone = true;
      await within(backAfterMs, 'the last delivery', load);
    }
    expect(acknowledged.length).toBeGreaterThan(10);
    const rows = await run(url, 'SELECT event_id FROM docspace_welcome.deliveries');
    const kept = new Set(rows.rows.map((row) => Number(row.event_id)));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  }, 40_000);

  test('that is away refuses reads and writes, and the store closes without it', async () => {
    const server = await startPostgres();
    const url = await freshDatabase({ server: server.url });
    const [store, other] = [await openStore(url), openPostgresReads(placeAt(url))];
    await put(store, memberIn('ready', 1));
    await other.member(user(1));
    await server.stop('fast');
    const refused = expect.any(StoreUnavailable);
    for (let time = 0; time < 3; time += 1) {
      const tried = [
        store.acceptDelivery(delivery(1)),
        store.commit(changeOf(memberIn('ready', 2))),
        store.claimDue({ now, leaseUntil: now + 1, limit: 1, maySend: true }),
        store.member(user(1)),
        store.pauses(),
        other.member(user(1)),
      ];
      for (const one of await within(backAfterMs, 'refusals', Promise.allSettled(tried))) {
        expect(one).toMatchObject({ reason: refused });
      }
    }
    await expect(joinPostgres(placeAt(url), 'another')).rejects.toBeInstanceOf(StoreUnavailable);
    await within(3_000, 'the stores close', Promise.all([store.close(), other.close()]));
  });
});

describe.skipIf(!hasPostgres)('a transaction that accepts deliveries and does not end', () => {
  test('may still add text about a forgotten person, and the result of forgetting says so', async () => {
    const url = await freshDatabase();
    const store = await openStore(url, join(await temporaryFolder(), 'forget-key'));
    const forget = () =>
      store.forget({ email: 'a@example.com', userIdsInDeliveries: [], changes: [], at: now });
    const writing = new pg.Client({ connectionString: url });
    await writing.connect();
    try {
      await writing.query('BEGIN');
      await writing.query('LOCK TABLE docspace_welcome.deliveries IN ROW EXCLUSIVE MODE');
      expect(await forget()).toMatchObject({ kind: 'erased', isOverwritten: false });
    } finally {
      await writing.end();
    }
    expect(await forget()).toMatchObject({ kind: 'erased', isOverwritten: true });
  });

  const email = 'anna@example.com';
  const bodyWith = (address: string) =>
    Buffer.from(JSON.stringify({ payload: { firstName: 'Anna', email: address } }));

  /** Opens a store with one person, and a transaction that has stored a delivery and does not end. */
  async function openWithLate(late: { readonly userId: string; readonly address: string }) {
    const url = await freshDatabase();
    const store = await openStore(url, join(await temporaryFolder(), 'forget-key'));
    await put(store, memberIn('ready', 1, { email }));
    const writing = new pg.Client({ connectionString: url });
    await writing.connect();
    onTestFinished(() => writing.end());
    await writing.query('BEGIN');
    const { rows } = await writing.query(
      `INSERT INTO docspace_welcome.deliveries (user_id, event_id, trigger, answer, received_at, body, repeats)
       VALUES ($1, 1000, 'user.updated', 'accepted', $2, $3, 0) RETURNING id`,
      [late.userId, now, bodyWith(late.address)],
    );
    // Later deliveries have higher ids, and are stored already.
    await store.acceptDelivery(delivery(2, { userId: user(2), body: bodyWith(email) }));
    return {
      store,
      forgetterWith: (changed: Partial<Store> = {}) =>
        createForgetter({
          store: { ...store, ...changed },
          now: () => now,
          log: createLog({ level: 'silent', write: () => {} }),
        }),
      end: () => writing.query('COMMIT'),
      lateBody: async () => (await store.delivery(Number(rows[0].id)))?.body.toString(),
    };
  }

  test('leaves no text about a forgotten person if it ends before a later round of forgetting', async () => {
    const { store, forgetterWith, end, lateBody } = await openWithLate({
      userId: user(1),
      address: email,
    });
    const rounds: boolean[] = [];
    const forgetter = forgetterWith({
      async forget(erasure) {
        const result = await store.forget(erasure);
        if (result.kind === 'erased') rounds.push(result.isOverwritten);
        if (rounds.length === 1) {
          await store.acceptDelivery(delivery(3, { userId: user(3), body: bodyWith(email) }));
          await end();
        }
        return result;
      },
    });
    expect(await forgetter.forget(email)).toMatchObject({ isOverwritten: true });
    expect(rounds).toEqual([false, true]);
    expect(await lateBody()).toBe('');
  });

  test.each(['before the person is forgotten again', 'while the person is forgotten again'])(
    'leaves no text about a forgotten person who had another address, if it ends %s',
    async (moment) => {
      const { store, forgetterWith, end, lateBody } = await openWithLate({
        userId: user(1),
        address: 'former@example.com',
      });
      expect(await forgetterWith().forget(email)).toMatchObject({ isOverwritten: false });
      if (moment.startsWith('before')) await end();
      const again = forgetterWith({
        async forget(erasure) {
          await end();
          return store.forget(erasure);
        },
      });
      expect(await again.forget(email)).toMatchObject({ isOverwritten: true });
      expect(await lateBody()).toBe('');
    },
  );

  test('leaves no text about the forgotten person in a delivery about a user whom nobody knew', async () => {
    const { store, forgetterWith, end, lateBody } = await openWithLate({
      userId: user(5),
      address: email,
    });
    const forgetter = forgetterWith({
      async forget(erasure) {
        await end();
        return store.forget(erasure);
      },
    });
    expect(await forgetter.forget(email)).toMatchObject({ isOverwritten: true });
    expect(await lateBody()).toBe('');
    expect(await store.member(user(5))).toMatchObject({ forgottenAt: now });
  });
});

describe.skipIf(!hasPostgres)('a connection on which nothing passes any more', () => {
  test('refuses reads and writes after the time-out, is replaced later, and lets the store close', async () => {
    const proxy = await cuttableProxy(`${await freshDatabase()}?query_timeout=1000`);
    const store = await openStore(proxy.url);
    await store.probe();
    await store.member(user(1));
    proxy.swallow();
    const tried = [store.acceptDelivery(delivery(1)), store.member(user(1))];
    // The statement, and then a new connection, run into their time-outs.
    for (const one of await within(8_000, 'refusals', Promise.allSettled(tried))) {
      expect(one).toMatchObject({ reason: expect.any(StoreUnavailable) });
    }
    proxy.heal();
    await isBack(store);
    expect(await store.acceptDelivery(delivery(1))).toBe('accepted');
    proxy.swallow();
    await within(8_000, 'the store closes', store.close());
  }, 30_000);
});

describe.skipIf(!hasPostgres)('a database that has become read-only', () => {
  test('refuses writes and serves reads, opens no session for ever, and is used again later', async () => {
    const url = await freshDatabase();
    const name = new URL(url).pathname.slice(1);
    const endOthers = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE pid <> pg_backend_pid() AND datname = current_database() AND usename = current_user`;
    const store = await openStore(url);
    await put(store, memberIn('ready', 1));
    await run(url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`, endOthers);
    await until('reads work', () => store.member(user(1)).catch(() => null), backAfterMs);
    for (let time = 0; time < 30; time += 1) {
      await expect(store.acceptDelivery(delivery(1))).rejects.toBeInstanceOf(StoreUnavailable);
    }
    expect(await store.member(user(1))).toMatchObject({ state: 'ready' });
    await expect(joinPostgres(placeAt(url), 'another')).rejects.toBeInstanceOf(StoreUnavailable);
    const sessions = await run(
      url,
      'SELECT FROM pg_stat_activity WHERE datname = current_database()',
    );
    // Four for reads, two for writes, one for the lock, and this one.
    expect(sessions.rowCount).toBeLessThanOrEqual(8);
    await run(
      url,
      'SET default_transaction_read_only = off',
      `ALTER DATABASE ${name} RESET default_transaction_read_only`,
    );
    await isBack(store);
    expect(await store.acceptDelivery(delivery(1))).toBe('accepted');
  });
});

describe.skipIf(!hasPostgres)('a database whose transactions are serializable by default', () => {
  test('fails no beat, no command and no delivery: each is repeated after a collision', async () => {
    const url = await freshDatabase();
    const name = new URL(url).pathname.slice(1);
    await run(url, `ALTER DATABASE ${name} SET default_transaction_isolation = serializable`);
    const store = await openStore(url);
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    onTestFinished(() => other.end());
    const isWaiting = `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    for (const [table, work] of [
      ['replicas', () => store.replication?.beat([])],
      ['control', () => store.replication?.hurry()],
      ['replicas', () => store.acceptDelivery(delivery(1))],
    ] as const) {
      await other.query('BEGIN');
      await other.query(`UPDATE docspace_welcome.${table} SET id = id`);
      const working = Promise.resolve(work());
      await until('it waits', async () => ((await run(url, isWaiting)).rowCount ?? 0) > 0);
      await other.query('COMMIT');
      await within(backAfterMs, 'it ends', working);
    }
    expect(await store.replication?.beat([])).toMatchObject({ hurried: 1, pauses: [] });
    expect(await repeatsOf(store)).toEqual([0]);
  });
});

describe.skipIf(!hasPostgres)('texts that PostgreSQL refuses', () => {
  const nul = 'An\0na';
  const halves = '\ud83d Ber\udc00g';

  test('in the names of a person do not stop this person: everything works, also to forget them', async () => {
    const folder = await temporaryFolder();
    const store = await openStore(await freshDatabase(), join(folder, 'forget-key'));
    const eventId = 2 ** 31 + 5;
    const email = 'anna@example.com';
    const body = Buffer.from(JSON.stringify({ payload: { id: user(1), email, name: nul } }));
    const given = delivery(eventId, { userId: user(1), webhookId: 2 ** 40, body });
    expect(await store.acceptDelivery(given)).toBe('accepted');
    expect(await store.acceptDelivery(given)).toBe('duplicate');
    await store.openInvitation(draft('inv', { email, note: `${nul} ${halves}` }));
    await settle(store, 'inv', `https://portal.example/${nul}`);
    const names = { email, firstName: nul, lastName: halves, invitationId: 'inv' };
    const reason = { code: 'mail_refused', reply: `550 ${nul} ${halves}` } as const;
    await put(store, memberIn('failed', 1, { ...names, reason }), {
      attempts: [begin('one'), { ...end('one', 'refused'), reason } as never],
    });
    const [unapplied] = (await store.unappliedDeliveries(10)).deliveries;
    expect(await apply(store, [], [unapplied?.id ?? 0])).toBe('all');

    const page = { limit: 10 };
    expect((await store.listDeliveries({ userId: user(1) }, page)).items).toMatchObject([
      { eventId, repeats: 1, webhookId: 2 ** 40 },
    ]);
    for (const q of ['Anna', '\ufffd Ber\ufffdg', halves, email]) {
      const { items } = await store.listMembers({ q }, page);
      expect(items.map((one) => one.firstName)).toEqual(['Anna']);
    }
    expect((await store.listInvitations({ q: 'Anna' }, page, now)).items).toHaveLength(1);
    for (const text of [nul, '\0', halves]) {
      await store.listMembers({ q: text, email: text }, page);
      await store.listInvitations({ q: text, email: text }, page, now);
      await store.listDeliveries({ userId: text }, page);
      await store.findPerson(`${text}@example.com`, 0);
      expect(await store.member(text)).toBeNull();
      expect(await store.members([text])).toEqual([]);
      expect(await store.memberStory(text)).toBeNull();
      expect(await store.invitation(text)).toBeNull();
      await store.setValue('account_ids', text);
      await store.keepUnreadable(Buffer.from(text), { code: 'not_json' }, now);
      const request = { key: text, request: text, at: now, answeredSince: 0, begunSince: 0 };
      await store.beginIdempotent(request);
      await store.completeIdempotent(text, { status: 201, body: text });
      await store.beginIdempotent(request);
    }
    expect(await store.acceptDelivery(delivery(7, { userId: nul }))).toBe('accepted');

    const found = await store.findPerson(email, 0);
    const source = { actor: operator, cause: { kind: 'command', name: 'forget' } } as const;
    const changes = found.members.flatMap((member) => {
      const decision = decide(member, { kind: 'forgotten', source }, now);
      if (decision.kind !== 'changed') return [];
      return [changeOf(decision.member, { entries: decision.entries })];
    });
    const { userIdsInDeliveries } = found;
    const erased = await store.forget({ email, userIdsInDeliveries, changes, at: now });
    expect(erased).toMatchObject({ kind: 'erased' });
    expect((await store.listMembers({ q: 'Anna' }, page)).items).toEqual([]);
  });
});

describe.skipIf(!hasPostgres)('a server', () => {
  test('whose disk is full refuses what it cannot keep, and keeps it when there is room again', async () => {
    const url = await freshDatabase();
    const store = await openStore(url);
    // A full disk fails in the same statement, with the same code.
    await run(
      url,
      `CREATE FUNCTION docspace_welcome.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
       END $$`,
      `CREATE TRIGGER full_disk BEFORE INSERT ON docspace_welcome.deliveries
         EXECUTE FUNCTION docspace_welcome.full_disk()`,
    );
    const given = [1, 2, 1].map((n) => store.acceptDelivery(delivery(n)));
    for (const one of await Promise.allSettled(given)) {
      expect(one).toMatchObject({ reason: expect.any(StoreUnavailable) });
    }
    await run(url, 'DROP TRIGGER full_disk ON docspace_welcome.deliveries');
    expect(await store.acceptDelivery(delivery(1))).toBe('accepted');
    expect(await repeatsOf(store)).toEqual([0]);
  });

  test('that has no connection left is used again when it has one', async () => {
    const url = await freshDatabase();
    const store = await openStore(url);
    await store.probe();
    const name = new URL(url).pathname.slice(1);
    await run(
      url,
      `ALTER DATABASE ${name} CONNECTION LIMIT 0`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user`,
    );
    await until('the store is refused', async () => !(await works(store)), backAfterMs);
    expect(await works(store)).toBe(false);
    const other = new URL(url);
    other.pathname = '/postgres';
    await run(other.href, `ALTER DATABASE ${name} CONNECTION LIMIT -1`);
    await isBack(store);
  });
});
