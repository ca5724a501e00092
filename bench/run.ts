import { existsSync } from 'node:fs';
import type { StoreKind } from './databases.ts';
import { asText, type Report } from './report.ts';
import { builtMain } from './service.ts';

/*
 * npm run bench -- NAME [--store postgres] [--short] [--json]
 * The tests use `--short`: the same program for a short time.
 */

export type BenchOptions = {
  readonly isShort: boolean;
  /** Only `receive` and `drain` also measure PostgreSQL. */
  readonly store?: StoreKind;
};
type Bench = (options: BenchOptions) => Promise<Report>;

/** Loaded when it is needed, because a bench brings its own servers and databases. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  receive: async () => (await import('./receive.ts')).receive,
  query: async () => (await import('./query.ts')).query,
  pages: async () => (await import('./pages.ts')).pages,
  mail: async () => (await import('./mail.ts')).mail,
  retention: async () => (await import('./retention.ts')).retention,
  start: async () => (await import('./start.ts')).start,
  drain: async () => (await import('./drain.ts')).drain,
  attacks: async () => (await import('./attacks.ts')).attacksOnMemory,
  reconcile: async () => (await import('./reconcile.ts')).reconcile,
};

/** The benches that measure modules of the sources. All others start the compiled service. */
const needNoBuild = ['mail', 'retention'];

const args = process.argv.slice(2);
const name = args.find((arg) => !arg.startsWith('--')) ?? '';
const load = benches[name];
if (!load) {
  process.stderr.write(
    `npm run bench -- ${Object.keys(benches).join(' | ')} [--store postgres] [--short] [--json]\n`,
  );
  process.exit(64);
}
if (!needNoBuild.includes(name) && !existsSync(builtMain)) {
  process.stderr.write('npm run build comes first: dist/src/main.js does not exist\n');
  process.exit(1);
}
const bench = await load();
const store = args.includes('postgres') ? 'postgres' : 'sqlite';
const report = await bench({ isShort: args.includes('--short'), store });
process.stdout.write(
  args.includes('--json') ? `${JSON.stringify(report)}\n` : `${asText(report)}\n`,
);
process.exit(0);
