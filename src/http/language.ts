import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { type Language, languages } from '../messages/render.ts';

/** Returns the most preferred language of `Accept-Language` that has messages, else English. */
export function languageOf(c: Context): Language {
  const asked = accepts(c, {
    header: 'Accept-Language',
    supports: [...languages],
    default: 'en',
    match: (wanted) => {
      const tags = wanted.toSorted((a, b) => b.q - a.q).map(({ type }) => type);
      return tags.map(knownLanguage).find((language) => language !== null) ?? 'en';
    },
  });
  return knownLanguage(asked) ?? 'en';
}

/** @param tag such as `de` or `de-CH` */
function knownLanguage(tag: string): Language | null {
  const [first = ''] = tag.toLowerCase().split('-');
  return languages.find((language) => language === first) ?? null;
}
