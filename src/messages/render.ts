import type { Reason, ReasonCode } from '../domain/reason.ts';
import type { Actor, Cause, TimelineEvent } from '../domain/timeline.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import type { Messages } from './messages.ts';

/** The languages of the dashboard, the API's `text` and the built-in letters. */
export const languages = ['en', 'de', 'fr', 'es'] as const;
export type Language = (typeof languages)[number];

const messages: Readonly<Record<Language, Messages>> = { en, de, fr, es };

/** Returns the messages of one language. */
export function messagesIn(language: Language): Messages {
  return messages[language];
}

/** @returns a phrase such as `has not confirmed the e-mail address yet`, without a full stop */
export function reasonText(reason: Reason, language: Language = 'en'): string {
  return write(messages[language].reasons[reason.code], reason, language);
}

/** @returns a phrase such as `registered` or `skipped: not invited by this service` */
export function eventText(event: TimelineEvent, language: Language = 'en'): string {
  return write(messages[language].events[event.event], event, language);
}

/** @returns a phrase such as `delivery 12` */
export function causeText(cause: Cause, language: Language = 'en'): string {
  return write(messages[language].causes[cause.kind], cause, language);
}

/** @returns a phrase such as `operator anna` */
export function actorText(actor: Actor, language: Language = 'en'): string {
  return write(messages[language].actors[actor.kind], actor, language);
}

function write<P>(message: unknown, params: P, language: Language): string {
  if (typeof message === 'string') return message;
  // The table's type pairs each code with its own parameters; TypeScript cannot follow that here.
  const render = message as (params: P, render: (reason: Reason) => string) => string;
  return render(params, (reason) => reasonText(reason, language));
}

/**
 * Returns a reason without its parameters, for a list of choices, such as
 * `The mail server refused the recipient`.
 * @param code a code of `memberReasonCodes`
 */
export function reasonLabel(code: ReasonCode, language: Language = 'en'): string {
  // Every parameter of this stand-in is `…`. If it is in brackets, it is removed together with them.
  const standIn = new Proxy(
    { code },
    { get: (target, key) => (key === 'code' ? target.code : '…') },
  );
  const text = write(messages[language].reasons[code], standIn, language);
  return text
    .replaceAll(' (…)', '')
    .replace(/^(.)/u, (letter) => letter.toLocaleUpperCase(language));
}
