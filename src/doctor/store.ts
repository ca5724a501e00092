import type { DatabaseSight, Use } from '../store/sight.ts';
import { type Disk, diskFindings } from './disk.ts';
import { type Finding, findingsOf, inBytes } from './finding.ts';

const { ok, warning, wrong } = findingsOf('store');

/** What was seen of the store; everything is read, nothing written. */
export type StoreSeen = {
  readonly file: string;
  readonly database: DatabaseSight;
  readonly use: Use;
  readonly disk: Disk | null;
  /** The portal that the store belongs to; null: it does not know yet. */
  readonly portalOrigin: string | null;
  readonly configuredOrigin: string;
  /** What SQLite says is broken; null: nothing, or nobody looked. */
  readonly damage: string | null;
};

export function storeFindings(seen: StoreSeen): Finding[] {
  const { database, disk } = seen;
  return [
    ...databaseFindings(database, seen),
    ...useFindings(seen.use),
    ...damageFindings(seen),
    ...portalFindings(seen),
    ...(disk ? diskFindings(disk) : []),
  ];
}

function databaseFindings(database: DatabaseSight, { file }: StoreSeen): Finding[] {
  switch (database.kind) {
    case 'missing':
      return [ok('database', `there is no database yet, the first start makes it: ${file}`)];
    case 'unreadable':
      return [
        wrong('database', {
          seen: `${file} cannot be read: ${database.reason}`,
          means: 'the service does not start, and nobody can ask the log',
          mend: 'check DATABASE_URL and the owner of the file; if it is damaged, restore a backup',
        }),
      ];
    case 'database':
      return [versionOf(database.version, database.sizeBytes, file), ...journalOf(database)];
    default:
      return database satisfies never;
  }
}

function versionOf(version: 'this' | 'older' | 'newer', size: number, file: string): Finding {
  switch (version) {
    case 'this':
      return ok('database', `${file}, ${inBytes(size)}`);
    case 'older':
      return warning('version', {
        seen: `${file} was written by an older version`,
        means: 'it cannot be read until it is brought up to date; doctor could not look into it',
        mend: 'run "serve" once: it brings the database up to date',
      });
    case 'newer':
      return wrong('version', {
        seen: `${file} was written by a newer version`,
        means: 'this version refuses it, so that nothing is lost',
        mend: 'update this program, or restore a backup',
      });
    default:
      return version satisfies never;
  }
}

function journalOf({ journalMode }: { readonly journalMode: string }): Finding[] {
  if (journalMode === 'wal') return [];
  return [
    warning('journal', {
      seen: `the journal mode of the database is ${journalMode}, not wal`,
      means:
        'somebody changed it, or the file was copied by a tool: readers and writers block each other',
      mend: 'restart the service: it sets wal at its start, and says so if it cannot',
    }),
  ];
}

function useFindings(use: Use): Finding[] {
  switch (use.kind) {
    case 'free':
      return [ok('service', 'no service runs on it now')];
    case 'served': {
      const { pid, url } = use;
      return [ok('service', `served by process ${pid ?? '?'}${url ? ` at ${url}` : ''}`)];
    }
    case 'left':
      return [
        warning('unclean', {
          seen: 'the last stop was not clean: the process was killed, or the power went',
          means: 'what it was sending at that moment is held as unknown at the next start',
          mend: 'start the service; then look at "stats" and settle with "resolve USER sent|retry"',
        }),
      ];
    default:
      return use satisfies never;
  }
}

function damageFindings({ damage }: StoreSeen): Finding[] {
  if (damage === null) return [];
  return [
    wrong('damage', {
      seen: `the database is damaged: ${damage}`,
      means: 'people and welcomes may be missing from it',
      mend: 'stop the service and restore a backup',
    }),
  ];
}

function portalFindings({ portalOrigin, configuredOrigin }: StoreSeen): Finding[] {
  if (portalOrigin === null || portalOrigin === configuredOrigin) return [];
  return [
    wrong('portal', {
      seen: `the database belongs to the portal ${portalOrigin}, DOCSPACE_URL is ${configuredOrigin}`,
      means: 'the service does not start: user ids of one portal mean nothing in another',
      mend: 'set DOCSPACE_URL back, or use another DATABASE_URL for the other portal',
    }),
  ];
}
