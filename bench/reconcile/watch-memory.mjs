import { appendFileSync } from 'node:fs';

/*
 * Loaded before the service. Writes its memory to the file MEMORY_FILE 20 times a second, one value
 * per line. A heap contains only live objects after a garbage collection, so the lowest line says
 * the most.
 */
const everyMs = 50;
const file = process.env['MEMORY_FILE'] ?? '';

setInterval(() => {
  const { rss, heapUsed } = process.memoryUsage();
  appendFileSync(file, `${rss} ${heapUsed}\n`);
}, everyMs).unref();
