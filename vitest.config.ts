import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { isBrowserSuiteLeftOut } from './test/browser/chromium.ts';
import { postgresFolder } from './test/support/postgres-server.ts';

/** The longest tests start first, so that no process runs alone at the end. */
const longest = [
  'test/bench/',
  'test/store/stores.test.ts',
  'test/invitations/import.test.ts',
  'test/invitations/interrupted.test.ts',
  'test/e2e/replicas.test.ts',
  'test/faults/',
  'test/browser/',
  'test/package/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((part) => moduleId.includes(part));
      return found === -1 ? longest.length : found;
    };
    // A process runs the files of one project, so the files of a project stay together.
    const byProject = (a: TestSpecification, b: TestSpecification) =>
      a.project.name.localeCompare(b.project.name);
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => byProject(a, b) || rank(a) - rank(b));
  }
}

const shared = {
  exclude: [...configDefaults.exclude, ...(isBrowserSuiteLeftOut() ? ['test/browser/**'] : [])],
  environment: 'node' as const,
  pool: 'forks' as const,
  // No test changes what test files share, so each process loads a module once.
  isolate: false,
  env: { TZ: 'UTC' },
};

const main = { ...shared, name: 'main', include: ['test/**/*.test.ts'], testTimeout: 20_000 };

/** The tests of the whole service again, with a PostgreSQL database instead of a SQLite file. */
const onPostgres = {
  ...shared,
  name: 'postgres',
  include: [
    'test/api/*.test.ts',
    'test/e2e/*.test.ts',
    'test/dashboard/invite-runs.test.ts',
    'test/faults/{crash-attempt,crash-delivery,crash-import,drain,files-and-clocks,outage}.test.ts',
    'test/invitations/{import,in-trouble,interrupted}.test.ts',
    'test/onboarding/halted.test.ts',
  ],
  // It has PostgreSQL databases of its own, and the project `main` runs it.
  exclude: [...shared.exclude, 'test/e2e/replicas.test.ts'],
  env: { ...shared.env, TEST_STORE: 'postgres' },
  testTimeout: 30_000,
};

const isCi = process.env['CI'] === 'true';
const hasPostgres = isCi || Boolean(process.env['TEST_POSTGRES_URL']) || postgresFolder() !== null;
// With `TEST_STORE=postgres` the project `main` runs every given test on PostgreSQL.
const isSwitched = process.env['TEST_STORE'] === 'postgres';
const projects = hasPostgres && !isSwitched ? [main, onPostgres] : [main];

export default defineConfig({
  test: {
    globalSetup: [
      'test/support/build.ts',
      'test/support/postgres-setup.ts',
      'test/browser/left-out.ts',
    ],
    // Many tests wait for processes and deadlines, so two cores have time for a third process.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: projects.map((test) => ({ test })),
  },
});
