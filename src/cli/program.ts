import { createRequire } from 'node:module';

const isCompiled = import.meta.url.endsWith('.js');

/** Returns the command that starts this program. It depends on how the program was installed. */
export function commandName(): string {
  if (!isCompiled) return 'npm run cli --';
  const isInFolder = /[\\/]node_modules[\\/]\.bin[\\/]/.test(process.argv[1] ?? '');
  return isInFolder ? 'npx docspace-welcome' : 'docspace-welcome';
}

/**
 * Says what to do when the native library of better-sqlite3 is missing or was built for another Node.js.
 * @returns null for every other error
 */
export function missingLibrary(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const isMissing =
    error.message.startsWith('Could not locate the bindings file') ||
    ('code' in error && error.code === 'ERR_DLOPEN_FAILED');
  if (!isMissing) return missingLibrary(error.cause);
  const path = createRequire(import.meta.url).resolve('better-sqlite3');
  const folder = path.slice(0, path.search(/[\\/]node_modules[\\/]better-sqlite3[\\/]/));
  const platform = `Node.js ${process.version} on ${process.platform}-${process.arch}`;
  return `better-sqlite3 has no compiled library for ${platform}. Install python3, make and g++, then run "npm rebuild better-sqlite3" in ${folder}.`;
}
