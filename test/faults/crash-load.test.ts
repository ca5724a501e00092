import { expect, test } from 'vitest';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { prepareStage, readRows, testTimeoutMs } from './stage.ts';

test(
  'kill -9 under load, while the checkpoint thread works, loses no acknowledged delivery',
  async () => {
    const stage = await prepareStage();
    const service = await stage.start({ LOG_LEVEL: 'info' });
    const acknowledged: number[] = [];
    let next = 0;
    const deliverInTurn = async () => {
      for (;;) {
        next += 1;
        const id = next;
        const body = deliveryBody({ id });
        const answer = await deliver(stage.url, body, signed(body)).catch(() => null);
        if (answer?.status !== 200) return;
        acknowledged.push(id);
        // After so many deliveries the thread works: it starts after 500 commits of at most two
        // deliveries.
        if (acknowledged.length === 1_500) void service.kill();
      }
    };

    await Promise.all([deliverInTurn(), deliverInTurn()]);

    expect(acknowledged.length).toBeGreaterThanOrEqual(1_500);
    const rows = await readRows<{ id: number }>(
      stage.folder,
      'SELECT event_id AS id FROM deliveries',
    );
    const kept = new Set(rows.map((row) => row.id));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  },
  testTimeoutMs,
);
