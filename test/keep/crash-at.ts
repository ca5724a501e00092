import Database from 'better-sqlite3';

/*
 * Loaded before the program (`--import`). Kills the process, like a power failure, right before the
 * first statement or pragma whose text contains CRASH_AT.
 */
const at = process.env.CRASH_AT ?? '';
const { prepare, pragma, exec } = Database.prototype;

function dieAt(text: string): void {
  if (at !== '' && text.includes(at)) process.kill(process.pid, 'SIGKILL');
}

Database.prototype.pragma = function (...args) {
  dieAt(args[0]);
  return pragma.apply(this, args);
};
Database.prototype.exec = function (...args) {
  dieAt(args[0]);
  return exec.apply(this, args);
};
Database.prototype.prepare = function (this: Database.Database, source: string) {
  dieAt(source);
  return prepare.call(this, source);
} as typeof prepare;
