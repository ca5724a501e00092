import type { Formats } from './formats.ts';
import type { Language } from './language.ts';
import type { Phrases } from './locales/en.ts';

/** What the last form came to, shown once. */
export type Said = { readonly tone: 'good' | 'wrong'; readonly text: string };

/** What every page needs to know of its viewer. */
export type View = {
  readonly say: Phrases;
  readonly language: Language;
  readonly formats: Formats;
  readonly zone: string;
  /** UTC ms. */
  readonly now: number;
  /** The address of this page with its query: what is fetched again while it is open. */
  readonly here: string;
  /** The portal's host, so that nobody mistakes one service for another's. */
  readonly portalHost: string;
  readonly said: Said | null;
};
