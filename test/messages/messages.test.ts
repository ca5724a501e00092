import { describe, expect, test } from 'vitest';
import { memberReasonCodes } from '../../src/domain/reason.ts';
import { timelineEvents } from '../../src/domain/timeline.ts';
import { healthCodes } from '../../src/health.ts';
import {
  actorText,
  causeText,
  eventText,
  languages,
  messagesIn,
  reasonText,
} from '../../src/messages/render.ts';
import { actors, causes, events, reasons } from './samples.ts';

const allReasons = Object.values(reasons).flat();
const allEvents = Object.values(events).flat();
const allCauses = Object.values(causes).flat();
const allActors = Object.values(actors).flat();

/** The parameters that every language writes unchanged. The other parameters are words to translate. */
const writtenAsGiven = [
  'actual',
  'cause',
  'count',
  'expected',
  'fault',
  'field',
  'host',
  'id',
  'invitationId',
  'maxPerHour',
  'path',
  'reply',
  'row',
  'status',
];

test('the samples cover every reason of a member and every event of the timeline', () => {
  expect(Object.keys(reasons)).toEqual(expect.arrayContaining([...memberReasonCodes]));
  expect(Object.keys(events).sort()).toEqual([...timelineEvents].sort());
});

describe.each(languages)('in the language %s', (language) => {
  test.each(allReasons)('$code has a message', (reason) => {
    expectMessage(reasonText(reason, language), reason);
  });

  test.each(allEvents)('$event has a message', (event) => {
    expectMessage(eventText(event, language), event);
  });

  test.each(allCauses)('the cause $kind has a message', (cause) => {
    expectMessage(causeText(cause, language), cause);
  });

  test.each(allActors)('the actor $kind has a message', (actor) => {
    const text = actorText(actor, language);
    expectMessage(text, actor);
    expect(text).toContain(actor.name ?? '');
  });

  test.each(healthCodes)('the health code %s has a message', (code) => {
    expectMessage(messagesIn(language).health[code], {});
  });

  test('no message exists for an unknown code', () => {
    const { reasons: reasonTexts, events: eventTexts, health } = messagesIn(language);
    expect(Object.keys(reasonTexts).sort()).toEqual(Object.keys(reasons).sort());
    expect(Object.keys(eventTexts).sort()).toEqual(Object.keys(events).sort());
    expect(Object.keys(health).sort()).toEqual([...healthCodes].sort());
  });

  test('no two reasons and no two events have the same message', () => {
    for (const texts of [
      allReasons.map((reason) => reasonText(reason, language)),
      allEvents.map((event) => eventText(event, language)),
    ]) {
      expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
    }
  });
});

/** The text is a whole phrase without a full stop, and it shows every parameter that is not a word. */
function expectMessage(text: string, params: object): void {
  expect(text).toMatch(/\S/);
  expect(text).toBe(text.trim());
  expect(text).not.toMatch(/undefined|\[object|=>|\bfunction\b|\bNaN\b|\$\{|\(\)|\s{2}|\.$/);
  for (const shown of shownIn(params)) expect(text).toContain(shown);
}

/** The values of the parameters, including those of a reason inside this reason. */
function shownIn(params: object): string[] {
  return Object.entries(params).flatMap(([name, value]) => {
    if (typeof value === 'object' && value !== null) return shownIn(value);
    return writtenAsGiven.includes(name) ? [String(value)] : [];
  });
}

/** These messages consist only of parameters, which are English or rendered by themselves. */
const withoutWords = ['channel_refuses', 'row_not_valid'];

describe.each(languages.filter((language) => language !== 'en'))('in %s', (language) => {
  test.each(allReasons.filter(({ code }) => !withoutWords.includes(code)))(
    'the reason $code is translated',
    (reason) => {
      expect(reasonText(reason, language)).not.toBe(reasonText(reason));
    },
  );

  test.each(allEvents)('the event $event is translated', (event) => {
    expect(eventText(event, language)).not.toBe(eventText(event));
  });

  test.each(healthCodes)('the health code %s is translated', (code) => {
    expect(messagesIn(language).health[code]).not.toBe(messagesIn('en').health[code]);
  });
});
