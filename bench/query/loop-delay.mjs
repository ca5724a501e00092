/*
 * Loaded into the service by `--import`: on SIGUSR2 it says on standard output for how long its event
 * loop was held up since the last time. Time in which the process did not have its core is left out:
 * that is what others of the machine did. JavaScript, because the compiled service has no loader for
 * anything else.
 */

const everyMs = 1;
let longestMs = 0;
let at = performance.now();
let used = process.cpuUsage();
setInterval(() => {
  const late = performance.now() - at - everyMs;
  const { user, system } = process.cpuUsage(used);
  longestMs = Math.max(longestMs, Math.min(late, (user + system) / 1_000));
  at = performance.now();
  used = process.cpuUsage();
}, everyMs).unref();
process.on('SIGUSR2', () => {
  process.stdout.write(`held up ${longestMs.toFixed(2)} ms\n`);
  longestMs = 0;
});
