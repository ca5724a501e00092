import { expect, onTestFinished, test } from 'vitest';
import { createNewId } from '../../src/ids.ts';
import { createLog } from '../../src/log.ts';
import { createAttempts } from '../../src/onboarding/attempts.ts';
import { createProcessMember } from '../../src/onboarding/process-member.ts';
import type { Recorder } from '../../src/onboarding/recorder.ts';
import { openCore } from '../../src/service.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { memberIn, put } from '../store/support.ts';
import { createMovableClock } from '../support/clock.ts';
import { startPortal } from '../support/portal.ts';
import { configFor, temporaryFolder } from '../support/world.ts';

/** A service whose only channel was paused, so that the next attempt tests it. */
async function openWithUntestedChannel(replaced: (recorder: Recorder) => Partial<Recorder>) {
  const portal = await startPortal({ keyCheck: 'any' });
  onTestFinished(() => portal.stop());
  const clock = createMovableClock();
  const newId = createNewId(clock.now);
  const log = createLog({ level: 'silent', write: () => {} });
  const config = configFor(await temporaryFolder(), portal);
  const opened = await openCore(config, { clock, random: Math.random, newId, log });
  if (opened.kind !== 'opened') throw new Error(`the core is ${opened.kind}`);
  const { core } = opened;
  onTestFinished(() => core.close());
  const recorder = { ...core.recorder, ...replaced(core.recorder) };
  const attempts = createAttempts({ ...core, recorder, onUnknown: 'hold', clock, newId });
  const processMember = createProcessMember({
    ...core,
    recorder,
    attempts,
    audience: 'invited',
    baselinePending: 'skip',
    maxPerHour: 100,
    concurrency: () => 1,
    clock,
    log,
    isStopping: () => false,
  });
  const { pauses, store } = core;
  const reason = { code: 'channel_refuses', channel: 'docspace', cause: { code: 'portal_unwell' } };
  pauses.pauseChannel('docspace', reason as Parameters<typeof pauses.pauseChannel>[1], clock.now());
  pauses.liftExpired();
  return { portal, clock, pauses, store, processMember };
}

test('a person who is only checked does not take the place of the test of a paused channel', async () => {
  const pausedMeanwhile: string[] = [];
  const note = <T>(result: T): T => {
    pausedMeanwhile.push(...world.pauses.current().map(({ name }) => name));
    return result;
  };
  const world = await openWithUntestedChannel((recorder) => ({
    record: (given) => note(recorder.record(given)),
    recordBegin: (given, guard) => note(recorder.recordBegin(given, guard)),
  }));
  const [userId = ''] = world.portal.control.seedPeople({ count: 1 });
  await world.processMember(await put(world.store, { ...memberIn('waiting', 1), userId }));
  expect(await world.store.member(userId)).toMatchObject({ state: 'skipped' });
  expect(pausedMeanwhile).toEqual([]);
});

test.each<[string, Recorder['recordBegin']]>([
  ['is held by another replica’s pause', async () => ({ kind: 'held' })],
  ['comes too late, because the person was forgotten', async () => ({ kind: 'no_such_member' })],
  [
    'cannot be stored',
    async () => {
      throw new StoreUnavailable('the disk is full');
    },
  ],
])('if the attempt that tests a channel %s, the next attempt tests it', async (_says, begin) => {
  const world = await openWithUntestedChannel(() => ({ recordBegin: begin }));
  const { clock, pauses, processMember, store } = world;
  const now = clock.now();
  const ready = memberIn('ready', 1, { email: 'ann@example.com', confirmedAt: now, dueAt: now });
  await processMember(await put(store, ready)).catch((error) => {
    expect(error).toBeInstanceOf(StoreUnavailable);
  });
  expect(pauses.current()).toEqual([]);
  expect(pauses.beginTest('docspace')).toBe(true);
});
