import { readFileSync } from 'node:fs';

/**
 * For how long this thread has been ready to run while others of the machine had its core, ms; 0 where
 * the system does not say (Linux does: docs.kernel.org/scheduler/sched-stats.html). Waiting for the disk
 * is no part of it.
 */
export function waitedMs(): number {
  try {
    const [, waitedNs] = readFileSync('/proc/self/schedstat', 'utf8').split(' ');
    return Number(waitedNs) / 1e6;
  } catch {
    return 0;
  }
}
