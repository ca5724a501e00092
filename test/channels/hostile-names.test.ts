import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { oneLine } from '../../src/channels/mail.ts';
import { person, smtpTo, startMailServer } from './support.ts';

const names: readonly (readonly [what: string, name: string, shown: string])[] = [
  ['a header', 'Bcc: x@y.example', 'Bcc: x@y.example'],
  ['a line break and a header', 'Zoë\r\nBcc: x@y.example', 'Zoë Bcc: x@y.example'],
  ['a folded header', 'Zoë\r\n\tX-Evil: 1', 'Zoë X-Evil: 1'],
  ['the end of the headers', 'Zoë\r\n\r\n<h1>evil</h1>', 'Zoë <h1>evil</h1>'],
  ['the end of the mail', 'Zoë\r\n.\r\nMAIL FROM:<x@y.example>', 'Zoë . MAIL FROM:<x@y.example>'],
  ['lone CR, LF, NUL', 'a\rb\nc\u0000d', 'a b c d'],
  ['line separators', 'a\u2028b\u2029c\u0085d', 'a b c d'],
  ['a script', '<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['an attribute', '" onmouseover="alert(1)', '" onmouseover="alert(1)'],
  ['an entity', '&lt;b&gt; &amp;', '&lt;b&gt; &amp;'],
  ['a template', '{{portalUrl}} {{{content}}}', '{{portalUrl}} {{{content}}}'],
  ['a button', '[Click](https://evil.example)', '[Click](https://evil.example)'],
  ['right-to-left marks', 'abc\u202egnp.exe\u202c\u200f\u2066', 'abcgnp.exe'],
  ['an encoded word', '=?utf-8?B?QmNjOiB4QHk=?=', '=?utf-8?B?QmNjOiB4QHk=?='],
  ['an address', 'Zoë <evil@y.example>, other@y.example', 'Zoë <evil@y.example>, other@y.example'],
  ['a quote that is not closed', '"Zoë \\', '"Zoë \\'],
  ['300 characters', 'W'.repeat(300), 'W'.repeat(300)],
  ['5,000 characters', 'é'.repeat(5_000), `${'é'.repeat(299)}…`],
  ['half of a pair', 'a\ud800b', 'a\ufffdb'],
  ['emoji and scripts', '👩‍🔧 Ζωή زوئی 佐藤', '👩‍🔧 Ζωή زوئی 佐藤'],
  ['nothing', '', ''],
  ['spaces alone', ' \t\r\n\u00a0 ', ''],
];

test.each(names)('%s in a name stays text in a well-formed mail', async (_what, name, shown) => {
  const server = await startMailServer();
  const outcome = await smtpTo(server.server).send(person({ firstName: name, lastName: name }));
  expect(outcome.kind).toBe('sent');
  const [{ raw = '', to = '' } = {}] = server.received;
  const mail = await simpleParser(raw);

  expect(to).toBe('zoe@example.com');
  expect([...mail.headers.keys()].sort()).toEqual([
    'auto-submitted',
    'content-language',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
    'x-auto-response-suppress',
  ]);
  expect(mail.to).toMatchObject({ value: [{ address: 'zoe@example.com' }] });
  expect(mail.bcc).toBeUndefined();
  expect(mail.attachments).toEqual([]);
  const greeting = shown === '' ? '' : `, ${shown}`;
  expect(mail.subject).toBe(`Welcome${greeting}: your place at office.example.com is ready`);
  expect(mail.text).toContain(shown === '' ? 'Hello,' : `Hello ${shown},`);
  expect(textOf(String(mail.html))).toContain(shown === '' ? 'Hello,' : `Hello ${shown},`);
  expect(String(mail.html)).not.toMatch(/<script|<h1|onmouseover="|evil\.example"/);
  for (const line of raw.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998);
});

test('any text becomes a single line', () => {
  expect(oneLine('  Anna\u00a0 \n Berg\u200b ')).toBe('Anna Berg');
});

/** The visible text of the first paragraphs, without tags and with decoded entities. */
function textOf(html: string): string {
  return html
    .replace(/<[a-z/][^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#x27;/g, "'")
    .replace(/&#x3D;/g, '=')
    .replace(/&#x60;/g, '`')
    .replace(/&amp;/g, '&');
}
