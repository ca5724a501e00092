import { describe, expect, test } from 'vitest';
import { type Store, StoreUnavailable } from '../../../src/store/store.ts';
import { canStartPostgres, startPair } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { begin, changeOf, delivery, memberIn, now, put, stored, user } from '../support.ts';
import { openStore, run } from './support.ts';

const backAfterMs = 10_000;
/** The beats of half a minute, in which every replica has had the time to look for its commits. */
const beats = Array.from({ length: 31 });
const guard = { maxPerHour: 100 };

const isBack = (store: Store) =>
  until(
    'the store works again',
    () =>
      store.probe().then(
        () => true,
        () => false,
      ),
    backAfterMs,
  );

async function welcome(store: Store, n: number, attempt: string): Promise<string> {
  const member = await stored(store, user(n));
  const next = { ...member, state: 'sending' } as const;
  return store.commit(changeOf(next, { attempts: [begin(attempt)] }), guard);
}
const mail = (store: Store) =>
  store.beginLetter({
    invitationId: 'inv_1',
    attempt: { id: 'let_1', kind: 'invitation', number: 0, leaseUntil: now },
    freshLink: null,
    remindAfterMs: [],
    at: now,
  });

const pausesOf = async (store: Store) => (await store.pauses()).map(({ name }) => name);
const beat = (store: Store) => store.replication?.beat([]);

describe.runIf(canStartPostgres)('a standby takes over', () => {
  test('with every commit: sending goes on when all replicas have found theirs', async () => {
    const pair = await startPair();
    const [one, other] = [await openStore(pair.url), await openStore(pair.url)];
    await put(one, memberIn('ready', 1));
    await pair.cutOff();
    await pair.failOver();
    await Promise.all([isBack(one), isBack(other)]);
    await beat(one);
    expect(await welcome(one, 1, 'a')).toBe('held');
    await expect(mail(one)).rejects.toThrow(StoreUnavailable);
    await beat(other);
    expect(await mail(one)).toBeNull();
    expect(await welcome(one, 1, 'a')).toBe('committed');
    expect(await pausesOf(one)).toEqual([]);
  });

  test('without the welcome of a replica that was lost with the server: nobody is welcomed again', async () => {
    const pair = await startPair();
    const [lost, left] = [await openStore(pair.url), await openStore(pair.url)];
    await put(lost, memberIn('ready', 1));
    await pair.cutOff();
    expect(await welcome(lost, 1, 'a')).toBe('committed');
    await pair.failOver();
    await isBack(left);
    expect(await stored(left, user(1))).toMatchObject({ state: 'ready' });
    expect(await welcome(left, 1, 'b')).toBe('held');
    await beat(left);
    expect(await pausesOf(left)).toEqual([]);
    expect(await welcome(left, 1, 'b')).toBe('held');
    for (const _ of beats) await beat(left);
    expect(await pausesOf(left)).toEqual(['restored']);
    expect(await welcome(left, 1, 'b')).toBe('held');
    await expect(mail(left)).rejects.toThrow(StoreUnavailable);
    await left.liftPauses();
    expect(await welcome(left, 1, 'b')).toBe('committed');
  });

  test('without the commits of a replica that still runs: it says so, and nobody is welcomed', async () => {
    const pair = await startPair();
    const [one, other] = [await openStore(pair.url), await openStore(pair.url)];
    await put(one, memberIn('ready', 1));
    await pair.cutOff();
    expect(await welcome(one, 1, 'a')).toBe('committed');
    await pair.failOver();
    await isBack(other);
    await Promise.all([beat(one), beat(other)]);
    expect(await welcome(other, 1, 'b')).toBe('held');
    await isBack(one);
    expect(await pausesOf(other)).toEqual(['restored']);
  });

  test('that every commit waited for: a lost replica is no reason to pause', async () => {
    const pair = await startPair();
    await run(
      pair.primary.url,
      "ALTER SYSTEM SET synchronous_standby_names = '*'",
      'SELECT pg_reload_conf()',
    );
    const [lost, left] = [await openStore(pair.url), await openStore(pair.url)];
    await put(lost, memberIn('ready', 1));
    await Promise.all([beat(lost), beat(left)]);
    await pair.failOver();
    await isBack(left);
    await beat(left);
    expect(await welcome(left, 1, 'b')).toBe('committed');
    expect(await pausesOf(left)).toEqual([]);
  });

  test('while no replica runs: the next start is paused at once', async () => {
    const pair = await startPair();
    await (await openStore(pair.url)).close();
    await pair.cutOff();
    await pair.failOver();
    expect(await pausesOf(await openStore(pair.url))).toEqual(['restored']);
  });

  test('while the replica that had sent a welcome stops: nobody is welcomed again', async () => {
    const pair = await startPair();
    const [stopping, left] = [await openStore(pair.url), await openStore(pair.url)];
    await put(stopping, memberIn('ready', 1));
    await pair.cutOff();
    expect(await welcome(stopping, 1, 'a')).toBe('committed');
    await pair.failOver();
    await isBack(left);
    await stopping.close();
    await beat(left);
    expect(await welcome(left, 1, 'b')).toBe('held');
    for (const _ of beats) await beat(left);
    expect(await pausesOf(left)).toEqual(['restored']);
  });

  test('that lacks a replica which had just started: nobody is welcomed again', async () => {
    const pair = await startPair();
    const left = await openStore(pair.url);
    await put(left, memberIn('ready', 1));
    await pair.cutOff();
    const lost = await openStore(pair.url);
    expect(await welcome(lost, 1, 'a')).toBe('committed');
    await beat(left);
    await pair.failOver();
    await isBack(left);
    await beat(left);
    expect(await welcome(left, 1, 'b')).toBe('held');
  });

  test('without the last delivery: after "resume" the next delivery does not pause again', async () => {
    const pair = await startPair();
    const store = await openStore(pair.url);
    await store.probe();
    await store.acceptDelivery(delivery(1));
    await pair.cutOff();
    await store.acceptDelivery(delivery(2));
    await pair.failOver();
    await isBack(store);
    for (const _ of beats) await beat(store);
    expect(await pausesOf(store)).toEqual(['restored']);
    await store.liftPauses();
    await store.acceptDelivery(delivery(3));
    expect(await pausesOf(store)).toEqual([]);
  });
});
