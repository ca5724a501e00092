import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { normaliseEmail } from '../../domain/vocabulary.ts';

/**
 * Recognises forgotten people by keyed hashes. The key lies beside the database, not in it: a copy of
 * the database alone cannot be searched for anybody.
 */
export type ForgetKey = {
  /** Null: nobody was forgotten here, or the key is lost. */
  readonly hashes: (person: {
    readonly userIds: readonly string[];
    readonly emails: readonly string[];
  }) => readonly string[] | null;
  /** Tells whether hashes were made with this key; null: there is none. */
  readonly fingerprint: () => string | null;
  /** Makes the key when it is not there. */
  readonly ensure: () => void;
};

/** @param databaseFile absolute path; the key is `<databaseFile>.forget-key` */
export function createForgetKey(databaseFile: string): ForgetKey {
  const file = `${databaseFile}.forget-key`;
  let key: Buffer | null = null;

  function hash(text: string): string | null {
    key ??= readKey(file);
    return key && createHmac('sha256', key).update(text).digest('hex');
  }

  return {
    fingerprint: () => hash('fingerprint'),
    hashes({ userIds, emails }) {
      // Told apart, so that no address can stand for an id.
      const hashes = [
        ...userIds.map((id) => hash(`user ${id.toLowerCase()}`)),
        ...emails.map((email) => hash(`email ${normaliseEmail(email)}`)),
      ].filter((one) => one !== null);
      return hashes.length === userIds.length + emails.length ? hashes : null;
    },
    ensure() {
      key ??= readKey(file) ?? makeKey(file);
    },
  };
}

/** @throws when the file is there but holds no key: to go on would be to greet people twice */
function readKey(file: string): Buffer | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  throw new Error(`${file} holds no key: put the right one back, or delete the file`);
}

/** On the disk, with its name, before the first hash is. */
function makeKey(file: string): Buffer {
  const key = randomBytes(32);
  const written = openSync(file, 'wx', 0o600);
  writeSync(written, `${key.toString('hex')}\n`);
  fsyncSync(written);
  closeSync(written);
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
  return key;
}
