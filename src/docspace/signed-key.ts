import { createHash } from 'node:crypto';

/** The portal counts the time in a Key from this date (docs/docspace-wire.md 6.2). */
const epochMs = Date.UTC(2010, 0, 1);

/** How long the portal accepts a Key after the time in it (docs/docspace-wire.md 6.2). */
const acceptedMs = 3_600_000;

/**
 * Signs a `Key` of sendcongratulations for one user. Whoever reads the Key in a log could use it.
 * So the Key contains an earlier time, and is valid only for `lifetimeMs` (docs/docspace-wire.md 13.6).
 * @param now UTC ms by the portal's clock
 * @param lifetimeMs at most an hour
 */
export function signShortLivedKey(signed: {
  readonly userId: string;
  readonly tenantId: number;
  readonly machineKey: string;
  readonly now: number;
  readonly lifetimeMs: number;
}): string {
  const { now, lifetimeMs, ...rest } = signed;
  return signKey({ ...rest, at: now - (acceptedMs - Math.min(lifetimeMs, acceptedMs)) });
}

/**
 * Signs a `Key` of sendcongratulations for one user. It is valid for an hour from `at`
 * (docs/docspace-wire.md 6.2).
 * @param at UTC ms
 */
export function signKey(signed: {
  readonly userId: string;
  readonly tenantId: number;
  readonly machineKey: string;
  readonly at: number;
}): string {
  const ms = Math.floor(signed.at - epochMs);
  const bound = `${signed.userId}Auth`.toLowerCase();
  const text = `${bound}|${signed.tenantId}|${signed.machineKey}`;
  const time = Buffer.alloc(8);
  time.writeBigInt64LE(BigInt(ms));
  // .NET's ASCII encoding replaces each UTF-16 unit that is not ASCII by a question mark.
  const ascii = Buffer.from(text.replace(/\P{ASCII}/gu, questionMarks), 'latin1');
  const hash = createHash('sha256').update(ascii).update(time).digest('base64');
  return `${ms}.${hash.replace(/[=+/\\]/g, '').toUpperCase()}`;
}

/** Whether a Key has the form that a portal accepts: time, dot, code (docs/docspace-wire.md 6.2). */
export function hasSignedForm(key: string): boolean {
  return /^\d{1,19}\.[0-9A-Za-z]{20,43}$/.test(key);
}

function questionMarks(character: string): string {
  return '?'.repeat(character.length);
}
