import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Disk } from '../../doctor/disk.ts';
import type { StoreSeen } from '../../doctor/store.ts';
import { inspectDatabase, inspectUse } from '../../store/sqlite/inspect.ts';
import { quickCheck } from '../../store/sqlite/quick-check.ts';
import { openSqliteReads } from '../../store/sqlite/sqlite-store.ts';
import type { StoreReads } from '../../store/store.ts';

/** How `doctor` learns about a folder's disk: an argument, so that tests have full and distant ones. */
export type LookAtDisk = (folder: string) => Promise<Disk | null>;

export const diskOf: LookAtDisk = async (folder) => {
  try {
    const { type, bavail, bsize } = await statfs(folder);
    return { type, availableBytes: bavail * bsize };
  } catch {
    // Some systems have no statfs; then there is nothing to say of the disk.
    return null;
  }
};

/**
 * Looks at the store without writing to it.
 * @returns what was seen, and the log opened for reading; null: there is none that can be read
 */
export async function lookAtStore(options: {
  readonly file: string;
  readonly configuredOrigin: string;
  readonly lookAtDisk: LookAtDisk;
}): Promise<{ readonly seen: StoreSeen; readonly reads: StoreReads | null }> {
  const { file, configuredOrigin } = options;
  const database = inspectDatabase(file);
  const use = inspectUse(file);
  const disk = await options.lookAtDisk(existingFolder(dirname(file)));
  const isOurs = database.kind === 'database' && database.version === 'this';
  // A running service checks by itself after an unclean stop, and `/readyz` says what it found.
  const damage = use.kind === 'left' && database.kind === 'database' ? await damageOf(file) : null;
  const reads = isOurs && damage === null ? openSqliteReads(file) : null;
  const portalOrigin = (await reads?.progress('portal_origin')) ?? null;
  return { seen: { file, database, use, disk, portalOrigin, configuredOrigin, damage }, reads };
}

function damageOf(file: string): Promise<string | null> {
  return quickCheck(file).catch((error) =>
    error instanceof Error ? error.message : String(error),
  );
}

/** The folder is made at the first start: until then its parent's disk is the one. */
function existingFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder
    ? folder
    : existingFolder(dirname(folder));
}
