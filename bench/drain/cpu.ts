import { readFileSync } from 'node:fs';

/** A tick of /proc/PID/stat is a hundredth of a second on Linux (sysconf(_SC_CLK_TCK)). */
const tickMs = 10;

/**
 * What a process has used of the processor so far: it holds where the seconds of a busy machine do not.
 * @returns ms; NaN where there is no /proc
 */
export function cpuMsOf(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name in brackets, which may hold anything, `utime` and `stime` are 12th and 13th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return Number.NaN;
  }
}
