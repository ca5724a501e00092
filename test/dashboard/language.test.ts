import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { languageOf, textsIn } from '../../src/dashboard/language.ts';
import { languages } from '../../src/messages/render.ts';

async function languageFor(headers: Record<string, string>): Promise<string> {
  const routes = new Hono().get('/', (c) => c.text(languageOf(c)));
  return (await routes.request('/', { headers })).text();
}

describe('the language of the pages', () => {
  test.each([
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['en-GB,en;q=0.9,de;q=0.8', 'en'],
    ['pt-BR,pt;q=0.9,es;q=0.5', 'es'],
    ['fr;q=0.2, es;q=0.7', 'es'],
    ['ja,zh;q=0.5', 'en'],
    ['*', 'en'],
    [';;;,q=', 'en'],
    ['DE-de', 'de'],
  ])('with Accept-Language %j is %s', async (asked, language) => {
    expect(await languageFor(asked === '' ? {} : { 'accept-language': asked })).toBe(language);
  });

  test('is the one that was chosen here, whatever the browser asks for', async () => {
    const chosen = { cookie: 'docspace_welcome_language=fr', 'accept-language': 'de' };
    expect(await languageFor(chosen)).toBe('fr');
    const unknown = { cookie: 'docspace_welcome_language=%3Cb%3E', 'accept-language': 'de' };
    expect(await languageFor(unknown)).toBe('de');
  });
});

test('each language has every text, and no text is empty', () => {
  const pathsOf = (value: unknown, path = ''): string[] => {
    if (typeof value === 'object' && value !== null) {
      return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, `${path}.${key}`));
    }
    return value === '' ? [`${path} is empty`] : [`${path}: ${typeof value}`];
  };
  for (const language of languages) {
    expect(pathsOf(textsIn(language))).toEqual(pathsOf(textsIn('en')));
  }
});
