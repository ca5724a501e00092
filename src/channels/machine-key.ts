import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

export type MachineKeyRead =
  | { readonly kind: 'ok'; readonly machineKey: string }
  | { readonly kind: 'fault'; readonly sentence: string };

const longestBytes = 4_096;

/**
 * Reads the machine key of a self-hosted portal (`core:machinekey`, wire 6.2). Who has it can sign in
 * as anybody, so a file that others can read is refused. No sentence ever holds its content.
 * @param path absolute
 */
export function readMachineKey(path: string): MachineKeyRead {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return fault(path, 'cannot be opened: check the path, and that this service may read it');
  }
  try {
    // Asked of the open file, so that what was checked is what is read.
    const { mode, size } = fstatSync(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      return fault(path, `can be read by others: chmod 600 ${path}`);
    }
    if (size > longestBytes) return fault(path, 'is too long to be a machine key');
    const machineKey = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (machineKey === '')
      return fault(path, 'is empty: put core:machinekey of the portal into it');
    if (/[\r\n]/.test(machineKey)) return fault(path, 'has several lines: it holds the key alone');
    return { kind: 'ok', machineKey };
  } catch {
    return fault(path, 'cannot be read: is it a file?');
  } finally {
    closeSync(file);
  }
}

function fault(path: string, why: string): MachineKeyRead {
  return { kind: 'fault', sentence: `DOCSPACE_MACHINE_KEY_FILE: ${path} ${why}` };
}
