import { createHash } from 'node:crypto';

const EPOCH_2010_MS = Date.UTC(2010, 0, 1);

export type KeyVerdict = 'valid' | 'invalid' | 'expired';

/**
 * Creates the time-limited key of DocSpace: `<ms since 2010>.<hash>` (docs/docspace-wire.md 6.2). The
 * key is bound to `text`, which is lower-cased. The machine constant is not lower-cased.
 */
export function makeSignedKey(input: {
  readonly text: string;
  readonly tenantId: number;
  readonly machineKey: string;
  readonly atMs: number;
}): string {
  return keyFor(input, Math.floor(input.atMs - EPOCH_2010_MS));
}

/** Judges a key. A time in the future is accepted, and a key may be used several times. */
export function judgeSignedKey(input: {
  readonly key: string;
  readonly text: string;
  readonly tenantId: number;
  readonly machineKey: string;
  readonly nowMs: number;
  readonly lifetimeMs: number;
}): KeyVerdict {
  const parts = input.key.split('.').filter((part) => part !== '');
  const [msText, code] = parts;
  if (parts.length !== 2 || msText === undefined || code === undefined) return 'invalid';
  const ms = readInt64(msText);
  if (ms === undefined) return 'invalid';
  const expected = keyFor(input, ms).split('.')[1];
  if (expected?.toLowerCase() !== code.toLowerCase()) return 'invalid';
  return input.nowMs - EPOCH_2010_MS - Number(ms) <= input.lifetimeMs ? 'valid' : 'expired';
}

function keyFor(
  bound: { text: string; tenantId: number; machineKey: string },
  ms: number | bigint,
): string {
  const text = `${bound.text.toLowerCase()}|${bound.tenantId}|${bound.machineKey}`;
  const time = Buffer.alloc(8);
  time.writeBigInt64LE(BigInt(ms));
  // Encoding.ASCII replaces every unknown character by a question mark.
  const ascii = Buffer.from(text.replace(/\P{ASCII}/gu, '?'), 'latin1');
  const hash = createHash('sha256').update(ascii).update(time).digest('base64');
  return `${ms}.${hash.replace(/[=+/\\]/g, '').toUpperCase()}`;
}

function readInt64(text: string): bigint | undefined {
  if (!/^\s*[+-]?\d{1,19}\s*$/.test(text)) return undefined;
  const value = BigInt(text.trim().replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
