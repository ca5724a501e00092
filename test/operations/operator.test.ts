import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createRecorder } from '../../src/onboarding/recorder.ts';
import { createOperator } from '../../src/operations/operator.ts';
import { memberIn, move, now, put, user } from '../store/support.ts';
import { openTestStore } from '../support/test-store.ts';

test('a member who was welcomed while all failed members were retried is not counted as retried', async () => {
  const { store } = await openTestStore('sqlite');
  onTestFinished(() => store.close());
  for (const n of [1, 2, 3]) await put(store, memberIn('failed', n));
  const nothing = async () => {};
  const operator = createOperator({
    store: {
      ...store,
      async failedMembers(wanted) {
        const found = await store.failedMembers(wanted);
        if (wanted.after === '') await move(store, user(2), { state: 'welcomed', reason: null });
        return found;
      },
    },
    recorder: createRecorder({
      store,
      now: () => now,
      log: createLog({ level: 'silent', write: () => {} }),
    }),
    pauses: { pause: nothing, resume: nothing },
    hurry: nothing,
    reconcile: () => Promise.reject(new Error('nobody asks for a run')),
    now: () => now,
  });
  expect(await operator.retryFailed(null)).toBe(2);
  expect((await store.counts(now)).members).toMatchObject({ ready: 2, welcomed: 1 });
});
