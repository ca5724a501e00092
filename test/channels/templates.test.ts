import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { languageFor, loadTemplates } from '../../src/channels/templates.ts';
import { temporaryFolder } from '../support/world.ts';
import { builtInTemplates } from './support.ts';

const view = {
  firstName: 'Zoë',
  lastName: 'Müller',
  portalUrl: 'https://office.example.com',
  portalHost: 'office.example.com',
};
const letter = (body: string) =>
  `Subject: Hello {{firstName}}\n\n${body}\n\nGo to {{portalUrl}}.\n`;

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

function faultsOf(folder: string, language = 'en'): readonly string[] {
  const read = loadTemplates({ folder, language });
  return read.kind === 'faulty' ? read.faults : [];
}

function templatesOf(folder: string, language = 'en') {
  const read = loadTemplates({ folder, language });
  if (read.kind === 'faulty') throw new Error(read.faults.join('\n'));
  return read.templates;
}

test.each([
  ['en-US', false, 'en', 'Welcome, Zoë: your place'],
  ['de', false, 'de', 'Willkommen, Zoë: Ihr Platz'],
  ['fr-CA', true, 'fr', 'votre accès invité'],
  ['es-MX', true, 'es', 'tiene acceso como invitado'],
  ['ja-JP', false, 'en', 'Welcome, Zoë: your place'],
  ['', true, 'en', 'you are our guest'],
  [null, false, 'en', 'Welcome, Zoë'],
])(
  'a person with the language %j (guest: %s) gets the letter %s',
  (cultureName, isGuest, language, subject) => {
    const mail = builtInTemplates().render({
      cultures: [cultureName],
      isGuest,
      kind: 'welcome',
      view,
    });
    expect(mail.language).toBe(language);
    expect(mail.subject).toContain(subject);
  },
);

test('every built-in letter contains the first name, the portal and the first step, in both parts', () => {
  for (const cultureName of ['en', 'de', 'fr', 'es']) {
    for (const isGuest of [false, true]) {
      const { subject, text, html } = builtInTemplates().render({
        cultures: [cultureName],
        isGuest,
        kind: 'welcome',
        view,
      });
      expect(subject).toContain('Zoë');
      for (const part of [text, html]) {
        expect(part).toContain('Zoë');
        expect(part).toContain('https://office.example.com');
        expect(part).not.toMatch(/\{\{|\}\}|undefined/);
      }
      expect(text).toMatch(/^1\. .*\n2\. .*\n3\. /m);
      expect(html).toContain('<ol');
      expect(html).toContain(`<html lang="${cultureName}" dir="ltr">`);
    }
  }
});

test('without a first name the greeting has no gap', () => {
  const nobody = { ...view, firstName: '', lastName: '' };
  const { subject, text } = builtInTemplates().render({
    cultures: ['en'],
    isGuest: false,
    kind: 'welcome',
    view: nobody,
  });
  expect(subject).toBe('Welcome: your place at office.example.com is ready');
  expect(text).toMatch(/^Hello,\n/);
});

test('a culture falls back to its language, and then to the next culture', () => {
  const has = (language: string) => ['pt-br', 'pt', 'en', 'de'].includes(language);
  expect(languageFor(['pt-BR', 'en'], has)).toBe('pt-br');
  expect(languageFor(['pt-PT', 'en'], has)).toBe('pt');
  expect(languageFor(['sr-Latn-RS', 'en'], has)).toBe('en');
  expect(languageFor(['pt_BR', 'en'], has)).toBe('pt-br');
  expect(languageFor(['zh_Hans_CN'], (tag) => tag === 'zh-hans')).toBe('zh-hans');
  expect(languageFor([null, 'de-AT', 'en'], has)).toBe('de');
  expect(languageFor(['', null, 'en'], has)).toBe('en');
  expect(languageFor(['ja', 'ko'], has)).toBeUndefined();
});

test('a file in the folder replaces the built-in letter of the same name, and another file adds a language', async () => {
  const folder = await folderWith({
    'en.txt': letter('Our own words & yours, {{firstName}}.'),
    'it.txt': letter('Benvenuto.'),
    'he.txt': letter('שלום'),
    'README.md': 'ignored',
  });
  const { render } = templatesOf(folder, 'it');
  const own = render({ cultures: ['en'], isGuest: false, kind: 'welcome', view });
  expect(own.text).toContain('Our own words & yours, Zoë.');
  expect(own.html).toContain('Our own words &amp; yours, Zoë.');
  expect(render({ cultures: ['en'], isGuest: true, kind: 'welcome', view }).subject).toContain(
    'our guest',
  );
  expect(render({ cultures: ['it-IT'], isGuest: true, kind: 'welcome', view }).text).toContain(
    'Benvenuto',
  );
  expect(render({ cultures: ['ja'], isGuest: false, kind: 'welcome', view }).language).toBe('it');
  expect(render({ cultures: ['he-IL'], isGuest: false, kind: 'welcome', view }).html).toContain(
    'dir="rtl"',
  );
});

test('a language may have a letter only for guests', async () => {
  const { render } = templatesOf(
    await folderWith({ 'it.guest.txt': letter('Benvenuto, ospite.') }),
  );
  expect(render({ cultures: ['it'], isGuest: true, kind: 'welcome', view }).text).toContain(
    'ospite',
  );
  expect(render({ cultures: ['it'], isGuest: false, kind: 'welcome', view }).language).toBe('en');
});

test("a page of the admin's own surrounds every letter", async () => {
  const folder = await folderWith({
    'layout.html': '<title>{{subject}}</title><main>{{{content}}}</main>',
  });
  const { html } = templatesOf(folder).render({
    cultures: ['de'],
    isGuest: false,
    kind: 'welcome',
    view,
  });
  expect(html).toMatch(/^<title>Willkommen, Zoë: .*<\/title><main><p /);
});

test.each([
  ['no subject', 'Hello\n\nGo to {{portalUrl}}', 1, /Subject/],
  ['an unknown variable', letter('Hi {{frstName}}'), 3, /\{\{frstName\}\} is not known/],
  ['an unknown variable further down', letter('One\n\nTwo\nThree {{company}}'), 6, /not known/],
  ['a tag that is not closed', letter('Hi {{firstName}'), 3, /broken/],
  ['an if that is not closed', letter('Hi {{#if lastName}} you'), 3, /do not match/],
  ['an if across paragraphs', letter('{{#if lastName}}A\n\nB{{/if}}'), 3, /same paragraph/],
  ['raw output', letter('Hi {{{firstName}}}'), 3, /unescaped/],
  ['raw output by &', letter('Hi {{&firstName}}'), 3, /unescaped/],
  ['a partial', letter('Hi {{> other}}'), 3, /only variables/],
  ['a loop', letter('{{#each firstName}}x{{/each}}'), 3, /not known/],
  ['a helper', letter('{{lookup firstName 1}}'), 3, /is not a plain variable/],
  ['a prototype', letter('{{constructor.name}}'), 3, /not known/],
  ['a button to script', letter('[Click](javascript:alert(1))'), 3, /a button leads/],
  [
    'an unknown variable in the subject',
    'Subject: {{x}}\n\n{{firstName}} {{portalUrl}}',
    1,
    /not known/,
  ],
])('%s prevents the start, with file and line', async (_what, text, line, why) => {
  const folder = await folderWith({ 'de.txt': text });
  const [fault] = faultsOf(folder);
  expect(fault).toMatch(why);
  expect(fault?.startsWith(`${join(folder, 'de.txt')}:${line}: `), fault).toBe(true);
});

test.each([
  ['Subject: Hi\n\nHello {{firstName}}', /\{\{portalUrl\}\} is missing/],
  ['Subject: Hi\n\nGo to {{portalUrl}}', /\{\{firstName\}\} is missing/],
])(
  "a letter without the portal's address or the person's name prevents the start",
  async (text, why) => {
    expect(faultsOf(await folderWith({ 'en.txt': text }))).toEqual([expect.stringMatching(why)]);
  },
);

test('all faults of all files are reported together', async () => {
  const folder = await folderWith({
    'en.txt': letter('{{a}} {{b}}'),
    'fr.txt': 'nothing',
    'layout.html': '<p>{{content}}</p>',
    'english.txt': letter('x'),
  });
  const faults = faultsOf(folder).join('\n');
  expect(faults).toMatch(/en\.txt:3: \{\{a\}\}/);
  expect(faults).toMatch(/en\.txt:3: \{\{b\}\}/);
  expect(faults).toMatch(/fr\.txt:1: /);
  expect(faults).toMatch(/layout\.html:1: .*\{\{\{content\}\}\}/);
  expect(faults).toMatch(/english\.txt:1: this name is not known/);
});

test('a missing folder, a language without a letter and a file that is not text prevent the start', async () => {
  expect(faultsOf('/nowhere')).toEqual([
    expect.stringMatching(/^WELCOME_TEMPLATES is not a folder/),
  ]);
  const folder = await temporaryFolder();
  expect(faultsOf(folder, 'ja')).toEqual([expect.stringMatching(/WELCOME_LANGUAGE is ja/)]);
  await writeFile(join(folder, 'en.txt'), Buffer.from([0xff, 0xfe, 0x00]));
  expect(faultsOf(folder)[0]).toMatch(/en\.txt:1: cannot be read as UTF-8/);
  await mkdir(join(folder, 'fr.txt'));
  expect(faultsOf(folder).join('\n')).toMatch(/fr\.txt:1: /);
  expect(await readdir(folder)).toHaveLength(2);
});
