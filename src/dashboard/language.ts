import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { languageOf as requestedLanguage } from '../http/language.ts';
import { type Language, languages } from '../messages/render.ts';
import { de } from './locales/de.ts';
import { en, type Texts } from './locales/en.ts';
import { es } from './locales/es.ts';
import { fr } from './locales/fr.ts';

export const languageCookie = 'docspace_welcome_language';

const texts: Readonly<Record<Language, Texts>> = { en, de, fr, es };

/** The labels and sentences of the pages in one language. */
export function textsIn(language: Language): Texts {
  return texts[language];
}

/** The language that the visitor chose on a page, else the one that `Accept-Language` asks for. */
export function languageOf(c: Context): Language {
  return knownLanguage(getCookie(c, languageCookie)) ?? requestedLanguage(c);
}

export function knownLanguage(word: string | undefined): Language | null {
  return languages.find((language) => language === word) ?? null;
}
