import { readFileSync } from 'node:fs';

/** A tick in /proc/PID/stat is a hundredth of a second on Linux (sysconf(_SC_CLK_TCK)). */
const tickMs = 10;

/**
 * The CPU time that a process has used. It is a stable figure even on a busy machine, where elapsed
 * time is not.
 * @returns ms; NaN if there is no /proc
 */
export function cpuMsOf(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // `utime` and `stime` are the 12th and 13th field after the name, which is in brackets and may
    // contain any character.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return Number.NaN;
  }
}
