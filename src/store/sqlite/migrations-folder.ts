import { fileURLToPath } from 'node:url';

/** `drizzle/` beside `src/` and beside `dist/`: three folders up from this file in both. */
export const migrationsFolder = fileURLToPath(new URL('../../../drizzle', import.meta.url));
