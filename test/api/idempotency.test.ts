import { describe, expect, onTestFinished, test } from 'vitest';
import { invitationLifetimeMs } from '../../src/domain/invitation.ts';
import { createMovableClock } from '../support/clock.ts';
import { isSqlite, queryDatabase } from '../support/database.ts';
import { startPortal } from '../support/portal.ts';
import { startProcess } from '../support/process.ts';
import { until } from '../support/until.ts';
import {
  type Answer,
  adminToken,
  call,
  invitationBecomes,
  startWorld,
  temporaryFolder,
  type World,
} from '../support/world.ts';

const open = { employeeType: 'Guest' };
const hourMs = 3_600_000;

function headers(key: string): Record<string, string> {
  return { authorization: `Bearer ${adminToken}`, 'idempotency-key': key };
}

function post(world: Pick<World, 'service'>, key: string, body: unknown): Promise<Answer> {
  return call(world.service.url, 'POST', '/api/invitations', body, headers(key));
}

async function invitationCount(world: World): Promise<number> {
  return (await world.api('GET', '/api/invitations')).json.items.length;
}

/** All bytes of the answers that the store keeps. */
async function storedAnswers(world: World): Promise<string> {
  const sql = 'SELECT * FROM idempotency_keys';
  return JSON.stringify(await queryDatabase(world.config.database, sql));
}

describe('an Idempotency-Key', () => {
  test('gives a repeated request the first answer, byte by byte, and invites once', async () => {
    const world = await startWorld({ withWebhook: false });
    const first = await post(world, 'key 1', { ...open, note: 'n' });
    expect(first.status).toBe(201);
    const again = await post(world, 'key 1', { note: 'n', employeeType: 'Guest', mode: 'link' });
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect(await invitationCount(world)).toBe(1);
    expect((await post(world, 'key 2', { ...open, note: 'n' })).json.id).not.toBe(first.json.id);
  });

  test('works for an array too, with problems in it', async () => {
    const world = await startWorld({ withWebhook: false });
    const items = [open, { ...open, email: 'a@example.com' }, { ...open, email: 'A@example.com' }];
    const first = await post(world, 'many', items);
    const again = await post(world, 'many', items);
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(first.json[0].link).toMatch(/^http/);
    expect(await invitationCount(world)).toBe(2);
    expect((await post(world, 'many', items.slice(0, 1))).status).toBe(422);
    expect((await post(world, 'many', open)).status).toBe(422);
  });

  test('that was used for another request answers 422 and does nothing', async () => {
    const world = await startWorld({ withWebhook: false });
    await post(world, 'key', open);
    const other = await post(world, 'key', { ...open, note: 'other' });
    expect(other.status).toBe(422);
    expect(other.json).toMatchObject({ type: 'urn:docspace-welcome:key-reused', status: 422 });
    expect(await invitationCount(world)).toBe(1);
  });

  test('used twenty times at once leads to one invitation, and no answer names a second one', async () => {
    const world = await startWorld({ withWebhook: false });
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(world, 'race', open)));
    const done = answers.filter((one) => one.status === 201);
    expect(new Set(done.map((one) => one.text)).size).toBe(1);
    const others = answers.filter((one) => one.status !== 201);
    expect(new Set(others.map((one) => one.status))).toEqual(
      others.length === 0 ? new Set() : new Set([409]),
    );
    expect(await invitationCount(world)).toBe(1);
    expect((await post(world, 'race', open)).text).toBe(done[0]?.text);
  });

  test('of a request in progress answers 409, and later the stored answer', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    control.interfere({
      on: ({ path }) => path.includes('portal/users/invite/'),
      times: 1,
      act: { kind: 'effectThenHold' },
    });
    control.clearRequests();
    const first = post(world, 'slow', open);
    await until('the portal is asked', () =>
      control.requests().some(({ path }) => path.includes('portal/users/invite/')),
    );
    const meanwhile = await post(world, 'slow', open);
    expect([meanwhile.status, meanwhile.headers['retry-after']]).toEqual([409, '1']);
    expect((await post(world, 'slow', { ...open, note: 'x' })).status).toBe(422);
    control.release();
    expect((await post(world, 'slow', open)).status).toBeOneOf([201, 409]);
    const { text } = await first;
    await until('the first answer is replayed', async () => {
      return (await post(world, 'slow', open)).text === text;
    });
    expect(await invitationCount(world)).toBe(1);
  });

  test('keeps a refusal too, but not trouble at the portal', async () => {
    const world = await startWorld({ withWebhook: false });
    const { control } = world.portal;
    control.setInvitingMembers(false);
    const refused = await post(world, 'refused', open);
    expect(refused.status).toBe(422);
    control.setInvitingMembers(true);
    const again = await post(world, 'refused', open);
    expect([again.text, again.headers['content-type']]).toEqual([
      refused.text,
      'application/problem+json',
    ]);

    control.suspend();
    expect((await post(world, 'away', open)).status).toBe(502);
    control.unsuspend();
    expect((await post(world, 'away', open)).status).toBe(201);
  });

  test('of an invitation that may have been made mails nobody a second time', async () => {
    const clock = createMovableClock();
    const world = await startWorld({ withWebhook: false, surroundings: { clock } });
    const { control } = world.portal;
    const byMail = { employeeType: 'User', mode: 'email', email: 'a@example.com' };
    const isInviting = ({ method, path }: { readonly method: string; readonly path: string }) =>
      method === 'POST' && path.endsWith('people/invite');
    const invitingCount = () => control.requests().filter(isInviting).length;
    control.clearRequests();
    control.interfere({ on: isInviting, times: 1, act: { kind: 'effectThenReset' } });
    control.interfere({
      on: ({ path }) => path.endsWith('people/email') && invitingCount() > 0,
      times: 2,
      act: { kind: 'answer', status: 403, body: '' },
    });
    const answer = post(world, 'unsettled', byMail);
    await until('the first read is over', () => {
      const requests = control.requests();
      const isReading = ({ path }: { readonly path: string }) => path.endsWith('people/email');
      return requests.findLastIndex(isReading) > requests.findIndex(isInviting);
    });
    clock.move(5_000);
    const first = await answer;
    expect([first.status, first.json.detail]).toEqual([502, expect.stringContaining('"issuing"')]);
    const again = await post(world, 'unsettled', byMail);
    expect(again.json).toMatchObject({
      type: 'urn:docspace-welcome:already_invited',
      invitation: first.json.invitation,
    });
    expect(invitingCount()).toBe(1);
    expect(control.letters().filter(({ to }) => to === byMail.email)).toHaveLength(1);
  });

  test('is valid for 24 hours, even after a restart, and then deleted', async () => {
    const clock = createMovableClock();
    const before = await startWorld({ withWebhook: false, surroundings: { clock } });
    const first = await post(before, 'lasting', open);
    clock.move(23 * hourMs);
    const world = await before.restart();
    expect((await post(world, 'lasting', open)).text).toBe(first.text);
    clock.move(1.1 * hourMs);
    expect((await post(world, 'lasting', open)).json.id).not.toBe(first.json.id);
    clock.move(25 * hourMs);
    await until('housekeeping deleted the key', async () => (await storedAnswers(world)) === '[]');
  });

  test.each([
    ['empty', ''],
    ['of 256 characters', 'k'.repeat(256)],
    ['with a tab', 'a\tb'],
    ['with a letter that is not ASCII', 'clé'],
  ])('that is %s is 400, and nothing happens', async (_, key) => {
    const world = await startWorld({ withWebhook: false });
    const answer = await post(world, key, open);
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toMatchObject([{ path: 'header.Idempotency-Key' }]);
    expect(await invitationCount(world)).toBe(0);
  });

  test('of 255 characters is accepted, and a key with a bad body is not used up', async () => {
    const world = await startWorld({ withWebhook: false });
    const key = '~'.repeat(255);
    expect((await post(world, key, { employeeType: 'Owner' })).status).toBe(400);
    expect((await post(world, key, open)).status).toBe(201);
    expect((await post(world, key, open)).status).toBe(201);
    expect(await invitationCount(world)).toBe(1);
  });
});

describe('the link in a stored answer', () => {
  const personal = { ...open, email: 'ann@example.com' };

  test('is not part of any stored answer: it is read from the database while it can be used', async () => {
    const world = await startWorld({ withWebhook: false });
    const { json } = await post(world, 'k', personal);
    expect(await storedAnswers(world)).not.toContain(json.link);
    expect((await post(world, 'k', personal)).json.link).toBe(json.link);
  });

  test('disappears when the invitation is revoked', async () => {
    const world = await startWorld({ withWebhook: false });
    const { json } = await post(world, 'k', personal);
    await world.api('POST', `/api/invitations/${json.id}/revoke`);
    expect((await post(world, 'k', personal)).json).toEqual({ ...json, link: null });
  });

  test('disappears when the person registers', async () => {
    const world = await startWorld();
    const { json } = await post(world, 'k', personal);
    const { email } = personal;
    world.portal.control.register({ link: json.link, email, firstName: 'Ann', lastName: 'Lee' });
    await invitationBecomes(world, json.id, 'registered');
    expect((await post(world, 'k', personal)).json).toEqual({ ...json, link: null });
  });

  test('disappears when it expires, long before the key could be used again', async () => {
    const clock = createMovableClock();
    const world = await startWorld({ withWebhook: false, surroundings: { clock } });
    const invited = await world.api('POST', '/api/invitations', personal);
    clock.move(invitationLifetimeMs - hourMs);
    const conflict = await post(world, 'k', personal);
    expect(conflict.json).toMatchObject({ status: 409, invitation: invited.json.id });
    const { json } = await post(world, 'fresh', open);
    clock.move(2 * hourMs);
    expect((await post(world, 'k', personal)).text).toBe(conflict.text);
    expect((await post(world, 'fresh', open)).json.link).toBe(json.link);
  });
});

// With PostgreSQL other processes may be at work, so the key is not free at once.
test.skipIf(!isSqlite)(
  'a key of a request that a killed process left unanswered is free after the restart',
  async () => {
    const folder = await temporaryFolder();
    const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5 });
    onTestFinished(() => portal.stop());
    const first = await startProcess(portal, folder);
    const lift = portal.control.interfere({
      on: ({ path }) => path.includes('portal/users/invite/'),
      act: { kind: 'hang' },
    });
    portal.control.clearRequests();
    const cutOff = call(first.url, 'POST', '/api/invitations', open, headers('killed')).catch(
      () => 'cut off',
    );
    await until('the portal is asked', () => portal.control.requests().length > 0);
    await first.kill();
    expect(await cutOff).toBe('cut off');
    lift();

    const second = await startProcess(portal, folder);
    const answer = await call(second.url, 'POST', '/api/invitations', open, headers('killed'));
    expect(answer.status).toBe(201);
  },
);
