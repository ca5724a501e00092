import { type Finding, findingsOf, inBytes } from './finding.ts';

const { ok, warning, wrong } = findingsOf('store');

/** Below it SQLite soon cannot commit, and every delivery is answered 503. */
const tooLittleBytes = 100e6;
const littleBytes = 1e9;

/** `statfs`: what kind of file system the database is on, and how much is left for it. */
export type Disk = { readonly type: number; readonly availableBytes: number };

/** statfs(2), `f_type`. The shared memory and locks of WAL work on one machine only (sqlite.org/wal.html). */
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
const passing: Readonly<Record<number, string>> = {
  16914836: 'memory (tmpfs), which a restart empties',
  2240043254: 'memory (ramfs), which a restart empties',
};

/** The disk that the database is, or will be, on. */
export function diskFindings(disk: Disk): Finding[] {
  // Node gives f_type as it is; on some machines it is signed.
  const type = disk.type >>> 0;
  const network = networks[type];
  const memory = passing[type];
  const findings = [spaceOf(disk.availableBytes)];
  if (network) {
    findings.push(
      wrong('network-disk', {
        seen: `the database is on a network file system (${network})`,
        means: 'SQLite’s locks and its journal do not hold there: it can be damaged',
        mend: 'set DATABASE_URL to a file on a local disk; copy it there with "backup"',
      }),
    );
  }
  if (memory) {
    findings.push(
      warning('memory-disk', {
        seen: `the database is in ${memory}`,
        means: 'after it nobody knows who was invited and who was welcomed',
        mend: 'set DATABASE_URL to a file on a disk that stays',
      }),
    );
  }
  return findings;
}

function spaceOf(availableBytes: number): Finding {
  const seen = `${inBytes(availableBytes)} are left on its disk`;
  if (availableBytes >= littleBytes) return ok('space', seen);
  const trouble = {
    seen: `only ${seen}`,
    means: 'when it is full, deliveries are answered 503 and nothing is sent',
    mend: 'make room, or lower RETENTION_DAYS',
  };
  return availableBytes < tooLittleBytes ? wrong('space', trouble) : warning('space', trouble);
}
