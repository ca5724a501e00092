import { expect, test } from 'vitest';
import { createComposeNotice } from '../../src/notices/compose.ts';
import type { Pause } from '../../src/onboarding/pauses.ts';
import { builtInTemplates, portalUrl, sender } from '../channels/support.ts';

const compose = createComposeNotice({
  templates: builtInTemplates(),
  from: sender,
  portalUrl,
  publicUrl: null,
  language: 'en',
  newId: () => 'notice_1',
});

function noticeOf(pause: Omit<Pause, 'since' | 'until'>): string {
  const paused = { since: 0, until: null, ...pause };
  const cause = { kind: 'pause', key: 'pause', tellFrom: 0, pause: paused } as const;
  return compose.attention(sender, [cause], 0).text;
}

test('a notice gives the advice of a pause once', () => {
  const hourly = { code: 'hourly_limit_reached', maxPerHour: 10 } as const;
  expect(noticeOf({ name: 'hourly', reason: hourly })).toMatch(/resume if this is intended\.\n/);
  const refused = { code: 'portal_refused', status: 400 } as const;
  const inARow = {
    code: 'refused_in_a_row',
    channel: 'docspace',
    count: 5,
    cause: refused,
  } as const;
  expect(noticeOf({ name: 'channel:docspace', reason: inARow })).toMatch(
    /5 times in a row.*\. Fix the cause, then resume sending\.\n/,
  );
});
