import { Counter, Gauge, type Registry } from 'prom-client';

/**
 * Adds metrics about the process under their usual names. The default metrics of prom-client start
 * observers that nothing can stop, so this function adds its own.
 */
export function addProcess(registry: Registry, version: string): void {
  const registers = [registry];
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc((user + system) / 1e6);
    },
  });
  const start = new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process started, in seconds since 1970',
    registers,
  });
  start.set(performance.timeOrigin / 1_000);
  const build = new Gauge({
    name: 'docspace_welcome_build_info',
    help: 'Always 1; the label says which version runs',
    labelNames: ['version'],
    registers,
  });
  build.set({ version }, 1);
}
