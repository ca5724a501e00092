import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

export type MachineKeyRead =
  | { readonly kind: 'ok'; readonly machineKey: string }
  | { readonly kind: 'fault'; readonly sentence: string };

const longestBytes = 4_096;

/**
 * Reads the machine key of a self-hosted portal (`core:machinekey`, docs/docspace-wire.md 6.2). A person
 * who has it can sign in as any user, so a file that other users can read is refused. A fault repeats
 * neither the content nor the path, because an admin may have put the key itself into the setting by
 * mistake.
 * @param path absolute
 */
export function readMachineKey(path: string): MachineKeyRead {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return fault('cannot be opened: check the path, and that this service may read it');
  }
  try {
    // `fstat` checks the open file, so nobody can replace the file between the check and the reading.
    const { mode, size } = fstatSync(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      return fault('can be read by other users: give it the mode 600');
    }
    if (size > longestBytes) return fault('is too long to be a machine key');
    const machineKey = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (machineKey === '') return fault('is empty: put core:machinekey of the portal into it');
    if (/[\r\n]/.test(machineKey)) return fault('has several lines: it must hold the key alone');
    return { kind: 'ok', machineKey };
  } catch {
    return fault('cannot be read: is it a file?');
  } finally {
    closeSync(file);
  }
}

function fault(why: string): MachineKeyRead {
  return { kind: 'fault', sentence: `the file of DOCSPACE_MACHINE_KEY_FILE ${why}` };
}
