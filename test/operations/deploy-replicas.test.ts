import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { readConfig } from '../../src/config/read.ts';
import { type Setting, settings } from '../../src/config/settings.ts';
import { inspectForgetKey } from '../../src/store/forget-key.ts';
import { temporaryFolder } from '../support/world.ts';
import { operations } from './operations.ts';

/* Checks `compose.postgres.yaml` and the manifests for Kubernetes, without Docker and without a cluster. */

const deploy = new URL('../../deploy/', import.meta.url);
const read = (name: string) => readFile(new URL(name, deploy), 'utf8');
const texts = z.record(z.string(), z.string());

const settingNames = Object.entries<Setting>(settings).flatMap(([name, { secret }]) =>
  secret ? [name, `${name}_FILE`] : [name],
);
const readiness = '/readyz?part=store';

/** Secrets that are good enough for the checks of the settings, by the end of their file's name. */
const goodSecrets: Readonly<Record<string, string>> = {
  'database-url': 'postgres://welcome:0123456789abcdef@postgres/welcome',
  'forget-key': 'ab'.repeat(32),
  'docspace-api-key': 'sk-0123456789abcdef',
  'webhook-secret': 'Docspace-Webhook-1',
  'admin-token': 'admin-token-of-the-tests-1',
};

/** The settings of a container whose secrets are in files, which this function makes. */
async function configOf(environment: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  const moved = Object.entries(environment).map(async ([name, value]) => {
    if (!name.endsWith('_FILE')) return [name, value];
    const file = join(folder, value);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${goodSecrets[value.slice(value.lastIndexOf('/') + 1)]}\n`);
    return [name, file];
  });
  const values: Record<string, string> = Object.fromEntries(await Promise.all(moved));
  return readConfig({ environment: values, workingFolder: folder, envFile: null });
}

function expectRoute(address: string): void {
  const url = new URL(address, 'http://localhost');
  const route = operations.find(({ method, path }) => method === 'get' && path === url.pathname);
  expect(route, address).toMatchObject({ access: 'open' });
  const query = Object.fromEntries(url.searchParams);
  if (route?.query) expect(route.query.parse(query)).toEqual(query);
  else expect(query).toEqual({});
}

// ── Compose ─────────────────────────────────────────────────────────────────────────────────────

const hardened = {
  restart: z.literal('unless-stopped'),
  read_only: z.literal(true),
  tmpfs: z.array(z.string().startsWith('/')),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
};
const seconds = z.string().regex(/^\d+s$/);
const replicaSchema = z.strictObject({
  ...hardened,
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }),
  depends_on: z.strictObject({
    postgres: z.strictObject({ condition: z.literal('service_healthy') }),
  }),
  env_file: z.string(),
  environment: texts,
  secrets: z.array(z.string()),
  stop_grace_period: seconds,
});
const composeSchema = z.strictObject({
  name: z.string(),
  'x-welcome': replicaSchema,
  services: z.strictObject({
    'welcome-1': replicaSchema,
    'welcome-2': replicaSchema,
    postgres: z.strictObject({
      ...hardened,
      image: z.string().regex(/^postgres:\d+$/),
      user: z.literal('postgres'),
      environment: texts,
      secrets: z.array(z.string()),
      volumes: z.array(z.string()),
      healthcheck: z.strictObject({
        test: z.array(z.string()),
        interval: seconds,
        timeout: seconds,
        retries: z.int(),
        start_period: seconds,
      }),
      stop_grace_period: seconds,
    }),
    caddy: z.strictObject({
      ...hardened,
      image: z.string(),
      depends_on: z.array(z.string()),
      environment: texts,
      ports: z.array(z.string()),
      volumes: z.array(z.string()),
      cap_add: z.array(z.string()),
    }),
  }),
  secrets: z.record(z.string(), z.strictObject({ file: z.string().startsWith('./secrets/') })),
  volumes: z.record(z.string(), z.null()),
});
const compose = async () => composeSchema.parse(parse(await read('compose.postgres.yaml')));

test('compose runs two equal replicas of the image that the other compose file runs', async () => {
  const { services } = await compose();
  const { 'welcome-1': replica, 'welcome-2': other, caddy } = services;
  expect(other).toEqual(replica);
  const single = parse(await read('compose.yaml')).services;
  for (const field of ['image', 'build', 'env_file', 'stop_grace_period'] as const) {
    expect(replica[field], field).toEqual(single.welcome[field]);
  }
  const { volumes: _, depends_on: behind, environment, ...proxy } = caddy;
  const { volumes: __, depends_on: ___, ...singleProxy } = single.caddy;
  expect({ ...proxy, environment }).toEqual(singleProxy);
  expect(behind).toEqual(['welcome-1', 'welcome-2']);
});

test('compose names only settings, secrets, volumes and files that exist', async () => {
  const { services, secrets, volumes } = await compose();
  const { 'welcome-1': replica, postgres, caddy } = services;
  for (const name of Object.keys(replica.environment)) expect(settingNames).toContain(name);
  const used = new Set([...replica.secrets, ...postgres.secrets]);
  expect([...used].sort()).toEqual(Object.keys(secrets).sort());
  for (const service of [replica, postgres]) {
    const named = Object.entries(service.environment).filter(([name]) => name.endsWith('_FILE'));
    expect(named.map(([, path]) => path).sort()).toEqual(
      service.secrets.map((name) => `/run/secrets/${name}`).sort(),
    );
  }
  expect(postgres.volumes.map((mount) => mount.split(':')[0])).toEqual(Object.keys(volumes));
  const [caddyfile = ''] = caddy.volumes;
  expect(existsSync(new URL(caddyfile.split(':')[0] ?? '', deploy))).toBe(true);
  // The commands in the comment, and in the page, make each secret in the folder from which compose reads it.
  for (const text of [await read('compose.postgres.yaml'), await read('../docs/postgres.md')]) {
    for (const { file } of Object.values(secrets)) expect(text).toContain(`> ${file.slice(2)}\n`);
  }
});

test('each replica of compose has the database and the key of its secrets', async () => {
  const { services } = await compose();
  const { 'welcome-1': replica, postgres } = services;
  const secrets = ['docspace-api-key', 'webhook-secret', 'admin-token'];
  const [apiKey = '', secret = '', token = ''] = secrets.map((name) => goodSecrets[name]);
  const config = await configOf({
    DOCSPACE_URL: 'https://office.example.com',
    DOCSPACE_API_KEY: apiKey,
    DOCSPACE_WEBHOOK_SECRET: secret,
    ADMIN_TOKEN: token,
    ...replica.environment,
  });
  expect(config).toMatchObject({
    kind: 'ok',
    warnings: [],
    config: { HOST: '0.0.0.0', PORT: 8080, database: { kind: 'postgres' } },
  });
  const database = config.kind === 'ok' ? config.config.database : null;
  if (database?.kind !== 'postgres') throw new Error('the database is not PostgreSQL');
  expect(inspectForgetKey(database.forgetKeyFile ?? '')).toBeNull();
  // The address in the comment has the host, user and database of the service `postgres`.
  const { POSTGRES_USER: user, POSTGRES_DB: name } = postgres.environment;
  const text = await read('compose.postgres.yaml');
  expect(text).toContain(`"postgres://${user}:$(cat secrets/database-password)@postgres/${name}"`);
  expect(postgres.healthcheck.test).toEqual(
    expect.arrayContaining([`--username=${user}`, `--dbname=${name}`]),
  );
});

test('the proxy of compose sends requests to both replicas, and asks each for its readiness', async () => {
  const { services } = await compose();
  const caddyfile = await read('Caddyfile.replicas');
  const upstreams = /\{\$UPSTREAMS:([^}]+)\}/.exec(caddyfile)?.[1]?.split(' ');
  const { PORT: port } = services['welcome-1'].environment;
  expect(upstreams).toEqual([`welcome-1:${port}`, `welcome-2:${port}`]);
  const [, asked = ''] = /^\s*health_uri (\S+)$/m.exec(caddyfile) ?? [];
  expect(asked).toBe(readiness);
  expectRoute(asked);
});

// ── Kubernetes ──────────────────────────────────────────────────────────────────────────────────

const app = z.strictObject({ 'app.kubernetes.io/name': z.literal('docspace-welcome') });
const metadata = z.strictObject({ name: z.literal('docspace-welcome'), labels: app });
const selector = z.strictObject({ matchLabels: app });
const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string(), port: z.literal('http') }),
  periodSeconds: z.int(),
  timeoutSeconds: z.int().optional(),
  failureThreshold: z.int(),
});
const containerSchema = z.strictObject({
  name: z.string(),
  image: z.string(),
  envFrom: z.tuple([z.strictObject({ configMapRef: z.strictObject({ name: z.string() }) })]),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  ports: z.tuple([z.strictObject({ name: z.literal('http'), containerPort: z.int() })]),
  startupProbe: probe,
  readinessProbe: probe,
  livenessProbe: probe,
  lifecycle: z.strictObject({
    preStop: z.strictObject({
      exec: z.strictObject({ command: z.tuple([z.literal('sleep'), z.string()]) }),
    }),
  }),
  resources: z.strictObject({ requests: texts, limits: texts }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(
    z.strictObject({
      name: z.string(),
      mountPath: z.string(),
      readOnly: z.literal(true).optional(),
    }),
  ),
});
const podSchema = z.strictObject({
  automountServiceAccountToken: z.literal(false),
  enableServiceLinks: z.literal(false),
  affinity: z.strictObject({
    podAntiAffinity: z.strictObject({
      preferredDuringSchedulingIgnoredDuringExecution: z.tuple([
        z.strictObject({
          weight: z.int().min(1).max(100),
          podAffinityTerm: z.strictObject({
            topologyKey: z.literal('kubernetes.io/hostname'),
            labelSelector: selector,
          }),
        }),
      ]),
    }),
  }),
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.int(),
    runAsGroup: z.int(),
    fsGroup: z.int(),
    seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
  }),
  terminationGracePeriodSeconds: z.int(),
  containers: z.tuple([containerSchema]),
  volumes: z.array(
    z.union([
      z.strictObject({
        name: z.string(),
        secret: z.strictObject({ secretName: z.string(), defaultMode: z.literal(0o440) }),
      }),
      z.strictObject({ name: z.string(), emptyDir: z.strictObject({ sizeLimit: z.string() }) }),
    ]),
  ),
});
const manifestsSchema = z.tuple([
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('ConfigMap'),
    metadata,
    data: texts,
  }),
  z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('Deployment'),
    metadata,
    spec: z.strictObject({
      replicas: z.literal(2),
      selector,
      strategy: z.strictObject({
        type: z.literal('RollingUpdate'),
        rollingUpdate: z.strictObject({ maxSurge: z.literal(1), maxUnavailable: z.literal(0) }),
      }),
      template: z.strictObject({ metadata: z.strictObject({ labels: app }), spec: podSchema }),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('policy/v1'),
    kind: z.literal('PodDisruptionBudget'),
    metadata,
    spec: z.strictObject({ minAvailable: z.literal(1), selector }),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Service'),
    metadata,
    spec: z.strictObject({
      selector: app,
      ports: z.tuple([
        z.strictObject({ name: z.string(), port: z.int(), targetPort: z.literal('http') }),
      ]),
    }),
  }),
]);
const secretSchema = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata,
  type: z.literal('Opaque'),
  stringData: texts,
});

async function manifests() {
  const documents = parseAllDocuments(await read('kubernetes/docspace-welcome.yaml'));
  const [configMap, deployment] = manifestsSchema.parse(documents.map((one) => one.toJSON()));
  const secret = secretSchema.parse(parse(await read('kubernetes/secret.example.yaml')));
  const pod = deployment.spec.template.spec;
  const [container] = pod.containers;
  const environment = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
  return { settings: configMap.data, secret, pod, container, environment };
}

test('the manifests run the image of compose as its own user, and can write only to /tmp', async () => {
  const { pod, container } = await manifests();
  const { image } = (await compose())['x-welcome'];
  expect(image).toBe(`\${WELCOME_IMAGE:-${container.image}}`);
  const { runAsUser, runAsGroup } = pod.securityContext;
  const dockerfile = await read('Dockerfile');
  expect(dockerfile).toContain(`\nUSER ${runAsUser}:${runAsGroup}\n`);
  expect(dockerfile).toContain(`\nEXPOSE ${container.ports[0].containerPort}\n`);
  const writable = container.volumeMounts.filter(({ readOnly }) => !readOnly);
  expect(writable.map(({ mountPath }) => mountPath)).toEqual(['/tmp']);
  expect(container.volumeMounts.map(({ name }) => name)).toEqual(
    pod.volumes.map(({ name }) => name),
  );
});

test('the manifests name only settings, secrets and routes that exist', async () => {
  const { settings: plain, secret, pod, container, environment } = await manifests();
  const names = [...Object.keys(plain), ...Object.keys(environment)];
  for (const name of names) expect(settingNames).toContain(name);
  const { mountPath } = container.volumeMounts.find(({ name }) => name === 'secrets') ?? {};
  const files = Object.entries(environment).flatMap(([name, path]) =>
    name.endsWith('_FILE') ? [path] : [],
  );
  expect(files.sort()).toEqual(
    Object.keys(secret.stringData)
      .map((key) => `${mountPath}/${key}`)
      .sort(),
  );
  expect(pod.volumes).toContainEqual({
    name: 'secrets',
    secret: { secretName: secret.metadata.name, defaultMode: 0o440 },
  });
  expect(container.envFrom[0].configMapRef.name).toBe(secret.metadata.name);
  expect(container.readinessProbe.httpGet.path).toBe(readiness);
  for (const { httpGet } of [
    container.startupProbe,
    container.readinessProbe,
    container.livenessProbe,
  ]) {
    expectRoute(httpGet.path);
  }
});

test('the settings of the manifests are complete once the secrets are filled in', async () => {
  const { settings: plain, environment, container } = await manifests();
  // The variables of the image, which the manifests add to.
  const [, variables = ''] = /^ENV (.+)$/m.exec(await read('Dockerfile')) ?? [];
  const image = Object.fromEntries(variables.split(' ').map((one) => one.split('=')));
  const config = await configOf({ ...image, ...plain, ...environment });
  expect(config).toMatchObject({
    kind: 'ok',
    warnings: [],
    config: {
      HOST: '0.0.0.0',
      PORT: container.ports[0].containerPort,
      database: { kind: 'postgres' },
    },
  });
});

test('a pod has time for its last requests and for the 10 s of a stop', async () => {
  const { pod, container } = await manifests();
  const [, waits] = container.lifecycle.preStop.exec.command;
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(waits) + 10);
  // Within this time a replica that is not ready gets no further requests.
  const { periodSeconds, failureThreshold } = container.readinessProbe;
  expect(Number(waits)).toBeGreaterThanOrEqual(periodSeconds * failureThreshold);
});

test('the example of the secrets is refused until its key and its token are replaced', async () => {
  const { secret, settings: plain } = await manifests();
  const folder = await temporaryFolder();
  await writeFile(`${folder}/key`, secret.stringData['forget-key'] ?? '');
  expect(inspectForgetKey(`${folder}/key`)).toContain('is damaged');
  const read = readConfig({
    environment: {
      ...plain,
      DOCSPACE_API_KEY: secret.stringData['docspace-api-key'],
      DOCSPACE_WEBHOOK_SECRET: secret.stringData['webhook-secret'],
      ADMIN_TOKEN: secret.stringData['admin-token'],
    },
    workingFolder: folder,
    envFile: null,
  });
  expect(read).toMatchObject({
    kind: 'faulty',
    faults: [expect.stringContaining('ADMIN_TOKEN must be 24 or more')],
  });
});
