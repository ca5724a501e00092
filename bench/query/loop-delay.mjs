import { monitorEventLoopDelay } from 'node:perf_hooks';

/*
 * Loaded into the service by `--import`: on SIGUSR2 it says on standard output for how long its event
 * loop was held up since the last time. JavaScript, because the compiled service has no loader for anything else.
 */

const resolution = 1;
const delays = monitorEventLoopDelay({ resolution });
delays.enable();
process.on('SIGUSR2', () => {
  const longestMs = Math.max(0, delays.max / 1e6 - resolution);
  delays.reset();
  process.stdout.write(`held up ${longestMs.toFixed(2)} ms\n`);
});
