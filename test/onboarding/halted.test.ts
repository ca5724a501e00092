import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { attemptLeaseMs } from '../../src/domain/attempt-limits.ts';
import { createNewId } from '../../src/ids.ts';
import { createLog } from '../../src/log.ts';
import { createAttempts } from '../../src/onboarding/attempts.ts';
import { openCore } from '../../src/service.ts';
import { memberIn } from '../store/support.ts';
import { databaseSettings } from '../support/database.ts';
import { startPortal } from '../support/portal.ts';
import { configFor, temporaryFolder } from '../support/world.ts';

// With WELCOME_ON_UNKNOWN=resend a process that was stopped here sent every welcome a second time.
test.each([
  ['for longer than half of its lease', attemptLeaseMs * 0.6, 0],
  ['for a moment', 1_000, 1],
])(
  'a process that was halted %s between the beginning of an attempt and its request',
  async (_says, haltedMs, greetings) => {
    const portal = await startPortal({ keyCheck: 'any' });
    onTestFinished(() => portal.stop());
    let haltMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + haltMs };
    const newId = createNewId(clock.now);
    const log = createLog({ level: 'silent', write: () => {} });
    const folder = await temporaryFolder();
    const database = await databaseSettings(folder);
    const config = configFor(folder, portal, { ...database, WELCOME_ON_UNKNOWN: 'resend' });
    const opened = await openCore(config, { clock, random: Math.random, newId, log });
    if (opened.kind !== 'opened') throw new Error(`the core is ${opened.kind}`);
    const { core } = opened;
    onTestFinished(() => core.close());
    const attempts = createAttempts({ ...core, onUnknown: 'resend', clock, newId });
    const [userId = ''] = portal.control.seedPeople({ count: 1, email: () => 'ann@example.com' });
    const now = clock.now();
    const ready = {
      ...memberIn('ready', 1),
      userId,
      email: 'ann@example.com',
      activatedAt: now,
      confirmedAt: now,
      dueAt: now,
    };
    await core.store.commit({ member: ready, madeOn: null, entries: [], attempts: [], at: now });
    const claim = attempts.prepare(ready);
    if (claim === null) throw new Error('no channel may send');
    const recorded = await core.recorder.record({ userId, member: null, facts: [claim] });
    if (recorded.kind !== 'recorded') throw new Error(`the attempt is ${recorded.kind}`);
    haltMs = haltedMs;
    await attempts.deliver(recorded.member);
    expect(portal.control.congratulations()).toHaveLength(greetings);
    const after = await core.store.member(userId);
    expect(after).toMatchObject(
      greetings === 0
        ? { state: 'ready', reason: { code: 'halted_before_request' } }
        : { state: 'welcomed' },
    );
  },
);
