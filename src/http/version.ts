import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Seen from `src/http` and from `dist/http`. */
const packageFile = new URL('../../package.json', import.meta.url);

/** The version of this program. */
export const version = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(packageFile, 'utf8'))).version;
