import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/postgres-store.ts';
import { joinPostgres } from '../../../src/store/postgres/replicas.ts';
import type { Lock, Store } from '../../../src/store/store.ts';
import { freshDatabase, hasPostgres } from '../../support/postgres.ts';
import { plannedVerbs } from '../planned-verbs.ts';
import { begin, changeOf, invite, memberIn, now, put } from '../support.ts';
import { placeAt, run } from './support.ts';

type Ran = { readonly text: string; readonly values: readonly unknown[] };

/** 100,000 rows: an invitation, member, attempt, entry and delivery for each person. */
const people = 20_000;
const fill = [
  `INSERT INTO docspace_welcome.invitations
    (id, employee_type, mode, email, email_key, search_text, stage, created_at, issued_at, furthest_step, status, current)
    SELECT 'filled_' || n, CASE n % 50 WHEN 0 THEN 'Guest' ELSE 'User' END, CASE n % 50 WHEN 1 THEN 'smtp' ELSE 'email' END,
      'p' || n || '@example.org', 'p' || n || '@example.org', 'p' || n || '@example.org', 'issued',
      ${now} - n * 1000, ${now} - n * 1000, 'welcomed',
      CASE n % 50 WHEN 2 THEN 'issued' WHEN 3 THEN 'expired' ELSE 'welcomed' END, true
    FROM generate_series(1, ${people}) n`,
  `INSERT INTO docspace_welcome.members (user_id, state, reason, version, invitation_id, accepted_by_operator,
      email, email_key, search_text, employee_type, invited_as, check_count, not_sent_count, hinted, sent_late, refused_by,
      registered_at, activated_at, welcomed_at)
    SELECT 'user-' || n, CASE n % 50 WHEN 4 THEN 'skipped' ELSE 'welcomed' END,
      CASE n % 50 WHEN 4 THEN '{"code": "deleted"}'::jsonb END, 3, 'filled_' || n, false,
      'p' || n || '@example.org', 'p' || n || '@example.org', 'p' || n || '@example.org', 'User', 'User', 1, 0, false, false, '[]',
      ${now} - n * 900, ${now} - n * 900, ${now} - n * 900
    FROM generate_series(1, ${people}) n`,
  `INSERT INTO docspace_welcome.attempts (id, member, channel, started_at, ended_at, outcome)
    SELECT 'filled_' || seq, seq, 'portal', welcomed_at, welcomed_at, 'sent'
    FROM docspace_welcome.members WHERE welcomed_at IS NOT NULL`,
  `INSERT INTO docspace_welcome.timeline (at, member, invitation_id, event, actor, cause)
    SELECT registered_at, seq, invitation_id, 'registered', '{"kind": "service"}', '{"kind": "command", "name": "retry"}'
    FROM docspace_welcome.members WHERE welcomed_at IS NOT NULL`,
  `INSERT INTO docspace_welcome.deliveries
    (received_at, webhook_id, event_id, created_on, trigger, user_id, shows, answer, body)
    SELECT ${now} - (${people} - n) * 900, 12, 1000000 + n, ${now}, 'user.updated', 'user-' || n, 'activated', 'accepted', ''
    FROM generate_series(1, ${people}) n`,
  'ANALYZE',
];

/** These count all rows, and are asked rarely. */
const readsEverything = ['counts', 'metrics'];
const largeTable = /Seq Scan on (invitations|members|attempts|timeline|deliveries)\b/;

describe.skipIf(!hasPostgres)('on PostgreSQL no statement reads a whole large table', () => {
  const ran: Ran[] = [];
  let url = '';
  let store: Store;
  let lock: Lock;
  let stopWatching = () => {};

  beforeAll(async () => {
    url = await freshDatabase();
    const place = placeAt(url);
    const joined = await joinPostgres(place, 'replica');
    lock = joined.lock;
    store = openPostgresStore({ ...joined, place, forgetKeyFile: null });
    await run(url, fill[0] ?? '', ...fill.slice(1));
    await invite(store, 'inv_1', { note: 'a note' });
    await invite(store, 'inv_2', { email: null });
    await invite(store, 'inv_3');
    await put(store, memberIn('ready', 1, { invitationId: 'inv_2', email: 'a@example.com' }));
    await put(store, memberIn('sending', 2), { attempts: [begin('att_1')] });
    const former = memberIn('ready', 4, { invitationId: 'inv_3', email: 'former@example.com' });
    const before = await put(store, former);
    await store.commit({ ...changeOf({ ...before, email: 'present@example.com' }), before });
    stopWatching = watchStatements(ran);
  }, 60_000);
  afterAll(async () => {
    stopWatching();
    await store.close();
    await lock.release();
  });

  /** The plan of each statement of `work`, behind its text. */
  async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
    ran.length = 0;
    await work();
    const statements = ran.filter(({ text }) =>
      /^\s*(select|insert|update|delete|with)/i.test(text),
    );
    const plans: string[] = [];
    const client = new pg.Client(url);
    await client.connect();
    for (const { text, values } of statements) {
      plans.push(`${text}\n${planIn(await client.query(`EXPLAIN ${text}`, [...values]))}`);
    }
    await client.end();
    return plans;
  }

  async function scansOf(work: () => Promise<unknown>): Promise<string[]> {
    return (await plansOf(work)).filter((plan) => largeTable.test(plan));
  }

  const { hot, lists } = plannedVerbs(() => store);
  const isAccount = ([name]: (typeof hot)[number]) => readsEverything.includes(name);
  const verbs = [...hot, ...lists].filter((verb) => !isAccount(verb));
  test.each(verbs)('%s', async (_, work) => {
    expect(await scansOf(work)).toEqual([]);
  });

  test.each(hot.filter(isAccount))('%s do, and this test sees it', async (_, work) => {
    expect(await scansOf(work)).not.toEqual([]);
  });

  test('the newest bodies of a user are read in their order, also if the table has many of each user', async () => {
    await run(
      url,
      `INSERT INTO docspace_welcome.deliveries
        (received_at, webhook_id, event_id, created_on, trigger, user_id, shows, answer, body)
        SELECT ${now}, 12, 2000000 + n, ${now}, 'user.updated', 'busy-' || n % 100, 'activated', 'accepted', ''
        FROM generate_series(1, ${people}) n`,
      'ANALYZE docspace_welcome.deliveries',
    );
    const [plan = ''] = await plansOf(() => store.deliveredAddresses('busy-1'));
    expect(plan).toContain('Index Scan Backward using deliveries_user on deliveries');
  });
});

test.skipIf(!hasPostgres)(
  'the plan that accepts deliveries finds each member by its index, even if it was made on an empty database',
  async () => {
    const url = await freshDatabase();
    const { lock } = await joinPostgres(placeAt(url), 'replica');
    onTestFinished(lock.release);
    const source = await run(url, `SELECT prosrc FROM pg_proc WHERE proname = 'accept_deliveries'`);
    const [, statement] = /\bBEGIN\b([^;]+);/.exec(source.rows[0].prosrc) ?? [];
    const types =
      'text, bigint[], bigint[], bigint[], bigint[], text[], text[], text[], int[], int[], bytea';
    const one = `'replica', '{1}', '{1}', '{1}', '{1}', '{user.created}', '{u}', '{activated}', '{1}', '{1}', 'a'`;
    const plan = await run(
      url,
      'SET plan_cache_mode = force_generic_plan',
      `PREPARE accept(${types}) AS ${statement}`,
      `EXPLAIN EXECUTE accept(${one})`,
    );
    expect(planIn(plan)).toContain('Index Scan using members_user_id_unique on members');
    expect(planIn(plan)).not.toContain('Seq Scan on members');
  },
);

function planIn({ rows }: pg.QueryResult): string {
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

/** Notes the statements of every connection of this process, with their values. */
function watchStatements(into: Ran[]): () => void {
  const { prototype } = pg.Client;
  const original = prototype.query;
  const watched = function (this: pg.Client, ...given: [unknown, unknown[]?]) {
    const [config, values = []] = given;
    const text = typeof config === 'string' ? config : (config as { text: string }).text;
    if (!text.startsWith('EXPLAIN')) into.push({ text, values });
    return Reflect.apply(original, this, given);
  };
  Object.assign(prototype, { query: watched });
  return () => Object.assign(prototype, { query: original });
}
