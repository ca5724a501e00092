import type { Language } from '../messages/render.ts';
import type { Caller } from '../operations/tokens.ts';
import type { Formats } from './formats.ts';
import type { Texts } from './locales/en.ts';

/** The result of the last form, shown once. */
export type Flash = { readonly tone: 'good' | 'wrong'; readonly text: string };

/** What a page needs to know before anybody has signed in. */
export type Visitor = {
  /** The labels and sentences of the viewer's language. */
  readonly t: Texts;
  readonly language: Language;
  /** The address of a page or form of this service: `PUBLIC_URL` may have a path in front of it. */
  readonly url: (path: string) => string;
  /** The path of this page with its query, without the path of `PUBLIC_URL`. */
  readonly here: string;
  /** The portal's host. It is shown so that nobody confuses two services. */
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
  /** False for a viewer: they see neither links nor buttons that change something. */
  readonly mayChange: boolean;
};
