import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keyFinding } from '../../src/channels/key-finding.ts';
import { readMachineKey } from '../../src/channels/machine-key.ts';
import { hasSignedForm, signKey } from '../../src/docspace/signed-key.ts';
import { temporaryFolder } from '../support/world.ts';

// The two vectors of wire 6.2.
const vectors = [
  {
    userId: '4c65a238-ca50-4374-b904-0d51d4c1822b',
    tenantId: 1,
    machineKey: '1123askdasjklasbnd',
    at: Date.parse('2026-08-20T10:15:30.000Z'),
    key: '524916930000.MG2RWMFBUVU4CV3RSMZIAH3WZFW1ZEABOFJGFWD3Y',
  },
  {
    userId: '9924256a-739c-462b-af15-e652a3b1b6eb',
    tenantId: 7,
    machineKey: 'your_core_machinekey',
    at: Date.parse('2026-08-20T23:59:59.999Z'),
    key: '524966399999.MFYCLMIWLOU4JYODRVWCX7KXLQLADRJFQBEJ3ZPZ8',
  },
];

test.each(vectors)(
  'signs the vector of tenant $tenantId as the portal does',
  ({ key, ...signed }) => {
    expect(signKey(signed)).toBe(key);
    expect(hasSignedForm(key)).toBe(true);
  },
);

test.each(['welcome_guest', '', '1.2', '524916930000.', '.MG2RWMFBUVU4CV3RSMZIAH3W', 'a.b.c'])(
  'sees that %j has not the form of a signed Key',
  (key) => {
    expect(hasSignedForm(key)).toBe(false);
  },
);

test('a Key that no portal can accept is found before anything is sent, with what to do', () => {
  const finding = keyFinding({
    channels: ['docspace'],
    key: 'welcome_guest',
    hasMachineKey: false,
  });
  expect(finding?.phrase).toMatch(/no real portal accepts WELCOME_KEY/);
  expect(finding?.advice).toMatch(/DOCSPACE_MACHINE_KEY_FILE.*WELCOME_CHANNEL=smtp/);
});

test('there is nothing to find with a machine key, a signed Key, or without the docspace channel', () => {
  const key = 'welcome_guest';
  expect(keyFinding({ channels: ['docspace'], key, hasMachineKey: true })).toBeNull();
  expect(keyFinding({ channels: ['smtp'], key, hasMachineKey: false })).toBeNull();
  const signed = vectors[0]?.key ?? '';
  expect(keyFinding({ channels: ['docspace'], key: signed, hasMachineKey: false })).toBeNull();
});

test('the file of the machine key is read without its line break, and refused if others can read it', async () => {
  const path = join(await temporaryFolder(), 'machine.key');
  await writeFile(path, 'the machine key\n', { mode: 0o600 });
  expect(readMachineKey(path)).toEqual({ kind: 'ok', machineKey: 'the machine key' });
  for (const mode of [0o640, 0o604, 0o660]) {
    await chmod(path, mode);
    const read = readMachineKey(path);
    expect(read).toMatchObject({ kind: 'fault' });
    expect(JSON.stringify(read)).toMatch(/can be read by others: chmod 600/);
    expect(JSON.stringify(read)).not.toContain('the machine key');
  }
});

test.each([
  ['', /is empty/],
  ['one\ntwo', /several lines/],
  ['x'.repeat(5_000), /too long/],
])('a file that holds no machine key is refused without repeating it', async (content, why) => {
  const path = join(await temporaryFolder(), 'machine.key');
  await writeFile(path, content, { mode: 0o600 });
  const read = readMachineKey(path);
  expect(read).toMatchObject({ kind: 'fault', sentence: expect.stringMatching(why) });
  if (content !== '') expect(JSON.stringify(read)).not.toContain(content);
});

test('a file that is not there is said with its path', () => {
  expect(readMachineKey('/nowhere/machine.key')).toMatchObject({
    sentence: expect.stringContaining('/nowhere/machine.key cannot be opened'),
  });
});
