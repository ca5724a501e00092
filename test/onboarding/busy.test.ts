import { expect, onTestFinished, test } from 'vitest';
import { prepareWelcome } from '../../src/channels/ingredients.ts';
import { systemClock } from '../../src/clock.ts';
import { openWorkshop } from '../../src/core.ts';
import { createNewId } from '../../src/ids.ts';
import { createLog } from '../../src/log.ts';
import { createSender } from '../../src/onboarding/sender.ts';
import { createWorker } from '../../src/onboarding/worker.ts';
import { openChannels } from '../../src/service.ts';
import { startPortal } from '../support/portal.ts';
import { until } from '../support/until.ts';
import { configFor, temporaryFolder } from '../support/world.ts';

test('while deliveries come fast all who are due are taken in hand, however long the first of them take', async () => {
  const portal = await startPortal({ keyCheck: 'any' });
  onTestFinished(() => portal.stop());
  const config = configFor(await temporaryFolder(), portal);
  const clock = systemClock;
  const newId = createNewId(clock.now);
  const log = createLog({ level: 'silent', write: () => {} });
  const opened = await openWorkshop(config, { clock, random: Math.random, newId, log }, () => {});
  const read = await prepareWelcome(config);
  if (opened.kind !== 'opened' || read.kind === 'faulty') throw new Error('nothing to work with');
  const { workshop } = opened;
  const channels = await openChannels({ config, prepared: read.prepared, workshop, clock });
  const sender = createSender({ ...workshop, channels, onUnknown: 'hold', clock, newId });
  const worker = createWorker({
    ...workshop,
    sender,
    // As if it were busy all the time.
    pace: {
      arrived: () => {},
      hintsAtATime: () => 25,
      looksAtATime: () => 2,
      restMs: () => 10,
    },
    audience: 'invited',
    concurrency: 8,
    clock,
    log,
  });
  onTestFinished(async () => {
    portal.control.release();
    await worker.stop(clock.now() + 2_000, workshop.client.close);
    await workshop.close();
  });

  const people = portal.control.seedPeople({ count: 8, email: (n) => `p${n}@example.com` });
  const source = { actor: 'portal', cause: 'delivery 1' } as const;
  for (const userId of people) {
    const facts = [{ kind: 'hinted', says: 'arrived', departure: false, source } as const];
    await workshop.recorder.record({ userId, member: null, facts, orNew: true });
  }
  const isLook = ({ path }: { path: string }) => path.includes('/portal/users/');
  portal.control.interfere({ on: isLook, act: { kind: 'hold' } });
  await worker.start();
  const held = () => portal.control.requests().filter((one) => isLook(one) && one.status === 0);
  await until('all of them are being asked about', () => held().length === people.length, 5_000);
  expect(held()).toHaveLength(people.length);
});
