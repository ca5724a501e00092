import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { until } from '../support/until.ts';
import { startWorld } from '../support/world.ts';
import { type Fate, fastClock, startMailServer } from './support.ts';

const headCount = 200;
/** So many times as fast, the retries of an hour fit into the test. */
const speed = 20;

// The service trusts the authorities that Node trusts. The certificate of the test is not from one
// of them.
beforeEach(() => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** What the server does with the mail of the n-th person, the first time and later. */
function fateOf(index: number, isFirst: boolean): Fate {
  switch (index % 10) {
    case 1:
      return isFirst ? 'rcpt:451' : 'take';
    case 2:
      return isFirst ? 'dot:451' : 'take';
    case 3:
      return isFirst ? 'rcpt:drop' : 'take';
    case 5:
      return index % 20 === 5 ? 'rcpt:550' : 'dot:554';
    case 7:
      return 'dot:drop';
    default:
      return 'take';
  }
}

test('200 people get one mail each despite 4yz, 5yz and dropped connections, and an unknown outcome is not sent again', async () => {
  const troubled = new Set<string>();
  const mail = await startMailServer({
    fate(to, step) {
      const fate = fateOf(Number(/\d+/.exec(to)?.[0]), !troubled.has(to));
      if (fate.startsWith(step)) troubled.add(to);
      return fate;
    },
  });
  const world = await startWorld({
    portal: { rateLimits: {} },
    surroundings: { clock: fastClock(speed) },
    settings: {
      WELCOME_CHANNEL: 'smtp',
      SMTP_URL: mail.url,
      WELCOME_FROM: 'office@example.com',
      WELCOME_MAX_PER_HOUR: '100000',
    },
  });
  const { control } = world.portal;
  const wanted = Array.from({ length: headCount }, (_, i) => ({
    employeeType: i % 3 === 0 ? 'Guest' : 'User',
    email: `p${i}@example.com`,
  }));
  const { json: invited } = await world.api('POST', '/api/invitations', wanted);
  for (const [i, { link, email }] of invited.entries()) {
    control.confirmEmail(control.register({ link, email, firstName: `P${i}`, lastName: 'Q' }));
  }
  const settled = await until(
    'everybody is welcomed, failed or unknown',
    async () => {
      // Three refusals in a row pause the channel: the operator looks, and resumes.
      const { pauses } = (await world.api('GET', '/api/stats')).json;
      if (pauses.length > 0) await world.api('POST', '/api/resume');
      const counts = await Promise.all(
        ['welcomed', 'failed', 'unknown'].map(async (state) => {
          const { json } = await world.api('GET', `/api/members?state=${state}&limit=200`);
          return json.items.length as number;
        }),
      );
      const [welcomed = 0, failed = 0, unknown = 0] = counts;
      return welcomed + failed + unknown === headCount ? { welcomed, failed, unknown } : null;
    },
    60_000,
  );
  expect(settled).toEqual({ welcomed: 160, failed: 20, unknown: 20 });
  const to = mail.received.map((one) => one.to);
  expect(new Set(to).size).toBe(160);
  expect(to).toHaveLength(160);
  const dropped = mail.seen.filter((one) => /7@/.test(one));
  expect(dropped).toHaveLength(20);
}, 80_000);
