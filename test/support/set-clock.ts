/*
 * A preloaded module: the clock of this process is wrong by CLOCK_OFF_MS, and SIGUSR2 sets it by
 * SET_CLOCK_MS. The time that passes is not changed, as when a person sets the clock of a machine.
 */
const real = Date.now.bind(Date);
let offMs = Number(process.env['CLOCK_OFF_MS'] ?? 0);
Date.now = () => real() + offMs;
process.on('SIGUSR2', () => {
  offMs += Number(process.env['SET_CLOCK_MS']);
  process.stdout.write('the clock was set\n');
});
