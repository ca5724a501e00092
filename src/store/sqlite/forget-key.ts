import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { normaliseEmail } from '../../domain/vocabulary.ts';
import { ForgetKeyUnusable } from '../store.ts';
import { publishFile } from './backup.ts';
import { faultOf } from './writer.ts';

/**
 * Recognises forgotten people by keyed hashes. The key lies beside the database, not in it: nobody can
 * be looked up in a copy of the database alone.
 */
export type ForgetKey = {
  /** Null: nobody was forgotten here, or the key is lost. */
  readonly hashes: (person: {
    readonly userIds: readonly string[];
    readonly emails: readonly string[];
  }) => readonly string[] | null;
  /** Shows whether hashes were made with this key; null: there is none. */
  readonly fingerprint: () => string | null;
  /**
   * Makes the key when it is missing.
   * @throws StoreUnavailable when the disk is full
   */
  readonly ensure: () => void;
};

/**
 * @param databaseFile absolute path; the key is `<databaseFile>.forget-key`
 * @throws ForgetKeyUnusable when the file is there and holds no key
 */
export function createForgetKey(databaseFile: string): ForgetKey {
  const file = `${databaseFile}.forget-key`;
  let key = readKey(file);

  function hash(text: string): string | null {
    return key && createHmac('sha256', key).update(text).digest('hex');
  }

  return {
    fingerprint: () => hash('fingerprint'),
    hashes({ userIds, emails }) {
      // The prefixes keep an address from standing for a user id.
      const hashes = [
        ...userIds.map((id) => hash(`user ${id.toLowerCase()}`)),
        ...emails.map((email) => hash(`email ${normaliseEmail(email)}`)),
      ];
      return hashes.every((one) => one !== null) ? hashes : null;
    },
    ensure() {
      key ??= readKey(file) ?? makeKey(file);
    },
  };
}

function readKey(file: string): Buffer | null {
  const advice =
    'restore it from a backup, or delete it: then people who were forgotten after their welcome may be greeted again when they return';
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      if (error.code === 'ENOENT') return null;
      throw new ForgetKeyUnusable(`${file} cannot be read (${error.code}): ${advice}`, {
        cause: error,
      });
    }
    throw error;
  }
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  const fault = text === '' ? 'is empty' : 'is damaged';
  throw new ForgetKeyUnusable(`${file} ${fault}: ${advice}`);
}

/** The file appears under its name only when it is complete and on disk. */
function makeKey(file: string): Buffer {
  const key = randomBytes(32);
  const unfinished = `${file}.unfinished`;
  rmSync(unfinished, { force: true });
  try {
    const opened = openSync(unfinished, 'wx', 0o600);
    try {
      writeSync(opened, `${key.toString('hex')}\n`);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    publishFile(unfinished, file);
  } catch (error) {
    throw faultOf(error) ?? error;
  } finally {
    rmSync(unfinished, { force: true });
  }
  return key;
}
