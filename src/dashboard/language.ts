import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { getCookie } from 'hono/cookie';
import { de } from './locales/de.ts';
import { en, type Phrases } from './locales/en.ts';
import { es } from './locales/es.ts';
import { fr } from './locales/fr.ts';

/** The languages of the built-in letters. */
export const languages = ['en', 'de', 'fr', 'es'] as const;
export type Language = (typeof languages)[number];

export const languageCookie = 'docspace_welcome_language';

const phrasesByLanguage: Readonly<Record<Language, Phrases>> = { en, de, fr, es };

export function phrasesOf(language: Language): Phrases {
  return phrasesByLanguage[language];
}

/** What the viewer chose here, else what the browser asks for, else English. */
export function languageOf(c: Context): Language {
  const chosen = knownLanguage(getCookie(c, languageCookie));
  if (chosen) return chosen;
  const asked = accepts(c, {
    header: 'Accept-Language',
    supports: [...languages],
    default: 'en',
    match: (wanted, { supports }) => {
      const best = wanted
        .toSorted((a, b) => b.q - a.q)
        .map(({ type }) => type.split('-')[0]?.toLowerCase() ?? '');
      return best.find((one) => supports.includes(one)) ?? 'en';
    },
  });
  return knownLanguage(asked) ?? 'en';
}

export function knownLanguage(word: string | undefined): Language | null {
  return languages.find((language) => language === word) ?? null;
}
