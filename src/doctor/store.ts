import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inspectDatabase, openReads } from '../store/database.ts';
import type { Database } from '../store/place.ts';
import type { DatabaseServer, DatabaseStatus, LockStatus, StoreReads } from '../store/store.ts';
import { bytesText, type Finding, findingsOf } from './finding.ts';

const { ok, warning, wrong } = findingsOf('store');

/** What can be learnt about the database without writing to it. */
export type StoreStatus = {
  /** How messages name the database. */
  readonly file: string;
  readonly database: DatabaseStatus;
  readonly lock: LockStatus;
  readonly disk: Disk | null;
  /** The portal that the database belongs to; null: not known yet, or the database cannot be read. */
  readonly portalOrigin: string | null;
  readonly configuredOrigin: string;
  /** What is wrong with the key of "forget"; null: nothing. */
  readonly forgetKeyFault: string | null;
  /** What SQLite reports as damaged; null: nothing, or it was not checked. */
  readonly damage: string | null;
  /** Why nothing may write to the database after a move; null: writing is allowed. */
  readonly moved: { readonly seen: string; readonly mend: string } | null;
  readonly server: DatabaseServer | null;
};

export function storeFindings(status: StoreStatus): Finding[] {
  const { database, disk } = status;
  return [
    databaseFinding(database, status),
    ...(status.server ? serverFindings(status.server) : []),
    database.kind === 'database' ? journalFinding(database) : null,
    lockFinding(status.lock),
    keyFinding(status.forgetKeyFault),
    damageFinding(status),
    movedFinding(status.moved),
    portalFinding(status),
    ...(disk ? diskFindings(disk) : []),
  ].filter((finding) => finding !== null);
}

function databaseFinding(database: DatabaseStatus, { file, lock }: StoreStatus): Finding {
  switch (database.kind) {
    case 'missing':
      if (database.servedUntil === null && lock.kind === 'free') {
        const text = `there is no database yet, the first start or "migrate" creates it: ${file}`;
        return ok('database', text);
      }
      return wrong('database', {
        seen: `${file} is gone: a service used a database there`,
        means:
          'a running service answers deliveries with 503; the next start begins with an empty database, paused',
        mend: 'stop the service and put the file back, or restore a backup; to continue with an empty database, run "resume" after the start',
      });
    case 'replaced':
      return wrong('database', {
        seen: `${file} is not the file that the running service uses: it was removed or replaced`,
        means: 'the service answers deliveries with 503 and sends nothing',
        mend: 'put the file back, or restart the service to go on with the file that is there now',
      });
    case 'unreadable':
      return wrong('database', {
        seen: database.detail,
        means: 'the service does not start, and no verb can read the database',
        mend: 'check DATABASE_URL, and the owner of the file or the server; if the database is damaged, restore a backup',
      });
    case 'database':
      return versionOf(database.version, database.sizeBytes, file);
    default:
      return database satisfies never;
  }
}

function versionOf(version: 'this' | 'older' | 'newer', size: number, file: string): Finding {
  switch (version) {
    case 'this':
      return ok('database', `${file}, ${bytesText(size)}`);
    case 'older':
      return warning('version', {
        seen: `${file} was written by an older version`,
        means: 'it cannot be read before it is updated; doctor could not check its contents',
        mend: 'run "migrate", or start the service once: it updates the database',
      });
    case 'newer':
      return wrong('version', {
        seen: `${file} was written by a newer version`,
        means: 'this version refuses to open it, so that nothing is lost',
        mend: 'update this program, or restore a backup',
      });
    default:
      return version satisfies never;
  }
}

function serverFindings(server: DatabaseServer): Finding[] {
  const { version, encoding, isTooOld, isOtherEncoding, losesCommits, hasTrigrams } = server;
  const seen = `PostgreSQL ${version}, encoding ${encoding}`;
  const trigrams = hasTrigrams ? 'is there' : 'is missing';
  return [
    isTooOld || isOtherEncoding
      ? wrong('server', {
          seen,
          means: 'the service does not start',
          mend: 'use PostgreSQL 14 or newer, and a database with the encoding UTF8',
        })
      : ok('server', seen),
    ok(
      'search',
      `search reads all rows; it does not need the extension pg_trgm, which ${trigrams}`,
    ),
    ...(losesCommits
      ? [
          warning('commits', {
            seen: 'synchronous_commit is off',
            means:
              'if the server crashes, its last commits are lost, and a welcome in them may be sent again',
            mend: 'turn it on for the role: ALTER ROLE … SET synchronous_commit = on',
          }),
        ]
      : []),
  ];
}

function journalFinding({ journalMode }: { readonly journalMode: string | null }): Finding | null {
  if (journalMode === null || journalMode === 'wal') return null;
  return warning('journal', {
    seen: `the journal mode of the database is ${journalMode}, not wal`,
    means: 'the mode was changed, or a tool copied the file; readers and writers block each other',
    mend: 'restart the service: it sets wal at its start, and logs an error if it cannot',
  });
}

function lockFinding(lock: LockStatus): Finding {
  switch (lock.kind) {
    case 'free':
      return ok('service', 'no service uses the database now');
    case 'served': {
      const { pid, url } = lock;
      return ok('service', `served by process ${pid ?? '?'}${url ? ` at ${url}` : ''}`);
    }
    case 'left':
      return warning('unclean', {
        seen: 'the last stop was not clean: the process was killed, or the power failed',
        means: 'welcomes that were being sent at that moment become unknown at the next start',
        mend: 'start the service; then run "stats", and "resolve USER sent|retry" for each unknown welcome',
      });
    default:
      return lock satisfies never;
  }
}

function keyFinding(fault: string | null): Finding | null {
  if (fault === null) return null;
  return wrong('forget-key', {
    seen: fault,
    means: 'the service does not start, because it could welcome forgotten people a second time',
    mend: 'restore the file, with this service’s user as its owner',
  });
}

function damageFinding({ damage }: StoreStatus): Finding | null {
  if (damage === null) return null;
  return wrong('damage', {
    seen: `the database is damaged: ${damage}`,
    means: 'people and welcomes may be missing',
    mend: 'stop the service and restore a backup',
  });
}

function movedFinding(moved: StoreStatus['moved']): Finding | null {
  if (moved === null) return null;
  const means = 'the service does not start, because only one of the two databases may be served';
  return wrong('moved', { ...moved, means });
}

function portalFinding({ portalOrigin, configuredOrigin }: StoreStatus): Finding | null {
  if (portalOrigin === null || portalOrigin === configuredOrigin) return null;
  return wrong('portal', {
    seen: `the database belongs to the portal ${portalOrigin}, DOCSPACE_URL is ${configuredOrigin}`,
    means: 'the service does not start: user ids of one portal mean nothing in another',
    mend: 'correct DOCSPACE_URL, or use another DATABASE_URL for the other portal',
  });
}

/** With less free space, SQLite soon cannot commit, and every delivery is answered with 503. */
const tooLittleBytes = 100e6;
const littleBytes = 1e9;

/** The kind of the file system and its free space, as `statfs` reports them. */
export type Disk = { readonly type: number; readonly availableBytes: number };

/** Network file systems by `f_type` (statfs(2)). SQLite's WAL fails on them (sqlite.org/wal.html). */
const networks: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  16914839: '9P',
  12805120: 'Ceph',
  198183888: 'Lustre',
  1397113167: 'AFS',
  1799439955: 'AFS',
  2020557398: 'VirtualBox share',
};
const volatile: Readonly<Record<number, string>> = {
  16914836: 'memory (tmpfs), which a restart empties',
  2240043254: 'memory (ramfs), which a restart empties',
};

/** Findings about the disk of the database. */
function diskFindings(disk: Disk): Finding[] {
  // On some machines f_type is signed.
  const type = disk.type >>> 0;
  const network = networks[type];
  const memory = volatile[type];
  const findings = [spaceOf(disk.availableBytes)];
  if (network) {
    findings.push(
      wrong('network-disk', {
        seen: `the database is on a network file system (${network})`,
        means: 'SQLite’s locks and its journal do not work there: the database can be damaged',
        mend: 'set DATABASE_URL to a file on a local disk; copy it there with "backup"',
      }),
    );
  }
  if (memory) {
    findings.push(
      warning('memory-disk', {
        seen: `the database is in ${memory}`,
        means: 'after a restart nobody knows who was invited and who was welcomed',
        mend: 'set DATABASE_URL to a file on a permanent disk',
      }),
    );
  }
  return findings;
}

function spaceOf(availableBytes: number): Finding {
  const seen = `${bytesText(availableBytes)} are free on its disk`;
  if (availableBytes >= littleBytes) return ok('space', seen);
  const trouble = {
    seen: `only ${seen}`,
    means: 'when it is full, deliveries are answered with 503 and nothing is sent',
    mend: 'free some space, or lower RETENTION_DAYS',
  };
  return availableBytes < tooLittleBytes ? wrong('space', trouble) : warning('space', trouble);
}

/** Reads the disk of a folder. Callers pass this function, so that tests can simulate full disks. */
export type ReadDisk = (folder: string) => Promise<Disk | null>;

export const readDisk: ReadDisk = async (folder) => {
  try {
    const { type, bavail, bsize } = await statfs(folder);
    return { type, availableBytes: bavail * bsize };
  } catch {
    // Some systems have no `statfs`. Then there is no finding about the disk.
    return null;
  }
};

/**
 * Inspects the database without writing to it.
 * @returns `reads`: the database opened for reading; null if the database is missing, replaced, damaged,
 *   unreadable, or not of this version
 */
export async function inspectStore(options: {
  readonly database: Database;
  readonly configuredOrigin: string;
  readonly readDisk: ReadDisk;
}): Promise<{ readonly status: StoreStatus; readonly reads: StoreReads | null }> {
  const { configuredOrigin } = options;
  const { name, kind } = options.database;
  const inspected = await inspectDatabase(options.database);
  const { database, damage } = inspected;
  const disk = kind === 'sqlite' ? await options.readDisk(existingFolder(dirname(name))) : null;
  const isOurs = database.kind === 'database' && database.version === 'this';
  const reads = isOurs && damage === null ? await openReads(options.database) : null;
  const portalOrigin = (await reads?.getValue('portal_origin')) ?? null;
  return { status: { ...inspected, file: name, disk, portalOrigin, configuredOrigin }, reads };
}

/**
 * Returns the folder, or the nearest folder above it that exists. The first start creates the folder of
 * the database, so it will be on the same disk.
 */
function existingFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder
    ? folder
    : existingFolder(dirname(folder));
}
