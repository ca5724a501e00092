import { appendFileSync } from 'node:fs';

/*
 * Loaded before the service: notes its memory 20 times a second into the file MEMORY_FILE, a line each.
 * A heap is what is alive only after a collection: the lowest line says the most.
 */
const everyMs = 50;
const file = process.env['MEMORY_FILE'] ?? '';

setInterval(() => {
  const { rss, heapUsed } = process.memoryUsage();
  appendFileSync(file, `${rss} ${heapUsed}\n`);
}, everyMs).unref();
