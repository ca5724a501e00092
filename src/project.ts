import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/**
 * The folder of package.json. It is above `src` when the program runs from source, and above `dist`
 * when the compiled program runs.
 */
const folder = findFolder(dirname(fileURLToPath(import.meta.url)));

function findFolder(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const above = dirname(from);
  if (above === from) throw new Error('package.json is missing: install docspace-welcome again');
  return findFolder(above);
}

/**
 * Returns the absolute path of a file or folder that is shipped with the program.
 * @param path relative to package.json, with slashes
 */
export function projectPath(path: string): string {
  return join(folder, path);
}

/** The version of this program. */
export const version = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(projectPath('package.json'), 'utf8'))).version;
