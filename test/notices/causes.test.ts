import { expect, test } from 'vitest';
import { type Member, newMember } from '../../src/domain/member.ts';
import { createHealth } from '../../src/health.ts';
import { createCauses } from '../../src/notices/causes.ts';
import type { Pause } from '../../src/onboarding/pauses.ts';
import type { ListedInvitation, StoreReads } from '../../src/store/store.ts';

const minuteMs = 60_000;

/** Everything that causes are read from, to be changed by a test. */
function stage() {
  const health = createHealth();
  for (const part of ['store', 'worker'] as const) health.set(part, 'ok', 'working');
  health.set('portal', 'ok', 'answers');
  health.set('webhook', 'ok', 'webhook_registered');
  const given = {
    now: 1_000_000,
    pauses: [] as Pause[],
    expiresAt: null as number | null,
    isSoon: false as boolean | null,
    members: [] as Member[],
    letters: [] as ListedInvitation[],
    health,
  };
  const listMembers: StoreReads['listMembers'] = async ({ state }) => {
    return { items: given.members.filter((one) => one.state === state), nextCursor: null };
  };
  const listInvitations: StoreReads['listInvitations'] = async ({ letter }) => {
    return { items: given.letters.filter((one) => one.letter === letter), nextCursor: null };
  };
  const causes = createCauses({
    reads: { listMembers, listInvitations },
    pauses: { current: () => given.pauses },
    keyExpiry: { expiresAt: () => given.expiresAt, isSoon: () => given.isSoon },
    health,
    clock: { now: () => given.now },
  });
  const tellFrom = async () => {
    const { present } = await causes.read();
    return Object.fromEntries(present.map((cause) => [cause.key, cause.tellFrom - 1_000_000]));
  };
  return { given, causes, tellFrom };
}

const letterIn = (letter: 'refused' | 'unknown', id: string): ListedInvitation => ({
  id,
  employeeType: 'Guest',
  mode: 'smtp',
  email: 'ann@example.com',
  note: null,
  stage: 'issued',
  reason: null,
  link: null,
  accountId: 'account',
  userId: null,
  createdAt: 1_000_000,
  issuedAt: 1_000_000,
  revokedAt: null,
  furthestStep: 'none',
  language: null,
  letter,
  letterDueAt: null,
  seq: 1,
  memberCounts: null,
});

const pause = (name: Pause['name'], reason: Pause['reason']): Pause => {
  return { name, reason, since: 1_000_000, until: null };
};

test('nothing needs attention while all is well', async () => {
  const { causes } = stage();
  expect(await causes.read()).toEqual({ present: [], notKnown: [] });
});

test('each cause has its time after which it is told', async () => {
  const { given, tellFrom } = stage();
  given.pauses = [
    pause('channel:smtp', { code: 'paused_by_operator' }),
    pause('operator', { code: 'paused_by_operator' }),
    pause('portal', { code: 'portal_timed_out' }),
  ];
  given.expiresAt = 9_000_000;
  given.isSoon = true;
  given.members = [
    { ...newMember('a'), state: 'failed' },
    { ...newMember('b'), state: 'unknown' },
    { ...newMember('c'), state: 'waiting' },
  ];
  given.letters = [letterIn('refused', 'inv_1'), letterIn('unknown', 'inv_2')];
  given.health.set('webhook', 'wrong', 'webhook_disabled');
  given.health.set('store', 'wrong', 'database_not_writable');
  const expected = {
    'failed:a': minuteMs,
    'unknown:b': minuteMs,
    'letter_refused:inv_1': minuteMs,
    'letter_unknown:inv_2': minuteMs,
    'channel:smtp': minuteMs,
    operator: 60 * minuteMs,
    portal: 15 * minuteMs,
    key_expires: minuteMs,
    'health:webhook': minuteMs,
    'health:store': minuteMs,
  };
  expect(await tellFrom()).toEqual(expected);
  given.now += 10 * minuteMs;
  expect(await tellFrom()).toEqual(expected);
});

test('a portal that refuses the key is told after a minute', async () => {
  const { given, tellFrom } = stage();
  given.pauses = [pause('portal', { code: 'portal_rejects_credentials' })];
  expect(await tellFrom()).toEqual({ 'portal:key': minuteMs });
});

test('a cause that was gone meanwhile has to last for its time again', async () => {
  const { given, tellFrom } = stage();
  given.health.set('worker', 'wrong', 'task_failed');
  await tellFrom();
  given.health.set('worker', 'ok', 'working');
  await tellFrom();
  given.now += 5 * minuteMs;
  given.health.set('worker', 'wrong', 'task_failed');
  expect(await tellFrom()).toEqual({ 'health:worker': 6 * minuteMs });
});

test('requests with a wrong signature cannot cause a notice, because anybody can send them', async () => {
  const { given, causes } = stage();
  given.health.set('webhook', 'warning', 'signature_wrong');
  expect((await causes.read()).present).toEqual([]);
});

test('before the portal was asked, nobody knows about the portal, the webhook and the key', async () => {
  const { given, causes } = stage();
  given.health.set('portal', 'warning', 'not_asked_yet');
  given.health.set('webhook', 'warning', 'no_delivery_yet');
  given.isSoon = null;
  const { notKnown } = await causes.read();
  expect(notKnown).toEqual(['portal', 'portal:key', 'health:webhook', 'key_expires']);
});
