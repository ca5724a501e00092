import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { setValueWhileServed } from '../../src/store/sqlite/key-values.ts';
import { acquireLock } from '../../src/store/sqlite/lock.ts';
import { inspectDatabase } from '../../src/store/sqlite/open.ts';
import { openSqliteReads, openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { until } from '../support/until.ts';
import { newFile } from './files.ts';

const run = (program: string, ...args: string[]) => spawnSync(program, args, { encoding: 'utf8' });
const me = `user id ${process.getuid?.()}`;
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

/** @returns the folder of a new, empty file system */
function newDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-disk-'));
  const mounted = run('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder);
  if (mounted.status !== 0) throw new Error(mounted.stderr);
  onTestFinished(() => {
    run('umount', '-l', folder);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A database on its own disk, which is read-only from now on. */
async function onReadOnlyDisk(): Promise<string> {
  const folder = newDisk();
  const file = join(folder, 'welcome.db');
  await openSqliteStore(file).close();
  run('mount', '-o', 'remount,ro', folder);
  return file;
}

describe.skipIf(!isRoot)('a fault of a file names the path and the user', () => {
  test.each<[string, (file: string) => unknown]>([
    ['the lock', acquireLock],
    ['the service', openSqliteStore],
    [
      'a verb that writes beside the service',
      (file) => setValueWhileServed({ file, exists: true, key: 'webhook', value: '' }),
    ],
    ['a verb that reads where nothing is', (file) => openSqliteReads(`${file}.other`)],
  ])('%s', async (_who, work) => {
    const file = await onReadOnlyDisk();
    let said = '';
    try {
      work(file);
    } catch (error) {
      said = String(error);
    }
    expect(said).toContain(file);
    expect(said).toContain(me);
  });

  test('for doctor', async () => {
    const file = await newFile();
    mkdirSync(file, { recursive: true });
    const { detail } = inspectDatabase(file) as { detail: string };
    expect(detail).toContain(file);
    expect(detail).toContain(me);
  });
});

const hasCompiler = process.platform === 'linux' && run('cc', '--version').status === 0;

/** A library below SQLite that imitates a network share without working locks. */
function shareThat(answer: 'grants every lock' | 'refuses every lock'): string {
  const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-share-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const result = answer === 'grants every lock' ? 'return 0;' : 'errno = ENOLCK; return -1;';
  const source = `
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <stdarg.h>
    #define WRAP(name) int name(int fd, int cmd, ...) { \\
      va_list list; va_start(list, cmd); void *arg = va_arg(list, void *); va_end(list); \\
      if (cmd == F_SETLK || cmd == F_SETLKW) { ${result} } \\
      int (*next)(int, int, ...) = dlsym(RTLD_NEXT, #name); \\
      return next(fd, cmd, arg); }
    WRAP(fcntl)
    WRAP(fcntl64)`;
  writeFileSync(join(folder, 'share.c'), source);
  const library = join(folder, 'share.so');
  const made = run('cc', '-shared', '-fPIC', '-o', library, join(folder, 'share.c'), '-ldl');
  if (made.status !== 0) throw new Error(made.stderr);
  return library;
}

function lockIn(file: string, library: string) {
  const lock = fileURLToPath(new URL('../../src/store/sqlite/lock.ts', import.meta.url));
  const script = `
    const { acquireLock } = await import(${JSON.stringify(lock)});
    try {
      globalThis.got = acquireLock(${JSON.stringify(file)});
      console.log(got.kind, got.lock?.isReliable, got.hint);
    } catch (error) {
      console.log('refused', error.message);
    }
    console.log('end');
    setInterval(() => {}, 1000);`;
  const tsx = fileURLToPath(import.meta.resolve('tsx'));
  const args = ['--import', tsx, '--input-type=module', '-e', script];
  const child = spawn(process.execPath, args, { env: { ...process.env, LD_PRELOAD: library } });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const said = until('the process says what it got', () => output.includes('end'), 30_000);
  return { child, said: said.then(() => output) };
}

describe.skipIf(!hasCompiler)('a share without working locks', () => {
  test('that grants every lock is noticed, and a second service is refused', async () => {
    const file = await newFile();
    const library = shareThat('grants every lock');
    const first = lockIn(file, library);
    expect(await first.said).toContain('held false');
    const second = await lockIn(file, library).said;
    expect(second).toContain('busy');
    expect(second).toContain(`delete ${file}.holder.json`);
    // A killed process of this machine does not keep the next one out.
    first.child.kill('SIGKILL');
    await until('it is gone', () => first.child.signalCode !== null, 10_000);
    expect(await lockIn(file, library).said).toContain('held false');
  }, 90_000);

  test.skipIf(!isRoot)(
    'that grants every lock is noticed, even if a locked file of a local disk has the same inode',
    async () => {
      const [local, share] = [newDisk(), newDisk()].map((disk) => join(disk, 'welcome.db'));
      const got = acquireLock(`${local}`);
      onTestFinished(() => {
        if (got.kind === 'held') got.lock.release();
      });
      expect(got).toMatchObject({ kind: 'held', lock: { isReliable: true } });
      const said = await lockIn(`${share}`, shareThat('grants every lock')).said;
      expect(statSync(`${share}.lock`).ino).toBe(statSync(`${local}.lock`).ino);
      expect(said).toContain('held false');
    },
    60_000,
  );

  test('that refuses every lock is reported as such, and not as "in use"', async () => {
    const file = await newFile();
    const said = await lockIn(file, shareThat('refuses every lock')).said;
    expect(said).toContain(`refused ${file}.lock cannot be locked by ${me}`);
    expect(said).toContain('no working locks');
  }, 60_000);

  test('a local disk needs no such help', async () => {
    const got = acquireLock(await newFile());
    expect(got).toMatchObject({ kind: 'held', lock: { isReliable: true } });
    if (got.kind === 'held') got.lock.release();
  });
});
