import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { parser } from '@prometheus-io/lezer-promql';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { startWorld, temporaryFolder } from '../support/world.ts';

const run = promisify(execFile);
const deploy = new URL('../../deploy/', import.meta.url);
const read = (name: string) => readFile(new URL(name, deploy), 'utf8');

const rulesSchema = z.strictObject({
  groups: z.tuple([
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^DocspaceWelcome[A-Za-z]+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[mh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ]),
});
const dashboardSchema = z.looseObject({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.int(),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string() })) }),
  panels: z.array(
    z.looseObject({
      id: z.int(),
      title: z.string(),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.looseObject({ refId: z.string(), expr: z.string() })).min(1),
    }),
  ),
});

/**
 * The metric names in an expression, found with Prometheus' own grammar. The expression must be
 * valid.
 */
function metricsIn(expression: string): string[] {
  // Grafana's variables are replaced by a duration and a text.
  const plain = expression.replaceAll('$__rate_interval', '5m');
  const names: string[] = [];
  parser.parse(plain).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${expression}`);
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector') {
        names.push(plain.slice(node.from, node.to));
      }
    },
  });
  expect(names, expression).not.toEqual([]);
  return names;
}

/** The names of all series of `/metrics`, those of histograms with their suffixes. */
async function metricsThere(): Promise<Set<string>> {
  const world = await startWorld({ withWebhook: false });
  const { text } = await world.api('GET', '/metrics');
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  );
}

test('the seven alert rules are valid and name only metrics that exist', async () => {
  const { groups } = rulesSchema.parse(parse(await read('alerts.yaml')));
  const [{ rules }] = groups;
  expect(rules).toHaveLength(7);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(7);
  const there = await metricsThere();
  for (const { expr } of rules) {
    for (const name of metricsIn(expr)) expect(there).toContain(name);
  }
});

/** How each metric in an expression is joined over the replicas: the outermost function that drops both labels. */
function joinsIn(expression: string): [metric: string, join: string | null][] {
  const joins: [string, string | null][] = [];
  parser.parse(expression).iterate({
    enter({ name, node, from, to }) {
      if (name !== 'Identifier' || node.parent?.name !== 'VectorSelector') return;
      let join: string | null = null;
      for (let above = node; above.parent; above = above.parent) {
        const text = expression.slice(above.from, above.to);
        const [, word, labels = ''] = /^(\w+) without \(([^)]*)\)/.exec(text) ?? [];
        const drops = labels.split(', ');
        if (above.name !== 'AggregateExpr' || !word) continue;
        if (drops.includes('instance') && drops.includes('pod')) join = word;
      }
      joins.push([expression.slice(from, to), join]);
    },
  });
  return joins;
}

test('the alert rules give one alert for all replicas of a database: counters are added, gauges are not', async () => {
  const { groups } = rulesSchema.parse(parse(await read('alerts.yaml')));
  for (const { alert, expr } of groups[0].rules) {
    const joins = joinsIn(expr);
    expect(joins, alert).toHaveLength(metricsIn(expr).length);
    for (const [metric, join] of joins) {
      expect(metric.endsWith('_total') ? ['sum'] : ['max', 'min'], `${alert}: ${metric}`).toContain(
        join,
      );
    }
  }
});

test('the dashboard is valid, names only metrics that exist, and no panel covers another', async () => {
  const dashboard = dashboardSchema.parse(JSON.parse(await read('grafana-dashboard.json')));
  const there = await metricsThere();
  const used = dashboard.panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => metricsIn(expr)),
  );
  for (const name of used) expect(there).toContain(name);
  const cells = new Set<string>();
  for (const { title, gridPos } of dashboard.panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        expect(cells.has(`${x} ${y}`), title).toBe(false);
        expect(x).toBeLessThan(24);
        cells.add(`${x} ${y}`);
      }
    }
  }
});

test('the labels in rules and panels are labels of the metrics', async () => {
  const world = await startWorld({ withWebhook: false });
  const { text } = await world.api('GET', '/metrics');
  const texts = [await read('alerts.yaml'), await read('grafana-dashboard.json')].join('\n');
  const asked = texts.matchAll(
    /\{[^{}]*?\b(state|answer|part|pause|result)(?:=|!=|=~)\\?"([^"\\]+)/g,
  );
  for (const [, label, values = ''] of asked) {
    for (const value of values.split('|')) {
      if (label === 'result') expect(['complete', 'interrupted', 'failed']).toContain(value);
      else expect(text).toContain(`${label}="${value}"`);
    }
  }
});

test('systemd finds nothing wrong with the unit', async (context) => {
  const unit = new URL('docspace-welcome.service', deploy).pathname;
  const there = await run('systemd-analyze', ['--version']).catch(() => null);
  if (there === null) return context.skip('left out: no systemd-analyze (apt-get install systemd)');
  const { stdout, stderr } = await run('systemd-analyze', ['verify', unit]);
  expect(stdout + stderr).toBe('');
});

test('the wrapper runs a verb with the user, settings and credentials of the unit', async () => {
  const folder = await temporaryFolder();
  const unit = `${folder}/unit.service`;
  await writeFile(unit, await read('docspace-welcome.service'));
  // Replaces systemd-run: it prints its arguments and runs the command after `--`.
  await writeFile(
    `${folder}/systemd-run`,
    '#!/bin/sh\nwhile [ "$1" != -- ]; do echo "$1"; shift; done\nshift\nCREDENTIALS_DIRECTORY=/run/c exec "$@"\n',
  );
  await chmod(`${folder}/systemd-run`, 0o755);
  await writeFile(
    `${folder}/main.mjs`,
    'console.log(JSON.stringify([process.argv.slice(2), process.env.ADMIN_TOKEN_FILE]))',
  );
  const { stdout } = await run(
    new URL('docspace-welcome-ctl', deploy).pathname,
    ['invite', 'zoe@example.com', '--note', 'two words, "quoted" & $HOME'],
    {
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        DOCSPACE_WELCOME_UNIT: unit,
        DOCSPACE_WELCOME_MAIN: `${folder}/main.mjs`,
      },
    },
  );
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '--wait',
      '--pipe',
      '--property=User=docspace-welcome',
      '--property=EnvironmentFile=/etc/docspace-welcome/settings.env',
      '--property=LoadCredential=admin-token:/etc/docspace-welcome/admin-token',
    ]),
  );
  expect(lines.join('\n')).not.toContain('%d');
  const words = ['invite', 'zoe@example.com', '--note', 'two words, "quoted" & $HOME'];
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual([words, '/run/c/admin-token']);
});

const dockerfile = () => read('Dockerfile');

test('the image runs without root, writes to one place, and asks the program for its health', async () => {
  const text = await dockerfile();
  const final = text.slice(text.lastIndexOf('\nFROM '));
  expect(text.match(/^FROM (--platform=\S+ )?node:24-bookworm-slim( AS \w+)?$/gm)).toHaveLength(3);
  expect(text.match(/^FROM /gm)).toHaveLength(3);
  expect(final).toMatch(/^USER 1000:1000$/m);
  expect(final.match(/^VOLUME .*$/gm)).toEqual(['VOLUME /data']);
  expect(final).toContain('HOST=0.0.0.0');
  expect(final).toContain('STOPSIGNAL SIGTERM');
  expect(final).toMatch(/HEALTHCHECK .*CMD \["docspace-welcome", "health"\]/);
  expect(final).toContain('ENTRYPOINT ["docspace-welcome"]');
  for (const label of ['title', 'description', 'licenses', 'version', 'revision', 'source']) {
    expect(final).toContain(`org.opencontainers.image.${label}=`);
  }
  expect(await read('docker-bake.hcl')).toContain('["linux/amd64", "linux/arm64"]');
});

test('all files that the image is built from exist and are sent to the build', async () => {
  const ignore = (await read('Dockerfile.dockerignore')).trimEnd().split('\n');
  expect(ignore[0]).toBe('*');
  const sent = ignore.slice(1).map((line) => line.replace(/^!/, ''));
  const copies = [...(await dockerfile()).matchAll(/^COPY (?!--from)(.*) \S+$/gm)];
  const copied = copies.flatMap(([, paths = '']) => paths.split(' '));
  expect(copied.length).toBeGreaterThan(10);
  for (const path of copied) {
    expect(existsSync(new URL(`../${path.replace(/^\.\//, '')}`, deploy)), path).toBe(true);
    expect(
      sent.some((one) => path === one || path.startsWith(`${one}/`)),
      path,
    ).toBe(true);
  }
});

const serviceSchema = z.looseObject({
  image: z.string(),
  restart: z.literal('unless-stopped'),
  volumes: z.array(z.string()),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
});
const composeSchema = z.strictObject({
  name: z.string(),
  services: z.strictObject({ welcome: serviceSchema, caddy: serviceSchema }),
  volumes: z.record(z.string(), z.null()),
});

test('compose runs the service behind Caddy with one .env, one volume, and no other writable place', async () => {
  const { services, volumes } = composeSchema.parse(parse(await read('compose.yaml')));
  expect(Object.keys(volumes)).toEqual(['data']);
  expect(services.welcome).toMatchObject({ env_file: '.env', volumes: ['data:/data'] });
  // Only the proxy can be reached from outside.
  expect(services.welcome).not.toHaveProperty('ports');
  expect(services.caddy).toMatchObject({ image: 'caddy:2', ports: ['80:80', '443:443'] });
  expect(await read('Caddyfile')).toContain('reverse_proxy {$UPSTREAM:welcome:8080}');
});
