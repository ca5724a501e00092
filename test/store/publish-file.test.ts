import fs, { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { publishFile } from '../../src/store/files.ts';
import { createForgetKey } from '../../src/store/forget-key.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Makes hard links fail in this test. @param meanwhile what another process does at that moment */
function withoutHardLinks(meanwhile: () => void): void {
  const { linkSync } = fs;
  fs.linkSync = () => {
    meanwhile();
    throw Object.assign(new Error('not supported'), { code: 'ENOTSUP' });
  };
  syncBuiltinESMExports();
  onTestFinished(() => {
    fs.linkSync = linkSync;
    syncBuiltinESMExports();
  });
}

test('a file gets its name on a file system without hard links', async () => {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, 'unfinished'), 'ours');
  withoutHardLinks(() => {});
  expect(publishFile(join(folder, 'unfinished'), join(folder, 'to'))).toBe(true);
  expect(readFileSync(join(folder, 'to'), 'utf8')).toBe('ours');
  expect(readdirSync(folder)).toEqual(['to']);
});

test('a file that got the name meanwhile stays, also without hard links', async () => {
  const folder = await temporaryFolder();
  const to = join(folder, 'to');
  writeFileSync(join(folder, 'unfinished'), 'ours');
  withoutHardLinks(() => writeFileSync(to, 'theirs'));
  expect(publishFile(join(folder, 'unfinished'), to)).toBe(false);
  expect(readFileSync(to, 'utf8')).toBe('theirs');
});

test('a key of forgotten people that another process created meanwhile is the key that is used', async () => {
  const file = join(await temporaryFolder(), 'forget-key');
  withoutHardLinks(() => writeFileSync(file, `${'ab'.repeat(32)}\n`));
  const key = createForgetKey(file);
  key.ensure();
  expect(key.fingerprint()).toBe(createForgetKey(file).fingerprint());
});
