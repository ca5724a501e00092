import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSigned, sign } from '../../src/docspace/signature.ts';

const folder = new URL('../fixtures/webhooks/', import.meta.url);
const secret = 'Docspace-Webhook-1';

/** The signature as DocSpace makes it, written independently (docs/docspace-wire.md 7.3). */
function theirs(body: Uint8Array, key: string): string {
  return `sha256=${createHmac('sha256', Buffer.from(key)).update(body).digest('hex').toUpperCase()}`;
}

describe('the signature of a delivery', () => {
  test('of each recorded delivery is accepted, unless the secret or the body is wrong', () => {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.body'))) {
      const name = file.replace('.body', '');
      const { headers, meta } = JSON.parse(
        readFileSync(new URL(`${name}.headers.json`, folder), 'utf8'),
      );
      const body = readFileSync(new URL(file, folder));
      const signature = headers['x-docspace-signature-256'];
      // Recorded before the vendor told receivers to ignore the case of the hex digits.
      const isValid = meta.signatureValid || name === '91-invalid-lowercase-hex';
      expect([name, isSigned({ body, signature, secrets: [secret] })]).toEqual([name, isValid]);
    }
  });

  test('is accepted for any bytes with any of several secrets', () => {
    const secrets = fc.array(fc.string({ unit: 'binary', minLength: 1 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), secrets, fc.nat(), (body, keys, nth) => {
        const key = keys[nth % keys.length] ?? '';
        expect(sign(body, key)).toBe(theirs(body, key));
        expect(isSigned({ body, signature: theirs(body, key), secrets: keys })).toBe(true);
      }),
    );
  });

  test('is accepted for any text in UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const body = new TextEncoder().encode(JSON.stringify({ text }));
        expect(isSigned({ body, signature: theirs(body, secret), secrets: [secret] })).toBe(true);
      }),
    );
  });

  test('is refused if one byte is changed anywhere', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (body, place, flip) => {
          const signature = theirs(body, secret);
          const changed = Uint8Array.from(body);
          const index = place % changed.length;
          changed[index] = (changed[index] ?? 0) ^ flip;
          expect(isSigned({ body: changed, signature, secrets: [secret] })).toBe(false);
        },
      ),
    );
  });

  test('is refused with any other secret, and without one', () => {
    const body = Buffer.from('{}');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (other) => {
        fc.pre(other !== secret);
        expect(isSigned({ body, signature: theirs(body, secret), secrets: [other] })).toBe(false);
      }),
    );
    expect(isSigned({ body, signature: theirs(body, secret), secrets: [] })).toBe(false);
  });

  test('is accepted as hex with its prefix in upper or lower case, and in no other form', () => {
    const body = Buffer.from('{"event":{"id":1}}');
    const right = theirs(body, secret);
    const hex = right.slice('sha256='.length);
    const wrong = [
      undefined,
      '',
      'sha256=',
      hex,
      `sha1=${hex}`,
      `${right} `,
      ` ${right}`,
      right.slice(0, -1),
      `${right}0`,
      `${right},${right}`,
      `sha256=${Buffer.from(hex, 'hex').toString('base64')}`,
      'é'.repeat(right.length),
      '\u0000'.repeat(right.length),
    ];
    for (const signature of wrong) {
      expect([signature, isSigned({ body, signature, secrets: [secret] })]).toEqual([
        signature,
        false,
      ]);
    }
    for (const signature of [right, right.toLowerCase(), right.toUpperCase()]) {
      expect(isSigned({ body, signature, secrets: [secret] })).toBe(true);
    }
  });

  test('of the previous secret is accepted beside the current one', () => {
    const body = Buffer.from('{}');
    const secrets = ['the-new-secret', 'the-old-secret'];
    for (const key of secrets) {
      expect(isSigned({ body, signature: theirs(body, key), secrets })).toBe(true);
    }
  });
});
