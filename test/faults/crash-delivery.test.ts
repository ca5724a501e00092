import { describe, expect, test } from 'vitest';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { until } from '../support/until.ts';
import { call } from '../support/world.ts';
import {
  allBecome,
  answers,
  arrive,
  attemptRows,
  crash,
  diedAt,
  expectNothingLost,
  greetings,
  invite,
  othersAreWelcomed,
  prepareStage,
  settleMs,
  testTimeoutMs,
  three,
} from './stage.ts';

describe('kill -9 while no welcome is being sent', () => {
  test.each([
    ['before a delivery is committed, the portal brings it again', 'delivery_before_commit'],
    ['between the commit of a delivery and its answer', 'delivery_after_commit'],
    ['before deliveries become hints', 'hint_before_commit'],
    ['after deliveries became hints', 'hint_after_commit'],
    ['before an attempt is committed', 'attempt_before_commit'],
  ] as const)(
    '%s: all are welcomed once',
    async (_, point) => {
      const { stage, userIds } = await crash(point);
      expect((await attemptRows(stage)).filter((row) => row.outcome === null)).toEqual([]);
      await expectNothingLost(stage);

      await stage.start();
      await othersAreWelcomed(stage, userIds);

      await stage.portal.control.deliveriesIdle({ deadlineMs: settleMs, label: 'retries are out' });
      await expectNothingLost(stage);
      expect(greetings(stage.portal, userIds)).toEqual([1, 1, 1]);
    },
    testTimeoutMs,
  );

  test(
    'a delivery whose commit was not acknowledged is a duplicate when the portal sends it again',
    async () => {
      const stage = await prepareStage();
      const doomed = await stage.startDoomed('delivery_after_commit');
      await answers(stage);
      const body = deliveryBody({ id: 1 });
      await expect(deliver(stage.url, body, signed(body))).rejects.toThrow();
      await diedAt(doomed, 'delivery_after_commit');

      await stage.start();

      expect((await deliver(stage.url, body, signed(body))).json).toEqual({ status: 'duplicate' });
    },
    testTimeoutMs,
  );

  test(
    'a person whom the dead process was checking is welcomed soon after the restart',
    async () => {
      const stage = await prepareStage();
      const first = await stage.start();
      const invited = await invite(stage, ['ann@example.com']);
      const userIds = arrive(stage.portal, invited);
      const lift = stage.portal.control.interfere({
        on: ({ path }) => path.includes('/portal/users/'),
        act: { kind: 'hang' },
      });
      stage.portal.control.clearRequests();
      // There is one delivery and no webhook, so no second hint makes this person due again.
      const body = deliveryBody({ id: 1, userId: userIds[0] ?? '' });
      expect((await deliver(stage.url, body, signed(body))).json).toEqual({ status: 'accepted' });
      await until('the check has reached the portal', () =>
        stage.portal.control.requests().some(({ path }) => path.includes('/portal/users/')),
      );
      await first.kill();
      lift();

      await stage.start();

      await allBecome(stage, userIds, ['welcomed']);
      expect(greetings(stage.portal, userIds)).toEqual([1]);
    },
    testTimeoutMs,
  );
});

describe('kill -9 during reconciliation', () => {
  test.each([
    ['before a finding is committed', 'poll_before_commit'],
    ['after the first finding', 'poll_after_commit'],
  ] as const)(
    '%s: the next run finds everybody',
    async (_, point) => {
      const stage = await prepareStage();
      const first = await stage.start();
      const invited = await invite(stage, three);
      const userIds = arrive(stage.portal, invited);
      await first.kill();
      const doomed = await stage.startDoomed(point);
      await answers(stage);

      await expect(call(stage.url, 'POST', '/api/reconcile')).rejects.toThrow();
      await diedAt(doomed, point);

      await stage.start();
      await othersAreWelcomed(stage, userIds);
      expect(greetings(stage.portal, userIds)).toEqual([1, 1, 1]);
    },
    testTimeoutMs,
  );

  test(
    'while a page is read from the portal: the next run finds everybody',
    async () => {
      const stage = await prepareStage();
      const first = await stage.start();
      const invited = await invite(stage, three);
      const userIds = arrive(stage.portal, invited);
      const { control } = stage.portal;
      const onList = ({ path }: { path: string }) => path.endsWith('/people/filter');
      control.interfere({ on: onList, times: 1, act: { kind: 'effectThenHang' } });
      control.clearRequests();
      const run = call(stage.url, 'POST', '/api/reconcile').catch(() => null);
      await until('the list was requested', () => control.requests().some(onList));
      await first.kill();
      expect(await run).toBeNull();

      await stage.start();
      await othersAreWelcomed(stage, userIds);
      expect(greetings(stage.portal, userIds)).toEqual([1, 1, 1]);
    },
    testTimeoutMs,
  );
});
