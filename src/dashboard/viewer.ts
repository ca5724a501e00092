import type { Language } from '../messages/render.ts';
import type { Caller } from '../operations/tokens.ts';
import type { Formats } from './formats.ts';
import type { Texts } from './locales/en.ts';

/** The result of the last form. It is shown once. */
export type Flash = { readonly tone: 'good' | 'wrong'; readonly text: string };

/** What every page needs to know, even if nobody has signed in. */
export type Visitor = {
  /** The labels and sentences of the viewer's language. */
  readonly t: Texts;
  readonly language: Language;
  /** Puts the path of `PUBLIC_URL` before the path of a page or form. */
  readonly url: (path: string) => string;
  /** The path of this page with its query, without the path of `PUBLIC_URL`. */
  readonly here: string;
  /** The portal's host. Every page shows it, so that nobody confuses the services of two portals. */
  readonly portalHost: string;
};

/** The signed-in person for whom a page is made. */
export type Viewer = Visitor & {
  readonly formats: Formats;
  readonly zone: string;
  /** UTC ms. */
  readonly now: number;
  readonly flash: Flash | null;
  /** The holder of the token of this session. */
  readonly caller: Caller;
  /** False for the role `viewer`: pages show no invitation links and no buttons for changes. */
  readonly mayChange: boolean;
};
