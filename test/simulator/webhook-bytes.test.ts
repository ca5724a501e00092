import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { answerJson, dotnetJson } from '../../simulator/json.ts';
import { type PortalUser, payloadOf } from '../../simulator/people/person.ts';
import { bodyToSend, signatureOf, storedBody } from '../../simulator/webhooks/body.ts';
import type { PortalWebhook } from '../../simulator/webhooks/webhooks.ts';
import { SECRET } from './support.ts';

const FOLDER = new URL('../fixtures/webhooks/', import.meta.url);
const OWNER_ID = '66faa6e4-f133-11ea-b126-00ffeec8b4ef';
const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.body'))
  .map((name) => name.replace('.body', ''));
const sentByPortal = names.filter((name) => !name.startsWith('9'));
const ofUsers = sentByPortal.filter((name) => name.includes('user-'));

function fixture(name: string) {
  const body = readFileSync(new URL(`${name}.body`, FOLDER), 'utf8');
  const { headers } = JSON.parse(readFileSync(new URL(`${name}.headers.json`, FOLDER), 'utf8'));
  return { body, headers, json: JSON.parse(body) };
}

/** The row of the portal's database that the fixture tells of. */
function userOf(payload: Record<string, never>): PortalUser {
  const row = payload as unknown as PortalUser;
  return { ...row, type: 'User', activationStatus: row.activationStatus ?? 0 };
}

function webhookOf(json: ReturnType<typeof fixture>['json']): PortalWebhook {
  const { id, name, url, triggers, lastSuccessOn } = json.webhook;
  return {
    id,
    name,
    uri: url,
    triggers: triggers[0] === '*' ? 0 : 15,
    secretKey: SECRET,
    enabled: true,
    ssl: true,
    createdBy: OWNER_ID,
    createdOn: '2026-08-01T00:00:00Z',
    lastSuccessOn: lastSuccessOn && `${lastSuccessOn}Z`,
  };
}

function retryOf(json: ReturnType<typeof fixture>['json']) {
  const { lastFailureOn, lastFailureContent, retryCount, retryOn } = json.webhook;
  return retryCount && { lastFailureOn, lastFailureContent, retryCount, retryOn };
}

describe('the bytes of a delivery', () => {
  test.each(ofUsers)('%s comes out of a person of the portal byte for byte', (name) => {
    const { body, json } = fixture(name);
    const webhook = webhookOf(json);
    const { event } = json;
    const stored = storedBody({
      webhook,
      trigger: { name: event.trigger, id: event.triggerId },
      createdAt: event.createOn,
      actorId: event.createBy,
      payload: payloadOf({ user: userOf(json.payload), tenantId: json.payload.tenantId }),
    });
    expect(stored).not.toContain(`"id":${event.id}`);
    const retry = retryOf(json);
    const sent = bodyToSend({ stored, logId: event.id, webhook, now: event.createOn, retry });
    expect(sent).toBe(body);
  });

  test.each(sentByPortal)("%s survives parsing and the portal's serialiser unchanged", (name) => {
    const { body, json } = fixture(name);
    expect(dotnetJson(json)).toBe(body);
  });

  test('a text that looks like an escape is a text, in deliveries and in answers', () => {
    const text = String.raw`\u00ab \" \\u00ab`;
    expect(JSON.parse(dotnetJson(text))).toBe(text);
    expect(JSON.parse(answerJson(text))).toBe(text);
    expect(answerJson('\u0001\n"')).toBe(String.raw`"\u0001\n\""`);
  });

  test.each(sentByPortal)('%s has the signature that the portal makes', (name) => {
    const { body, headers } = fixture(name);
    const signature = signatureOf({ body, secretKey: SECRET });
    expect(signature).toBe(headers['x-docspace-signature-256']);
  });

  test('a row of an old version is sent with its body as a string', () => {
    const { body, json } = fixture('15-legacy-payload');
    const { event } = json;
    const sent = bodyToSend({
      stored: json.payload,
      logId: event.id,
      webhook: webhookOf(json),
      now: event.createOn,
      retry: undefined,
    });
    expect(sent).toBe(body);
  });

  test('a stored body that is not JSON is never sent', () => {
    const webhook = webhookOf(fixture('01-user-invited').json);
    const now = '2026-08-20T10:00:00Z';
    const sent = bodyToSend({ stored: '<xml/>', logId: 7, webhook, now, retry: undefined });
    expect(sent).toBeUndefined();
  });

  test('the portal never makes the signatures that the invalid fixtures carry', () => {
    const invalid = names.filter((name) => name.startsWith('9'));
    expect(invalid).toHaveLength(3);
    for (const name of invalid) {
      const { body, headers } = fixture(name);
      const right = createHmac('sha256', SECRET).update(body).digest('hex').toUpperCase();
      expect(headers['x-docspace-signature-256']).not.toBe(`sha256=${right}`);
      expect(signatureOf({ body, secretKey: SECRET })).toBe(`sha256=${right}`);
    }
  });

  test('a webhook with a target says so in every body', () => {
    const { json } = fixture('04-user-updated-activated');
    const stored = storedBody({
      webhook: { ...webhookOf(json), targetId: json.payload.id },
      trigger: { name: 'user.updated', id: 4 },
      createdAt: json.event.createOn,
      actorId: OWNER_ID,
      payload: {},
    });
    expect(JSON.parse(stored).webhook.target).toEqual({ id: json.payload.id, type: 'user' });
  });
});
