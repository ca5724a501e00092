import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { systemClock } from '../src/clock.ts';
import { sign } from '../src/docspace/signature.ts';
import { createHealth } from '../src/health.ts';
import { createLog } from '../src/log.ts';
import { createHousekeeping } from '../src/operations/housekeeping.ts';
import { listen } from '../src/server.ts';
import { openForWriting } from '../src/store/sqlite/open.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../src/store/store.ts';
import { webhookPath, webhookRoutes } from '../src/webhook/route.ts';
import type { Report } from './report.ts';
import { type Figures, figureOf, inRounds, quantile, spreadOf } from './rounds.ts';
import type { BenchOptions } from './run.ts';

/* Measures how long the portal waits for an answer while old deliveries are deleted. */

const bodyBytes = 1_200;
const atATime = 2;
const retentionDays = 90;
const secret = 'Docspace-Webhook-1';
const silent = createLog({ level: 'silent', write: () => {} });
let eventId = 10_000_000;

export async function retention({ isShort }: BenchOptions): Promise<Report> {
  const old = isShort ? 400 : 40_000;
  const rounds = isShort ? 1 : 5;
  const variants = [
    { name: 'without housekeeping', measure: () => turn(0, isShort ? 100 : 4_000) },
    { name: 'while it deletes', measure: () => turn(old, null) },
  ];
  for (const variant of variants) await variant.measure();
  const measured = await inRounds(variants, rounds);
  const figures = ['answers', 'median', 'p99', 'longest'];
  return {
    bench: 'retention',
    setting: `${old.toLocaleString('en')} old deliveries a round, ${atATime} deliveries at a time, ${rounds} rounds`,
    tables: [
      {
        title: 'Answers, and ms until one (medians of the rounds)',
        columns: ['variant', ...figures],
        rows: variants.map(({ name }) => [
          name,
          ...figures.map((figure) => spreadOf(figureOf(measured, name, figure)).median),
        ]),
      },
    ],
    goals: [],
  };
}

/**
 * Sends deliveries to a store of its own.
 * @param old the number of deliveries that are old enough to be deleted
 * @param forMs null to run until they are deleted
 */
async function turn(old: number, forMs: number | null): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'docspace-welcome-bench-'));
  const file = join(folder, 'welcome.db');
  fill(file, old);
  const store = openSqliteStore(file);
  const server = await listen(receiver(store), '127.0.0.1', 0);
  let isOver = false;
  const housekeeping = createHousekeeping({
    notesExpiry: false,
    isLeader: () => true,
    // Deletion itself is measured unchanged. The first batch that is not full marks its end.
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
  if (forMs === null) housekeeping.start(Date.now());
  const endAt = performance.now() + (forMs ?? Number.POSITIVE_INFINITY);
  const times: number[] = [];
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      while (forMs === null ? !isOver : performance.now() < endAt) {
        times.push(await deliver(server.url));
      }
    }),
  );
  await housekeeping.stop();
  await server.close(1_000);
  await store.close();
  rmSync(folder, { recursive: true });
  const at = (share: number) => quantile(times, share);
  return { answers: times.length, median: at(0.5), p99: at(0.99), longest: at(1) };
}

function receiver(store: Store) {
  return webhookRoutes({
    store,
    secrets: [secret],
    now: Date.now,
    log: silent,
    health: createHealth(),
    isStopping: () => false,
    wake: () => {},
    onRepeat: () => {},
    count: () => {},
  });
}

async function deliver(url: string): Promise<number> {
  eventId += 1;
  const body = Buffer.from(bodyOf(eventId));
  const begunAt = performance.now();
  const answer = await request(`${url}${webhookPath}`, {
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

function fill(file: string, old: number): void {
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
      .prepare("INSERT INTO key_values (key, value) VALUES ('applied_through', ?)")
      .run(String(old));
  })();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}
