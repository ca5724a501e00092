import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreKind } from '../databases.ts';
import { projectFolder } from '../service.ts';

/**
 * Makes a copy of the build that differs in one number, so that the writer commits each job
 * separately. The product has no such setting.
 * @param store whose writer it is
 * @returns its main file and its folder, which the caller removes
 */
export function buildWithOneJobACommit(store: StoreKind): {
  readonly main: string;
  readonly folder: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-build-'));
  cpSync(join(projectFolder, 'dist'), join(folder, 'dist'), { recursive: true });
  for (const name of ['node_modules', 'drizzle', 'package.json']) {
    symlinkSync(join(projectFolder, name), join(folder, name));
  }
  mkdirSync(join(folder, 'src', 'channels'), { recursive: true });
  symlinkSync(join(projectFolder, 'src/channels/letters'), join(folder, 'src/channels/letters'));
  const writer = join(folder, `dist/src/store/${store}/writer.js`);
  const before = readFileSync(writer, 'utf8');
  const after = before.replace(/longestBatch = \d+/, 'longestBatch = 1');
  if (after === before) throw new Error(`${writer} has no longestBatch any more`);
  writeFileSync(writer, after);
  return { main: join(folder, 'dist', 'src', 'main.js'), folder };
}
