import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isKeyUnusable } from '../../src/channels/docspace.ts';
import { readMachineKey } from '../../src/channels/machine-key.ts';
import { hasSignedForm, signKey, signShortLivedKey } from '../../src/docspace/signed-key.ts';
import { temporaryFolder } from '../support/world.ts';

// The two vectors of docs/docspace-wire.md 6.2.
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
  'the vector of tenant $tenantId gets the same signature as from the portal',
  ({ key, ...signed }) => {
    expect(signKey(signed)).toBe(key);
    expect(hasSignedForm(key)).toBe(true);
  },
);

test.each(['welcome_guest', '', '1.2', '524916930000.', '.MG2RWMFBUVU4CV3RSMZIAH3W', 'a.b.c'])(
  '%j does not have the form of a signed Key',
  (key) => {
    expect(hasSignedForm(key)).toBe(false);
  },
);

test.each([
  [60_000, 59],
  [300_000, 55],
  [3_600_000, 0],
  [9_999_999_999, 0],
])('a Key for %i ms is backdated by %i minutes', (lifetimeMs, backMinutes) => {
  const vector = vectors[0];
  if (!vector) throw new Error('no vector');
  const { key: _, at: now, ...signed } = vector;
  const at = now - backMinutes * 60_000;
  expect(signShortLivedKey({ ...signed, now, lifetimeMs })).toBe(signKey({ ...signed, at }));
});

test('a Key that no portal can accept is found before anything is sent', () => {
  const key = 'welcome_guest';
  const signed = vectors[0]?.key ?? '';
  const docspace = { channels: ['docspace'], key, hasMachineKey: false } as const;
  expect(isKeyUnusable(docspace)).toBe(true);
  expect(isKeyUnusable({ ...docspace, hasMachineKey: true })).toBe(false);
  expect(isKeyUnusable({ ...docspace, channels: ['smtp'] })).toBe(false);
  expect(isKeyUnusable({ ...docspace, key: signed })).toBe(false);
});

test('the machine key is read without its line break, and refused if other users can read the file', async () => {
  const path = join(await temporaryFolder(), 'machine.key');
  await writeFile(path, 'the machine key\n', { mode: 0o600 });
  expect(readMachineKey(path)).toEqual({ kind: 'ok', machineKey: 'the machine key' });
  for (const mode of [0o640, 0o604, 0o660]) {
    await chmod(path, mode);
    const read = readMachineKey(path);
    expect(read).toMatchObject({ kind: 'fault' });
    expect(JSON.stringify(read)).toMatch(/can be read by other users/);
    expect(JSON.stringify(read)).not.toContain('the machine key');
  }
});

test.each([
  ['', /is empty/],
  ['one\ntwo', /several lines/],
  ['x'.repeat(5_000), /too long/],
])(
  'a file without a machine key is refused without repeating its content',
  async (content, why) => {
    const path = join(await temporaryFolder(), 'machine.key');
    await writeFile(path, content, { mode: 0o600 });
    const read = readMachineKey(path);
    expect(read).toMatchObject({ kind: 'fault', sentence: expect.stringMatching(why) });
    if (content !== '') expect(JSON.stringify(read)).not.toContain(content);
  },
);

test('a fault never repeats the path, because it may be the key itself in the wrong setting', () => {
  expect(readMachineKey('/nowhere/1123askdasjklasbnd')).toEqual({
    kind: 'fault',
    sentence: expect.stringMatching(/^the file of DOCSPACE_MACHINE_KEY_FILE cannot be opened/),
  });
  expect(JSON.stringify(readMachineKey('/nowhere/1123askdasjklasbnd'))).not.toContain('1123');
});
