import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Delivery, parseDelivery } from '../../src/docspace/delivery.ts';
import { reasonText } from '../../src/messages/render.ts';

const folder = new URL('../fixtures/webhooks/', import.meta.url);
const bob = 'b0d1f6b4-2f9c-4f0e-8c2e-51a7f4a3d802';
type AboutUser = Extract<Delivery, { kind: 'about_user' }>;
type Expected = Pick<AboutUser, 'trigger' | 'shows'>;

/** The content of each recorded body, written by hand from the README of the fixtures. */
const expectedOf: Readonly<Record<string, Expected | 'other_trigger' | 'unreadable'>> = {
  '01-user-invited': { trigger: 'user.invited', shows: 'not_active' },
  '02-user-created-email-invite-activated': { trigger: 'user.created', shows: 'activated' },
  '03-user-created-link-not-activated': { trigger: 'user.created', shows: 'not_active' },
  '04-user-updated-activated': { trigger: 'user.updated', shows: 'activated' },
  '05-user-updated-profile-edit': { trigger: 'user.updated', shows: 'activated' },
  '06-user-updated-terminated': { trigger: 'user.updated', shows: 'terminated' },
  '07-user-deleted': { trigger: 'user.deleted', shows: 'terminated' },
  '08-user-updated-activated-auto-retry1': { trigger: 'user.updated', shows: 'activated' },
  '09-user-updated-activated-auto-retry2': { trigger: 'user.updated', shows: 'activated' },
  '11-user-created-names-realistic': { trigger: 'user.created', shows: 'activated' },
  '13-user-created-triggers-all': { trigger: 'user.created', shows: 'not_active' },
  '14-file-created-unrelated': 'other_trigger',
  '15-legacy-payload': 'unreadable',
  '16-user-created-admin-added-pending': { trigger: 'user.created', shows: 'not_active' },
  '19-user-updated-escaping-stress': { trigger: 'user.updated', shows: 'activated' },
  '90-invalid-wrong-secret': { trigger: 'user.created', shows: 'activated' },
  '91-invalid-lowercase-hex': { trigger: 'user.created', shows: 'activated' },
  '92-invalid-tampered-body': { trigger: 'user.created', shows: 'activated' },
};

describe('the recorded deliveries', () => {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.body'))
    .map((file) => file.replace('.body', ''));

  test('all have a description here', () => {
    expect(names.sort()).toEqual(Object.keys(expectedOf).sort());
  });

  test.each(names)('%s is read correctly', (name) => {
    const body = readFileSync(new URL(`${name}.body`, folder));
    const delivery = parseDelivery(body);
    const expected = expectedOf[name];
    if (typeof expected === 'string') {
      expect(delivery.kind).toBe(expected);
      return;
    }
    const { event, payload, webhook } = JSON.parse(body.toString());
    expect(delivery).toEqual({
      kind: 'about_user',
      webhookId: webhook.id,
      eventId: event.id,
      createdOn: Date.parse(event.createOn),
      userId: payload.id,
      ...expected,
    });
  });
});

const event = { id: 7, createOn: '2026-08-20T10:15:42Z', trigger: 'user.updated' };
const whole = { event, payload: { id: bob, status: 1, activationStatus: 1 }, webhook: { id: 12 } };
const parse = (json: unknown) => parseDelivery(Buffer.from(JSON.stringify(json)));

describe('a body as docs/docspace-wire.md 7.5 describes it', () => {
  test('leaves out defaults: a missing activationStatus means not activated', () => {
    expect(parse({ ...whole, payload: { id: bob, status: 1 } })).toMatchObject({
      shows: 'not_active',
    });
    expect(parse({ ...whole, payload: { id: bob } })).toMatchObject({ shows: 'not_active' });
  });

  test.each([
    [1, 0, 'not_active'],
    [1, 1, 'activated'],
    [1, 2, 'not_active'],
    [1, 4, 'not_active'],
    [1, 5, 'activated'],
    [2, 1, 'terminated'],
    [4, 1, 'not_active'],
    [4, 2, 'not_active'],
  ])('status %i with activationStatus %i shows %s', (status, activationStatus, shows) => {
    expect(parse({ ...whole, payload: { id: bob, status, activationStatus } })).toMatchObject({
      shows,
    });
  });

  test('may have unknown fields at every level', () => {
    const more = { isNew: true, nested: { a: [1] } };
    const grown = {
      ...more,
      event: { ...event, ...more },
      payload: { ...whole.payload, ...more },
      webhook: { id: 12, ...more },
    };
    expect(parse(grown)).toEqual(parse(whole));
  });

  test('may name its user in any case, and the id is compared in lower case', () => {
    expect(parse({ ...whole, payload: { id: bob.toUpperCase() } })).toMatchObject({ userId: bob });
  });

  test('of the next server (docs/docspace-wire.md 12) has a user of another shape, and is read', () => {
    const payload = {
      ...whole.payload,
      createdBy: { id: bob, displayName: 'Bob' },
      registrationDate: '2026-08-20T10:15:42.0000000Z',
      displayName: 'Bob Stone',
    };
    expect(parse({ ...whole, payload })).toEqual(parse(whole));
  });

  test('may start with a byte order mark', () => {
    const body = Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from(JSON.stringify(whole)),
    ]);
    expect(parseDelivery(body).kind).toBe('about_user');
  });

  test.each([
    ['a user that is null', { ...whole, payload: null }],
    ['a user without an id', { ...whole, payload: {} }],
    ['an id that is no guid', { ...whole, payload: { id: `${bob}; DROP TABLE members` } }],
    ['a status that is text', { ...whole, payload: { id: bob, status: 'Active' } }],
    ['a broken status', { ...whole, payload: { id: bob, status: 1.5 } }],
    ['an event id below nothing', { ...whole, event: { ...event, id: -1 } }],
    ['an event id that no number holds', { ...whole, event: { ...event, id: 2 ** 53 } }],
    ['no time', { ...whole, event: { id: 7, trigger: 'user.updated' } }],
    ['no trigger', { ...whole, event: { id: 7, createOn: event.createOn } }],
    ['no webhook', { event, payload: whole.payload }],
    ['a list', [whole]],
    ['an old form without a trigger', { ...whole, event: { ...event, trigger: '*' } }],
  ])('with %s is unreadable, and the reason does not repeat it', (_, json) => {
    const delivery = parse(json);
    expect(delivery.kind).toBe('unreadable');
    if (delivery.kind === 'unreadable') {
      expect(reasonText(delivery.reason).length).toBeGreaterThan(10);
      expect(JSON.stringify(delivery.reason)).not.toContain('DROP');
    }
  });

  test('about something other than a user has another trigger, whatever its payload is', () => {
    for (const payload of [null, 'text', { id: 7 }]) {
      expect(parse({ ...whole, payload, event: { ...event, trigger: 'room.created' } })).toEqual({
        kind: 'other_trigger',
        trigger: 'room.created',
      });
    }
  });
});

describe('a body without a payload, because the portal leaves out nulls (docs/docspace-wire.md 7.5)', () => {
  test('is about something other than a user if its trigger is', () => {
    const { payload, ...rest } = whole;
    expect(parse({ ...rest, event: { ...event, trigger: 'room.deleted' } }).kind).toBe(
      'other_trigger',
    );
  });

  test('is unreadable if its trigger is about a user', () => {
    const { payload, ...rest } = whole;
    expect(parse(rest).kind).toBe('unreadable');
  });
});

describe('any input', () => {
  test('of bytes gives a result, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (body) => {
        expect(['about_user', 'other_trigger', 'unreadable']).toContain(parseDelivery(body).kind);
      }),
      { numRuns: 1_000 },
    );
  });

  test('of JSON gives a result, never an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(['about_user', 'other_trigger', 'unreadable']).toContain(parse(json).kind);
      }),
      { numRuns: 1_000 },
    );
  });

  test('of a delivery with one part replaced gives a result, and a user in it has a lower-case guid', () => {
    const places = [
      ['event'],
      ['payload'],
      ['webhook'],
      ['event', 'id'],
      ['event', 'createOn'],
      ['event', 'trigger'],
      ['payload', 'id'],
      ['payload', 'status'],
      ['payload', 'activationStatus'],
      ['webhook', 'id'],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), ([part, field], value) => {
        const changed =
          field === undefined
            ? { ...whole, [part]: value }
            : { ...whole, [part]: { ...whole[part], [field]: value } };
        const delivery = parse(changed);
        if (delivery.kind !== 'about_user') return;
        expect(delivery.userId).toMatch(/^[0-9a-f-]{36}$/);
        expect(Number.isSafeInteger(delivery.eventId) && delivery.eventId >= 0).toBe(true);
        expect(Number.isSafeInteger(delivery.webhookId) && delivery.webhookId >= 0).toBe(true);
        expect(Number.isFinite(delivery.createdOn)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a delivery that is cut off is unreadable', () => {
    const body = Buffer.from(JSON.stringify(whole));
    for (let length = 0; length < body.length; length += 1) {
      expect(parseDelivery(body.subarray(0, length)).kind).toBe('unreadable');
    }
  });

  test('of half a megabyte of brackets, or of keys that JavaScript knows, gives a result too', () => {
    const bodies = [
      '['.repeat(500_000),
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      `{"__proto__":{"event":1},"constructor":{},"event":{"__proto__":null},"toString":1}`,
      `{"event":${JSON.stringify(event)},"payload":${'['.repeat(50_000)}${']'.repeat(50_000)},"webhook":{}}`,
    ];
    for (const body of bodies) {
      expect(['unreadable', 'about_user']).toContain(parseDelivery(Buffer.from(body)).kind);
    }
  });
});
