import { expect, test } from 'vitest';
import { limitedSince } from '../../src/domain/attempt-limits.ts';
import { hourMs, now } from './support.ts';

test.each([
  ['never granted: the last hour counts', 0, now - hourMs],
  ['a resume grants a new hour', now - 10, now - 10],
  ['an old grant is not a new hour', now - 2 * hourMs, now - hourMs],
  // The clock was set back behind a resume: the limit must still hold.
  ['a grant from the future grants nothing', now + 1, now - hourMs],
])('which attempts count against the hourly limit: %s', (_says, grantedAt, since) => {
  expect(limitedSince(now, grantedAt)).toBe(since);
});
