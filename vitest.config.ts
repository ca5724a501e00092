import { configDefaults, defineConfig } from 'vitest/config';
import { isBrowserSuiteLeftOut } from './test/browser/chromium.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(isBrowserSuiteLeftOut() ? ['test/browser/**'] : [])],
    globalSetup: [
      'test/support/build.ts',
      'test/support/postgres-setup.ts',
      'test/browser/left-out.ts',
    ],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    env: { TZ: 'UTC' },
  },
});
