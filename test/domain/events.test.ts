import { expect, test } from 'vitest';
import { eventTypeOf, eventTypes, outboxEvents } from '../../src/domain/events.ts';
import { events } from '../messages/samples.ts';

const samples = Object.values(events).flat();

test('exactly the entries of the outbox can be events, and each type has an entry', () => {
  const found = samples.flatMap((entry) => {
    const type = eventTypeOf(entry, true);
    return type === null ? [] : [{ entry: entry.event, type }];
  });
  expect(new Set(found.map(({ entry }) => entry))).toEqual(new Set(outboxEvents));
  expect(new Set(found.map(({ type }) => type))).toEqual(new Set(eventTypes));
});

test('a refusal or an unknown outcome after which the service goes on by itself is no event', () => {
  const reason = { code: 'portal_timed_out' } as const;
  for (const event of ['attempt_refused', 'attempt_unknown'] as const) {
    expect(eventTypeOf({ event, reason, goesOn: true }, true)).toBeNull();
    expect(eventTypeOf({ event, reason }, true)).not.toBeNull();
  }
});

test('a person who came without an invitation registered by none', () => {
  expect(eventTypeOf({ event: 'registered' }, false)).toBeNull();
});

test('a welcome that an operator marks as sent is a welcome', () => {
  expect(eventTypeOf({ event: 'resolved', outcome: 'sent' }, true)).toBe('member.welcomed');
  expect(eventTypeOf({ event: 'resolved', outcome: 'retry' }, true)).toBeNull();
});
