import { existsSync, readdirSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { beforeAll, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import {
  bareEnvironment,
  folderOfFile,
  install,
  joinPortal,
  pack,
  project,
  run,
  start,
  type Tarball,
} from './support.ts';

// Compiling, packing and installing take long on a busy machine: the waits have their own names.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 600_000 });

let tarball: Tarball;
let installed: string;
let program: string;
let installedAfterMs: number;

beforeAll(async () => {
  const folder = await folderOfFile('tarball');
  tarball = await pack(folder);
  const startedAt = performance.now();
  installed = await install(folder, tarball);
  installedAfterMs = performance.now() - startedAt;
  program = join(installed, 'node_modules/.bin/docspace-welcome');
});

function filesIn(folder: string, ending: string): string[] {
  const names = readdirSync(join(project, folder)).filter((name) => name.endsWith(ending));
  return names.map((name) => `${folder}/${name}`);
}

test('the package holds the compiled program, its migrations, letters and pages, and nothing else', async () => {
  const compiled = tarball.paths.filter((path) => /^dist\/(src|simulator)\//.test(path));
  const others = tarball.paths.filter((path) => !compiled.includes(path));
  const { stdout } = await run('du', ['-sk', join(installed, 'node_modules')]);
  const megabytes = Math.round(Number.parseInt(stdout, 10) / 1024);
  process.stdout.write(
    `the package: ${Math.round(tarball.bytes / 1024)} kB, ${tarball.paths.length} files; ` +
      `installed with its dependencies: ${megabytes} MB\n`,
  );
  expect(others).toEqual(
    [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'deploy/Caddyfile',
      'deploy/Caddyfile.replicas',
      'deploy/alerts.yaml',
      'deploy/compose.postgres.yaml',
      'deploy/compose.yaml',
      'deploy/docspace-welcome-ctl',
      'deploy/docspace-welcome.service',
      'deploy/grafana-dashboard.json',
      'deploy/kubernetes/docspace-welcome.yaml',
      'deploy/kubernetes/secret.example.yaml',
      'dist/docspace-welcome.1',
      'dist/swagger-ui/LICENSE',
      'dist/swagger-ui/NOTICE',
      'dist/swagger-ui/favicon-32x32.png',
      'dist/swagger-ui/swagger-ui-bundle.js',
      'dist/swagger-ui/swagger-ui.css',
      ...filesIn('drizzle', '.sql'),
      'drizzle/meta/_journal.json',
      ...filesIn('drizzle/postgres', '.sql'),
      'drizzle/postgres/meta/_journal.json',
      'package.json',
      ...filesIn('src/channels/letters', '.txt'),
      'src/channels/letters/layout.html',
      'src/dashboard/assets/dashboard.css',
      'src/dashboard/assets/dashboard.js',
      'src/dashboard/assets/icon.svg',
    ].sort(),
  );
  for (const path of compiled) {
    expect(path).toMatch(/\.js$/);
    const source = join(project, path.slice('dist/'.length, -'.js'.length));
    expect(existsSync(`${source}.ts`) || existsSync(`${source}.tsx`), path).toBe(true);
  }
  expect(tarball.bytes).toBeLessThan(1_500_000);
});

test('the package needs neither a package that reports installations nor one that only develops', async () => {
  const json = JSON.parse(
    await readFile(join(installed, 'node_modules/docspace-welcome/package.json'), 'utf8'),
  );
  expect(json.private).toBeUndefined();
  expect(json.publishConfig).toEqual({ access: 'public', provenance: true });
  expect(existsSync(join(installed, 'node_modules/@scarf'))).toBe(false);
  expect(existsSync(join(installed, 'node_modules/typescript'))).toBe(false);
});

test('from the tarball to the first welcome in the demo, started in another folder', async () => {
  const startedAt = performance.now();
  const passed = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const elsewhere = await temporaryFolder();
  const env = bareEnvironment(elsewhere);
  const demo = start(program, ['demo'], { cwd: elsewhere, env });
  const [link] = await demo.says(/http:\/\/127\.0\.0\.1:\d+\/s\/[\w-]+/);
  const [, service = '', token = ''] = await demo.says(/(http:\/\/127\.0\.0\.1:\d+)\/ {3}(\S+)/);
  const linkAfter = passed();
  await demo.says(/npx docspace-welcome --env-file/);

  await joinPortal(link, 'guest@example.com');
  await until(
    'the guest is welcomed',
    async () => {
      const answer = await fetch(`${service}/api/members`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return JSON.stringify(await answer.json()).includes('"welcomed"');
    },
    30_000,
  );
  process.stdout.write(
    `installed in ${(installedAfterMs / 1000).toFixed(1)} s; the demo shows its link after ${linkAfter}; the first welcome after ${passed()}\n`,
  );
  for (const page of ['docs', 'docs/swagger-ui.css', 'docs/swagger-ui-bundle.js', 'sign-in']) {
    const answer = await fetch(`${service}/${page}`);
    expect(answer.status, page).toBe(200);
    expect((await answer.text()).length, page).toBeGreaterThan(100);
  }
  demo.child.kill('SIGINT');
  expect(await demo.ended()).toBe(0);
});

test('every part names the same version', async () => {
  const elsewhere = await temporaryFolder();
  const { version } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  const env = bareEnvironment(elsewhere);
  const { stdout } = await run('npx', ['--no', '--', 'docspace-welcome', '--version'], {
    cwd: installed,
    env,
  });
  expect(stdout).toBe(`${version}\n`);
  const demo = start(program, ['demo'], { cwd: elsewhere, env });
  const [, service = '', token = ''] = await demo.says(/(http:\/\/127\.0\.0\.1:\d+)\/ {3}(\S+)/);
  const openapi = await request(`${service}/openapi.json`);
  expect(await openapi.body.json()).toMatchObject({ info: { version } });
  const metrics = await request(`${service}/metrics`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(await metrics.body.text()).toContain(`build_info{version="${version}"`);
  demo.child.kill('SIGINT');
  expect(await demo.ended()).toBe(0);
});

test('serve and doctor name what is not configured, in any folder', async () => {
  const elsewhere = await temporaryFolder();
  const env = bareEnvironment(elsewhere);
  for (const [verb, code] of [
    ['serve', 78],
    ['doctor', 1],
  ] as const) {
    const ran = start(program, [verb], { cwd: elsewhere, env });
    expect(await ran.ended(), verb).toBe(code);
    expect(ran.output()).toContain('DOCSPACE_URL is missing');
  }
  // Node.js has an option of the same name, which must not take it.
  const ran = start(program, ['--env-file', 'missing.env', 'list'], { cwd: elsewhere, env });
  expect(await ran.ended()).toBe(78);
  expect(ran.output()).toContain('missing.env');
});

test('without a compiled library of better-sqlite3, one sentence says what to install', async () => {
  const elsewhere = await temporaryFolder();
  const library = join(installed, 'node_modules/better-sqlite3/build');
  await rename(library, `${library}.away`);
  try {
    const demo = start(program, ['demo'], { cwd: elsewhere, env: bareEnvironment(elsewhere) });
    expect(await demo.ended()).toBe(78);
    expect(demo.output()).toBe(
      `better-sqlite3 has no compiled library for Node.js ${process.version} on ${process.platform}-${process.arch}. ` +
        `Install python3, make and g++, then run "npm rebuild better-sqlite3" in ${installed}.\n`,
    );
  } finally {
    await rename(`${library}.away`, library);
  }
});
