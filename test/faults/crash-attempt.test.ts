import { describe, expect, test } from 'vitest';
import { isSqlite } from '../support/database.ts';
import { until } from '../support/until.ts';
import { call, registerWebhook } from '../support/world.ts';
import {
  allBecome,
  arrive,
  attemptRows,
  crash,
  diedAt,
  expectNothingLost,
  greetings,
  invite,
  othersAreWelcomed,
  prepareStage,
  readRows,
  type Stage,
  testTimeoutMs,
  three,
} from './stage.ts';

const begun = 'attempt_started';
const lost = 'attempt_unknown';
const toWelcome = ({ path }: { path: string }) => path.endsWith('/portal/sendcongratulations');

describe('kill -9 during an attempt', () => {
  test.each([
    ['before the request leaves', 'attempt_after_commit', false],
    ['when the answer has arrived', 'answer_arrived', true],
    ['before the outcome is committed', 'outcome_before_commit', true],
  ] as const)(
    '%s: it is unknown and held, and nobody is greeted twice',
    async (_, point, hasEffect) => {
      const { stage, userIds } = await crash(point);
      const open = (await attemptRows(stage)).filter((row) => row.outcome === null);
      expect(open.map((row) => row.state)).toEqual(open.map(() => 'sending'));
      const cutOff = open.map((row) => row.userId);
      expect(cutOff.length).toBeGreaterThan(0);
      await expectNothingLost(stage);

      await stage.start();
      await allBecome(stage, cutOff, ['unknown']);
      const others = userIds.filter((userId) => !cutOff.includes(userId));
      await othersAreWelcomed(stage, others);

      for (const attempt of open) {
        expect(await attemptRows(stage)).toContainEqual({
          ...attempt,
          state: 'unknown',
          outcome: 'unknown',
        });
        expect((await timelineOf(stage, attempt.id)).at(-1)).toBe(lost);
      }
      const before = greetings(stage.portal, cutOff);
      expect(before.every((count) => count <= 1)).toBe(true);
      if (hasEffect) expect(before).toContain(1);

      await settleAsAPersonWould(stage, cutOff);
      expect(greetings(stage.portal, userIds)).toEqual([1, 1, 1]);
    },
    testTimeoutMs,
  );

  test.each([
    ['without its effect at the portal', { kind: 'hang' }, 0],
    ['after its effect at the portal', { kind: 'effectThenHang' }, 1],
  ] as const)(
    'while the request is in progress, %s: the outcome is unknown and held, then settled by the operator',
    async (_, act, effects) => {
      const stage = await prepareStage();
      const first = await stage.start();
      await registerWebhook(stage.portal, stage.url);
      const invited = await invite(stage, three);
      const { control } = stage.portal;
      control.interfere({ on: toWelcome, times: 1, act });
      const userIds = arrive(stage.portal, invited);
      await until('the others are welcomed and one request hangs', async () => {
        const { json } = await call(stage.url, 'GET', '/api/stats');
        return json.members.welcomed === 2 && json.members.sending === 1;
      });
      const [open] = (await attemptRows(stage)).filter((row) => row.outcome === null);
      const cutOff = open?.userId ?? '';
      await first.kill();

      await stage.start();
      await allBecome(stage, [cutOff], ['unknown']);

      expect(greetings(stage.portal, [cutOff])).toEqual([effects]);
      const refused = await call(stage.url, 'POST', `/api/members/${cutOff}/retry`);
      expect(refused.status).toBe(409);
      await settleAsAPersonWould(stage, [cutOff]);
      expect(greetings(stage.portal, userIds)).toEqual([1, 1, 1]);
    },
    testTimeoutMs,
  );

  test(
    'after the outcome is committed leaves nothing open',
    async () => {
      const { stage, userIds } = await crash('outcome_after_commit');
      const ended = (await attemptRows(stage)).filter((row) => row.outcome === 'sent');
      expect(ended.map((row) => row.state)).toContain('welcomed');
      const open = (await attemptRows(stage)).filter((row) => row.outcome === null);
      const cutOff = open.map((row) => row.userId);

      await stage.start();
      await allBecome(stage, cutOff, ['unknown']);
      await othersAreWelcomed(
        stage,
        userIds.filter((userId) => !cutOff.includes(userId)),
      );

      await settleAsAPersonWould(stage, cutOff);
      expect(greetings(stage.portal, userIds)).toEqual([1, 1, 1]);
    },
    testTimeoutMs,
  );

  test(
    'and a second kill while the first one is being settled keep state, timeline and outcome consistent',
    async () => {
      const { stage, userIds } = await crash('attempt_after_commit');
      const open = (await attemptRows(stage)).filter((row) => row.outcome === null);
      expect(open.length).toBeGreaterThan(0);

      await diedAt(await stage.startDoomed('outcome_before_commit'), 'outcome_before_commit');
      expect((await attemptRows(stage)).filter((row) => row.outcome === null)).toEqual(open);
      for (const { id } of open) expect(await timelineOf(stage, id)).toEqual([begun]);

      await diedAt(await stage.startDoomed('outcome_after_commit'), 'outcome_after_commit');
      const rows = (await attemptRows(stage)).filter((row) => open.some(({ id }) => id === row.id));
      const written = rows.filter((row) => row.outcome !== null).length;
      // PostgreSQL writes outcomes of the same moment together.
      expect(written).toBeGreaterThanOrEqual(1);
      if (isSqlite) expect(written).toBe(1);
      for (const { id, state, outcome } of rows) {
        const isSettled = outcome !== null;
        expect([state, outcome]).toEqual(isSettled ? ['unknown', 'unknown'] : ['sending', null]);
        expect(await timelineOf(stage, id)).toEqual(isSettled ? [begun, lost] : [begun]);
      }

      await stage.start();
      expect((await call(stage.url, 'POST', '/api/reconcile')).json.interrupted).toBeNull();
      const settled = await allBecome(stage, userIds, ['welcomed', 'unknown']);
      const unknown = settled.filter((one) => one.state === 'unknown').map((one) => one.userId);
      expect(unknown).toEqual(expect.arrayContaining(open.map(({ userId }) => userId)));
      await settleAsAPersonWould(stage, unknown);
      expect(greetings(stage.portal, userIds)).toEqual([1, 1, 1]);
    },
    testTimeoutMs,
  );
});

async function timelineOf(stage: Stage, attemptId: string): Promise<string[]> {
  const sql = "SELECT event FROM timeline WHERE cause ->> 'id' = $1 ORDER BY id";
  const rows = await readRows<{ event: string }>(stage.folder, sql, attemptId);
  return rows.map((row) => row.event);
}

/** Settles as a person who can see the mailbox: `sent` if the person was greeted, else `retry`. */
async function settleAsAPersonWould(stage: Stage, userIds: readonly string[]): Promise<void> {
  for (const userId of userIds) {
    const outcome = greetings(stage.portal, [userId])[0] === 0 ? 'retry' : 'sent';
    const path = `/api/members/${userId}/resolve`;
    const resolved = await call(stage.url, 'POST', path, { outcome });
    expect(resolved.status, resolved.text).toBe(200);
  }
  await allBecome(stage, userIds, ['welcomed']);
}
