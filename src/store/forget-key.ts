import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { faultOf, publishFile } from './files.ts';
import { formsOf, type PersonRows } from './rules.ts';
import { ForgetKeyUnusable, StoreUnavailable } from './store.ts';

/**
 * Recognises forgotten people by keyed hashes. The key is in a file outside the database, so a copy of
 * the database alone does not tell who was forgotten.
 */
export type ForgetKey = {
  /**
   * Returns the hashes of a person. Null if there is no key: nobody was forgotten in this database, or
   * the key is lost.
   */
  readonly hashes: (person: {
    readonly userIds: readonly string[];
    readonly emails: readonly string[];
  }) => readonly string[] | null;
  /** Identifies the key with which hashes were made. Null if there is no key. */
  readonly fingerprint: () => string | null;
  /**
   * Creates the key if it is missing.
   * @throws StoreUnavailable when the settings name no file, when the key cannot be written now, or
   *   when the existing file contains no key
   */
  readonly ensure: () => void;
};

/**
 * Returns the hashes of a person who was welcomed, or may have been, and the fingerprint of the key.
 * Nothing is stored about other people, because they may be greeted if they are invited again.
 */
export function hashesToKeep(key: ForgetKey, { members, emails }: PersonRows): readonly string[] {
  const welcomed = members.filter(({ state }) =>
    ['welcomed', 'sending', 'unknown'].includes(state),
  );
  if (welcomed.length === 0) return [];
  const userIds = welcomed.map((one) => one.userId);
  const hashes = key.hashes({ userIds, emails }) ?? [];
  return [...hashes, key.fingerprint()].filter((hash) => hash !== null);
}

/**
 * Reads the key, if it exists.
 * @param file absolute path of the key; null if the settings do not name one
 * @throws ForgetKeyUnusable if the file exists but contains no key
 */
export function createForgetKey(file: string | null): ForgetKey {
  let key = file === null ? null : readKey(file);

  function hash(text: string): string | null {
    return key && createHmac('sha256', key).update(text).digest('hex');
  }

  return {
    fingerprint: () => hash('fingerprint'),
    hashes({ userIds, emails }) {
      // The prefixes make sure that the hash of an address never equals the hash of a user id.
      const hashes = [
        ...userIds.map((id) => hash(`user ${id.toLowerCase()}`)),
        ...[...new Set(emails.flatMap(formsOf))].map((form) => hash(`email ${form}`)),
      ];
      return hashes.every((one) => one !== null) ? hashes : null;
    },
    ensure() {
      if (file === null) {
        throw new StoreUnavailable(
          'nobody can be forgotten without a key by which they are recognised when they return: set FORGET_KEY_FILE',
        );
      }
      try {
        key ??= readKey(file) ?? makeKey(file);
      } catch (error) {
        throw error instanceof ForgetKeyUnusable
          ? new StoreUnavailable(error.message, { cause: error })
          : (faultOf(error, file) ?? error);
      }
    },
  };
}

/**
 * Checks the key of forgotten people.
 * @returns what is wrong with the key, and what to do; null if it is sound, or if there is no key
 */
export function inspectForgetKey(file: string): string | null {
  try {
    createForgetKey(file);
    return null;
  } catch (error) {
    if (error instanceof ForgetKeyUnusable) return error.message;
    throw error;
  }
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
      throw new ForgetKeyUnusable(
        `${file} cannot be read (${error.code}) by user id ${process.getuid?.() ?? 'unknown'}: ${advice}`,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  const fault = text === '' ? 'is empty' : 'is damaged';
  throw new ForgetKeyUnusable(`${file} ${fault}: ${advice}`);
}

/** The result of `copyForgetKey`. `none`: there is no key. */
export type CopiedForgetKey = 'copied' | 'none' | 'other_key_is_there';

/**
 * Copies the key of forgotten people, for a database that moves. A different key is not overwritten.
 * @throws ForgetKeyUnusable if one of the files exists but contains no key
 */
export function copyForgetKey(from: string, to: string): CopiedForgetKey {
  const key = readKey(from);
  if (key === null) return 'none';
  const present = readKey(to) ?? writeKey(to, key);
  return present.equals(key) ? 'copied' : 'other_key_is_there';
}

function makeKey(file: string): Buffer {
  return writeKey(file, randomBytes(32));
}

/**
 * Creates the file under a temporary name, and renames it when it is complete and on disk.
 * @returns the key that is in the file then. Another process may have created the file meanwhile
 */
function writeKey(file: string, key: Buffer): Buffer {
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
    return publishFile(unfinished, file) ? key : (readKey(file) ?? key);
  } finally {
    rmSync(unfinished, { force: true });
  }
}
