import { createHash } from 'node:crypto';

/** The portal counts the time of a Key from here (wire 6.2). */
const epochMs = Date.UTC(2010, 0, 1);

/** What to do about a Key that a portal does not accept: said before the first 403, and with it. */
export const keyAdvice =
  'a self-hosted portal accepts only a Key signed with its machine key (DOCSPACE_MACHINE_KEY_FILE); on the ONLYOFFICE cloud nobody can make one: there use WELCOME_CHANNEL=smtp';

/**
 * The `Key` of sendcongratulations for one user: good for an hour from `at` (wire 6.2).
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
  // .NET's ASCII encoding makes a question mark of each UTF-16 unit that it does not know.
  const ascii = Buffer.from(text.replace(/\P{ASCII}/gu, questionMarks), 'latin1');
  const hash = createHash('sha256').update(ascii).update(time).digest('base64');
  return `${ms}.${hash.replace(/[=+/\\]/g, '').toUpperCase()}`;
}

/** Whether a portal could accept it at all: a time, a dot, a code (wire 6.2). */
export function hasSignedForm(key: string): boolean {
  return /^\d{1,19}\.[0-9A-Za-z]{20,43}$/.test(key);
}

function questionMarks(character: string): string {
  return '?'.repeat(character.length);
}
