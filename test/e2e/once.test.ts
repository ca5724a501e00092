import { describe, expect, onTestFinished, test } from 'vitest';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { startPortal } from '../support/portal.ts';
import { startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import {
  call,
  deliveriesOut,
  invitationBecomes,
  inviteAndRegister,
  memberBecomes,
  registerWebhook,
  startWorld,
  temporaryFolder,
} from '../support/world.ts';

describe('one welcome for any order of deliveries', () => {
  test('a delivery that is sent again by hand, with a new event id, welcomes nobody again', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    const { userId, invitationId } = await inviteAndRegister(world, 'ann@example.com');
    control.confirmEmail(userId);
    await invitationBecomes(world, invitationId, 'welcomed');

    for (const row of control.journal()) control.redeliver(row.id);
    await deliveriesOut(world);

    const { json } = await world.api('GET', `/api/members/${userId}`);
    expect(json.state).toBe('welcomed');
    expect(control.congratulations()).toHaveLength(1);
  });

  test('automatic retries of one event, each with another body, lead to one welcome', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    const { userId, invitationId } = await inviteAndRegister(world, 'ann@example.com');
    control.pauseDeliveries();
    control.confirmEmail(userId);

    const first = deliveryBody({ id: 9_001, userId });
    const retry = first.replace('"name":"w"', '"name":"w","retryCount":1');
    const { url } = world.service;
    expect((await deliver(url, first, signed(first))).json).toEqual({ status: 'accepted' });
    expect((await deliver(url, retry, signed(retry))).json).toEqual({ status: 'duplicate' });
    control.resumeDeliveries();

    await invitationBecomes(world, invitationId, 'welcomed');
    await deliveriesOut(world);
    expect(control.congratulations()).toHaveLength(1);
  });

  test('user.updated before user.created leads to one welcome, as in the other order', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    control.pauseDeliveries();
    const { userId, invitationId } = await inviteAndRegister(world, 'ann@example.com');
    control.confirmEmail(userId);

    const updated = deliveryBody({ id: 9_002, trigger: 'user.updated', userId });
    await deliver(world.service.url, updated, signed(updated));
    await invitationBecomes(world, invitationId, 'welcomed');
    const created = deliveryBody({ id: 9_001, trigger: 'user.created', userId });
    await deliver(world.service.url, created, signed(created));
    control.resumeDeliveries();
    await deliveriesOut(world);

    await memberBecomes(world, userId, 'welcomed');
    expect(control.congratulations()).toHaveLength(1);
  });

  test('a hint that arrives during a check is not lost', async () => {
    const world = await startWorld();
    const { control } = world.portal;
    const { userId, invitationId } = await inviteAndRegister(world, 'ann@example.com');
    await memberBecomes(world, userId, 'waiting');
    await deliveriesOut(world);

    await deliveriesOut(world);
    const { length: timelineBefore } = (await world.api('GET', `/api/members/${userId}`)).json
      .timeline;

    // The check reads "not active" and its answer is held back. The activation and its delivery
    // overtake it.
    control.interfere({
      on: ({ path }) => path.endsWith(userId),
      times: 1,
      act: { kind: 'effectThenHold' },
    });
    control.clearRequests();
    const edit = deliveryBody({ id: 9_100, userId });
    await deliver(world.service.url, edit, signed(edit));
    await until('the check has reached the portal', () => control.requests().length > 0);
    control.confirmEmail(userId);
    await until('the overtaking delivery is a hint', async () => {
      const { json } = await world.api('GET', `/api/members/${userId}`);
      return json.timeline.length >= timelineBefore + 2;
    });
    control.release();

    await invitationBecomes(world, invitationId, 'welcomed');
    expect(control.congratulations()).toHaveLength(1);
  });
});

describe('SIGKILL', () => {
  test('after an acknowledged delivery loses nothing: the person is welcomed after the next start', async () => {
    const folder = await temporaryFolder();
    const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5 });
    onTestFinished(() => portal.stop());
    const first = await startProcess(portal, folder);
    const invited = await call(first.url, 'POST', '/api/invitations', {
      employeeType: 'Guest',
      email: 'ann@example.com',
    });
    const userId = portal.control.register({
      link: invited.json.link,
      email: 'ann@example.com',
      firstName: 'Ann',
      lastName: 'Lee',
    });
    portal.control.confirmEmail(userId);
    // The portal cannot be reached yet, so nothing can follow from the delivery before the kill.
    const lift = portal.control.interfere({
      on: ({ path }) => path.includes('portal/users/'),
      act: { kind: 'hang' },
    });
    const body = deliveryBody({ id: 1, userId });
    expect((await deliver(first.url, body, signed(body))).json).toEqual({ status: 'accepted' });
    await first.kill();
    lift();
    expect(portal.control.congratulations()).toHaveLength(0);

    const second = await startProcess(portal, folder);
    await until('the person is welcomed after the restart', async () => {
      const { json } = await call(second.url, 'GET', `/api/invitations/${invited.json.id}`);
      return json.status === 'welcomed';
    });
    expect((await deliver(second.url, body, signed(body))).json).toEqual({ status: 'duplicate' });
    expect(portal.control.congratulations()).toMatchObject([{ userId }]);
    await registerWebhook(portal, second.url);
  });
});
