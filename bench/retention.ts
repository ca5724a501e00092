import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { systemClock } from '../src/clock.ts';
import { sign } from '../src/docspace/signature.ts';
import { createHealth } from '../src/health.ts';
import { listen } from '../src/http/server.ts';
import { longestBodyBytes, webhookPath, webhookRoutes } from '../src/http/webhook.ts';
import { createLog } from '../src/log.ts';
import { openForWriting } from '../src/store/sqlite/open.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import { createHousekeeping } from '../src/worker/housekeeping.ts';

/*
 * How long the portal waits for an answer while 200,000 old deliveries are deleted.
 * npx tsx bench/retention.ts [old deliveries] [bytes of a body] [deliveries at a time]
 */

const old = Number(process.argv[2] ?? 200_000);
const bodyBytes = Math.min(Number(process.argv[3] ?? 1_200), longestBodyBytes);
const atATime = Number(process.argv[4] ?? 2);
const retentionDays = 90;
const secret = 'Docspace-Webhook-1';

const folder = mkdtempSync(join(tmpdir(), 'retention-'));
const file = join(folder, 'welcome.db');
fill();
const store = openSqliteStore(file);
const silent = createLog({ level: 'silent', write: () => {} });
const routes = webhookRoutes({
  store,
  secrets: [secret],
  now: Date.now,
  log: silent,
  health: createHealth(),
  isStopping: () => false,
  nudge: () => {},
  count: () => {},
});
const server = await listen(routes, '127.0.0.1', 0);

for (const limit of [50, 100, 200, 400]) await batchesAlone(limit);
let eventId = 10_000_000;
await deliveriesFor('warming up', 2_000);
await deliveriesFor('without housekeeping', 4_000);
let isOver = false;
const begun = performance.now();
const housekeeping = createHousekeeping({
  // What deletes is measured as it is; the end is seen by the first batch that is not full.
  store: {
    ...store,
    async deleteDeliveries(query) {
      const count = await store.deleteDeliveries(query);
      if (count < query.limit) isOver = true;
      return count;
    },
  },
  inviter: { settleIssuing: async () => {} },
  retentionDays,
  clock: systemClock,
  log: silent,
});
housekeeping.start(Date.now());
await deliveriesFor('while housekeeping deletes', null);
print(`  all deleted in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
await housekeeping.stop();
await server.close(1_000);
await store.close();
rmSync(folder, { recursive: true });

/** What a batch takes of this thread by itself: a delivery that arrives with it waits this long too. */
async function batchesAlone(limit: number): Promise<void> {
  const before = Date.now() - retentionDays * 24 * 3_600_000;
  const walls: number[] = [];
  const cpus: number[] = [];
  for (let batch = 0; batch < 60; batch += 1) {
    const wallAt = performance.now();
    const cpuAt = process.cpuUsage();
    await store.deleteDeliveries({ before, limit });
    const { user, system } = process.cpuUsage(cpuAt);
    walls.push(performance.now() - wallAt);
    cpus.push((user + system) / 1_000);
  }
  const figures = (times: number[]) => {
    times.sort((a, b) => a - b);
    return `median ${(times[30] ?? 0).toFixed(1)}, longest ${(times.at(-1) ?? 0).toFixed(1)} ms`;
  };
  print(`batches of ${limit} alone: CPU ${figures(cpus)}; with the disk ${figures(walls)}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** @param forMs null: until everything old is deleted */
async function deliveriesFor(what: string, forMs: number | null): Promise<void> {
  const endAt = performance.now() + (forMs ?? Number.POSITIVE_INFINITY);
  const times: number[] = [];
  const goesOn = () => (forMs === null ? !isOver : performance.now() < endAt);
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      while (goesOn()) times.push(await deliver());
    }),
  );
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(1);
  print(
    `${what}: ${times.length} answers; median ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, longest ${at(1)} ms`,
  );
}

async function deliver(): Promise<number> {
  eventId += 1;
  const body = Buffer.from(bodyOf(eventId));
  const begunAt = performance.now();
  const answer = await request(`${server.url}${webhookPath}`, {
    method: 'POST',
    headers: { 'x-docspace-signature-256': sign(body, secret) },
    body,
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
  return performance.now() - begunAt;
}

function bodyOf(id: number): string {
  return JSON.stringify({
    event: { id, createOn: '2026-08-20T10:15:42Z', trigger: 'user.updated', triggerId: 4 },
    payload: { id: crypto.randomUUID(), status: 1, filler: 'x'.repeat(bodyBytes) },
    webhook: { id: 12, name: 'w', url: 'http://x', triggers: ['*'] },
  });
}

function fill(): void {
  const { $client: database } = openForWriting(file);
  const insert = database.prepare(
    `INSERT INTO deliveries (received_at, event_id, created_on, webhook_id, trigger, user_id, shows, answer, body)
     VALUES (?, ?, 1, 12, 'user.updated', ?, 'activated', 'accepted', ?)`,
  );
  const receivedAt = Date.now() - (retentionDays + 10) * 24 * 3_600_000;
  database.transaction(() => {
    for (let id = 1; id <= old; id += 1) {
      insert.run(receivedAt + id, id, crypto.randomUUID(), Buffer.from(bodyOf(id)));
    }
    database
      .prepare("INSERT INTO progress (key, value) VALUES ('applied_through', ?)")
      .run(String(old));
  })();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}
