import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';

/** The thread has no sources of its own: evaluated text runs the same from src/ and from dist/. */
const source = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Database = require(workerData.driver);
  const database = new Database(workerData.file, { readonly: true, timeout: 5000 });
  parentPort.postMessage(database.pragma('quick_check(1)', { simple: true }));
  database.close();
`;

/**
 * Looks for damage in the database file, in a thread, so that nothing waits for it
 * (sqlite.org/pragma.html#pragma_quick_check).
 * @returns null when all is well, else what SQLite says of the first damage
 * @throws when the file cannot be read
 */
export function quickCheck(file: string): Promise<string | null> {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3');
  return new Promise((resolve, reject) => {
    // Without the parent's --import hooks: the thread runs plain JavaScript.
    const thread = new Worker(source, { eval: true, execArgv: [], workerData: { driver, file } });
    thread.once('message', (said: unknown) => {
      const text = z.string().parse(said);
      resolve(text === 'ok' ? null : text);
    });
    thread.once('error', reject);
  });
}
