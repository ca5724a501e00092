import { defineConfig } from 'vitest/config';

/** `npm run test:unit`: the tests that need no socket, no browser and no other process. */
export default defineConfig({
  test: {
    include: [
      'test/domain/*.test.ts',
      'test/messages/*.test.ts',
      'test/notices/causes.test.ts',
      'test/config/*.test.ts',
      'test/architecture.test.ts',
      'test/cli/terminal.test.ts',
      'test/dashboard/addresses.test.ts',
      'test/dashboard/days.test.ts',
      'test/dashboard/invite-runs.test.ts',
      'test/dashboard/language.test.ts',
      'test/dashboard/overview-figures.test.ts',
      'test/docspace/classify.test.ts',
      'test/docspace/delivery.test.ts',
      'test/docspace/portal-time.test.ts',
      'test/docspace/signature.test.ts',
      'test/invitations/csv.test.ts',
      'test/invitations/hostile-cells.test.ts',
      'test/invitations/hostile-files.test.ts',
      'test/invitations/progress.test.ts',
      'test/onboarding/backpressure.test.ts',
      'test/operations/terminal-log.test.ts',
      'test/store/sqlite-plans.test.ts',
    ],
    environment: 'node',
    // Nothing here changes what the files share, so each process loads a module once.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 20_000,
    env: { TZ: 'UTC' },
  },
});
