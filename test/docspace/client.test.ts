import { describe, expect, onTestFinished, test } from 'vitest';
import type { Portal, PortalOptions } from '../../simulator/portal.ts';
import type { PortalClient } from '../../src/docspace/client.ts';
import { employeeTypes } from '../../src/domain/vocabulary.ts';
import { startPortal } from '../support/portal.ts';
import { answering, clientOf, envelope, userId } from './support.ts';

/** The client as the service makes it, with a simulated portal. */
async function beside(options: PortalOptions = {}, apiKey?: string) {
  const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5, ...options });
  onTestFinished(() => portal.stop());
  const client = clientOf(portal.url, { apiKey: apiKey ?? portal.apiKey });
  return { portal, client };
}

async function registerBob(portal: Portal, client: PortalClient, email = 'bob@example.com') {
  const link = await client.invitationLink('User');
  if (link.kind !== 'done') throw new Error(`no link: ${link.kind}`);
  return portal.control.register({ link: link.value, email, firstName: 'Bob', lastName: 'Stone' });
}

describe('the credential (docs/docspace-wire.md 1.1)', () => {
  test('an API key is sent as Bearer, a session token as it is, and both are accepted', async () => {
    const { portal, client } = await beside();
    expect(await client.self()).toMatchObject({ kind: 'ok', value: { id: portal.accountId } });
    const token = portal.control.sessionToken(portal.accountId);
    const other = clientOf(portal.url, { apiKey: token });
    expect(await other.self()).toMatchObject({ kind: 'ok', value: { id: portal.accountId } });
    expect(portal.control.requests().map((one) => [one.path, one.status])).toEqual([
      ['/api/2.0/people/@self', 200],
      ['/api/2.0/people/@self', 200],
    ]);
  });

  test('is sent exactly as docs/docspace-wire.md 1.1 requires, and not with the welcome (docs/docspace-wire.md 6.3)', async () => {
    const key = `sk-${'0123456789abcdef'.repeat(4)}`;
    const token = 'Q2ZESjhK/raw+token==';
    const ok = envelope({ id: userId, status: 1 });
    const first = await answering(200, ok);
    await clientOf(first.origin, { apiKey: key }).self();
    await clientOf(first.origin, { apiKey: token }).self();
    await clientOf(first.origin, { apiKey: key }).sendCongratulations(userId, 'k+/= &');
    expect(first.seen.map((one) => one.authorization)).toEqual([`Bearer ${key}`, token, undefined]);
    const sent = first.seen.at(-1);
    expect(sent?.method).toBe('POST');
    expect(sent?.body).toBe('');
    const query = new URL(`http://x${sent?.url}`).searchParams;
    expect([query.get('Userid'), query.get('Key')]).toEqual([userId, 'k+/= &']);
  });

  test("that was revoked is reported as the portal's trouble, without repeating the key", async () => {
    const { portal, client } = await beside();
    portal.control.revokeKey(portal.apiKey);
    const read = await client.user(userId);
    expect(read).toMatchObject({
      kind: 'trouble',
      fault: { code: 'portal_rejects_credentials' },
    });
    expect(JSON.stringify(read)).not.toContain(portal.apiKey);
  });
});

describe('reading people', () => {
  test('shows a registered person before and after they confirm', async () => {
    const { portal, client } = await beside();
    const bob = await registerBob(portal, client);
    expect(await client.user(bob)).toMatchObject({
      kind: 'ok',
      value: { id: bob, status: 1, isActive: false, createdBy: portal.accountId, tenantId: 1 },
    });
    portal.control.confirmEmail(bob);
    const read = await client.user(bob);
    expect(read).toMatchObject({ kind: 'ok', value: { isActive: true, email: 'bob@example.com' } });
    expect(await client.employee(bob)).toMatchObject({
      kind: 'ok',
      value: { id: bob, isCollaborator: true, isVisitor: false },
    });
    if (read.kind === 'ok') {
      expect(Math.abs(read.value.createDate - Date.now())).toBeLessThan(60_000);
    }
  });

  test('finds an address with every unusual character, and nobody else', async () => {
    const { portal, client } = await beside();
    const email = "o'hara+guest&x=1#%25@example.com";
    const bob = await registerBob(portal, client, email);
    expect(await client.employeeByEmail(email)).toMatchObject({ kind: 'ok', value: { id: bob } });
    expect(await client.employeeByEmail('nobody@example.com')).toEqual({ kind: 'missing' });
  });

  test('finds that a deleted user is missing, and that a user whom this key may not see is hidden', async () => {
    const { portal, client } = await beside();
    const bob = await registerBob(portal, client);
    const plain = portal.control.addAccount({ email: 'plain@example.com', type: 'User' });
    const theirs = clientOf(portal.url, { apiKey: plain.apiKey });
    expect(await theirs.user(bob)).toEqual({ kind: 'hidden' });
    portal.control.disable(bob);
    expect(await client.user(bob)).toMatchObject({ kind: 'ok', value: { status: 2 } });
    portal.control.deleteUser(bob);
    expect(await client.user(bob)).toEqual({ kind: 'missing' });
  });

  test('returns pages of 100 people and the number of all', async () => {
    const { portal, client } = await beside();
    portal.control.seedPeople({ count: 230 });
    const query = { employeeStatus: 1, sortBy: 'email', sortOrder: 'ascending' } as const;
    const found = new Set<string>();
    for (const startIndex of [0, 100, 200, 300]) {
      const page = await client.people({ ...query, startIndex });
      if (page.kind !== 'ok') throw new Error(page.kind);
      expect(page.value.total).toBeGreaterThanOrEqual(230);
      for (const one of page.value.people) found.add(one.id);
      expect(page.value.people.length).toBeLessThanOrEqual(100);
    }
    expect(found.size).toBe(portal.control.users().filter((one) => one.status === 1).length);
  });
});

describe('an invitation', () => {
  test.each(employeeTypes)('of type %s is a link that opens', async (type) => {
    const { client } = await beside();
    const link = await client.invitationLink(type);
    expect(link).toMatchObject({ kind: 'done', value: expect.stringMatching(/^http:\/\/127/) });
  });

  test('that this account may not issue comes as an empty string; it is refused and never shown', async () => {
    const { portal } = await beside();
    const admin = portal.control.addAccount({ email: 'a@example.com', type: 'DocSpaceAdmin' });
    const link = await clientOf(portal.url, { apiKey: admin.apiKey }).invitationLink(
      'DocSpaceAdmin',
    );
    expect(link).toEqual({
      kind: 'refused',
      reason: { code: 'type_not_allowed', employeeType: 'DocSpaceAdmin' },
    });
  });

  test('is refused while the portal has switched off inviting, as a link and by mail', async () => {
    const { portal, client } = await beside();
    portal.control.setInvitingMembers(false);
    expect((await client.invitationLink('User')).kind).toBe('refused');
    expect((await client.inviteByEmail([{ email: 'b@example.com', type: 'User' }])).kind).toBe(
      'refused',
    );
  });

  test("by mail sends one letter; a guest's is refused; sending it again sends a second letter", async () => {
    const { portal, client } = await beside();
    expect(await client.inviteByEmail([{ email: 'b@example.com', type: 'User' }])).toEqual({
      kind: 'done',
      value: null,
    });
    expect((await client.inviteByEmail([{ email: 'g@example.com', type: 'Guest' }])).kind).toBe(
      'refused',
    );
    const found = await client.employeeByEmail('b@example.com');
    if (found.kind !== 'ok') throw new Error(found.kind);
    expect(await client.remailInvitations([found.value.id])).toEqual({ kind: 'done', value: null });
    const letters = portal.control.letters().filter((one) => one.to.endsWith('b@example.com'));
    expect(letters).toHaveLength(2);
  });
});

describe('the webhook and its journal', () => {
  test('a webhook is created, listed without its secret, changed, and keeps its id', async () => {
    const { client } = await beside();
    const uri = 'http://127.0.0.1:1/webhooks/docspace';
    const receiver = await answering(200, '');
    const wanted = {
      name: 'w',
      uri: `${receiver.origin}/hook`,
      enabled: true,
      ssl: false,
      triggers: 15,
      secretKey: 'Docspace-Webhook-1',
    };
    const made = await client.createWebhook(wanted);
    if (made.kind !== 'ok') throw new Error(made.kind);
    const { id } = made.value;
    const listed = await client.webhooks();
    expect(listed).toMatchObject({
      kind: 'ok',
      value: [{ id, uri: wanted.uri, enabled: true, triggers: 15 }],
    });
    expect(JSON.stringify(listed)).not.toContain(wanted.secretKey);
    expect(await client.updateWebhook({ ...wanted, id, enabled: false })).toMatchObject({
      kind: 'ok',
    });
    expect(await client.webhooks()).toMatchObject({ value: [{ id, enabled: false }] });
    expect(receiver.seen.map((one) => one.method)).toContain('HEAD');
    expect((await client.createWebhook({ ...wanted, uri })).kind).toBe('refused');
  });

  test('the journal lists the failed deliveries only, whatever its count says', async () => {
    const { portal, client } = await beside({ retryDelaysMs: [2, 2, 2, 2, 2] });
    const receiver = await answering(200, '');
    const wanted = {
      name: 'w',
      uri: `${receiver.origin}/hook`,
      enabled: true,
      ssl: false,
      triggers: 15,
      secretKey: 'Docspace-Webhook-1',
    };
    const made = await client.createWebhook(wanted);
    if (made.kind !== 'ok') throw new Error(made.kind);
    // The portal has made it with ssl, and would switch it off at the first delivery.
    await client.updateWebhook({ ...wanted, id: made.value.id });
    const label = { deadlineMs: 5_000, label: 'deliveries of the journal test are out' };
    await registerBob(portal, client, 'first@example.com');
    await portal.control.deliveriesIdle(label);
    portal.control.dropNextDeliveries(2);
    const lost = await registerBob(portal, client, 'second@example.com');
    portal.control.confirmEmail(lost);
    await portal.control.deliveriesIdle(label);
    const rows = await client.undelivered({ webhookId: made.value.id, startIndex: 0 });
    if (rows.kind !== 'ok') throw new Error(rows.kind);
    expect(rows.value).toHaveLength(2);
    expect(rows.value.every((row) => row.requestPayload.includes(lost))).toBe(true);
    expect(receiver.seen.some((one) => one.body.includes(lost))).toBe(false);
  });
});
