import Database from 'better-sqlite3';
import pg from 'pg';

/*
 * Loaded before the program (`--import`). Kills the process, like a power failure, right before the
 * first statement that contains CRASH_AT: a statement for PostgreSQL, or one that SQLite executes
 * without preparing it.
 */
const at = process.env['CRASH_AT'] ?? '';

function dieAt(text: string): void {
  if (at !== '' && text.includes(at)) process.kill(process.pid, 'SIGKILL');
}

const { exec } = Database.prototype;
Database.prototype.exec = function (source) {
  dieAt(`sqlite ${source}`);
  return exec.call(this, source);
};

const { query } = pg.Client.prototype;
Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...given: unknown[]) {
    const [first] = given;
    const isConfig = typeof first === 'object' && first !== null && 'text' in first;
    dieAt(`postgres ${isConfig ? first.text : first}`);
    return Reflect.apply(query, this, given);
  },
});
