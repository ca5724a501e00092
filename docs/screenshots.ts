import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium } from 'playwright-core';
import type { Portal } from '../simulator/portal.ts';
import { readConfig } from '../src/config/read.ts';
import { createNewId } from '../src/ids.ts';
import { createLog } from '../src/log.ts';
import { startService } from '../src/service.ts';
import { chromiumPath, howToGetIt } from '../test/browser/chromium.ts';
import { createMovableClock, type MovableClock } from '../test/support/clock.ts';
import { startPortal } from '../test/support/portal.ts';
import { until } from '../test/support/until.ts';
import { adminToken, call, registerWebhook, webhookSecret } from '../test/support/world.ts';
import { addressOf, type Guest, guests } from './company.ts';

/*
 * `npm run screenshots` makes the pictures of the documents. It runs the real service beside the simulated
 * portal, plays a month of an invented company with a clock that is set forward, and uses Chromium.
 */

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const wait = { deadlineMs: 30_000, label: 'the deliveries are out' };

type Stage = {
  readonly portal: Portal;
  readonly url: string;
  readonly clock: MovableClock;
};

const folder = await mkdtemp(join(tmpdir(), 'docspace-welcome-pictures-'));
const clock = createMovableClock();
const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 2, now: clock.now });
const read = readConfig({
  environment: {
    DOCSPACE_URL: portal.url,
    DOCSPACE_API_KEY: portal.apiKey,
    DOCSPACE_WEBHOOK_SECRET: webhookSecret,
    ADMIN_TOKEN: adminToken,
    PORT: '0',
    RECONCILE_EVERY: '0',
  },
  workingFolder: folder,
  envFile: null,
});
if (read.kind !== 'ok') throw new Error(read.faults.join('\n'));
clock.move(-28 * dayMs);
const started = await startService(read.config, {
  clock,
  random: Math.random,
  newId: createNewId(clock.now),
  log: createLog({ level: 'error', write: (line) => process.stderr.write(line) }),
});
if (started.kind !== 'started') throw new Error(`the service did not start: ${started.kind}`);
const { service } = started;
try {
  const stage = { portal, url: service.url, clock };
  await registerWebhook(portal, service.url);
  await live(stage);
  await takePictures(stage);
} finally {
  await service.stop();
  await portal.stop();
  await rm(folder, { recursive: true, force: true });
}

type Happening = { readonly at: number; readonly happens: () => Promise<void> };

/** Plays the events of the month in the order of their times. */
async function live(stage: Stage): Promise<void> {
  const now = Date.now();
  const happenings = guests.flatMap((guest, i) => storyOf(stage, guest, momentOf(guest, i, now)));
  for (const { at, happens } of happenings.toSorted((a, b) => a.at - b.at)) {
    if (at > now) continue;
    stage.clock.move(at - stage.clock.now());
    await happens();
    await stage.portal.control.deliveriesIdle(wait);
  }
  stage.clock.move(Date.now() - stage.clock.now());
  await api(stage, 'POST', '/api/reconcile');
}

/** A time in working hours on the day when this person was invited. */
function momentOf(guest: Guest, i: number, now: number): number {
  const morning = now - (now % dayMs) + 8 * 60 * minuteMs + ((i * 53) % 540) * minuteMs;
  const at = morning - (guest.invited + 1) * dayMs;
  return at;
}

function storyOf(stage: Stage, guest: Guest, invitedAt: number): Happening[] {
  const { control } = stage.portal;
  const email = addressOf(guest);
  const [toRegister, toConfirm] = guest.takes;
  let link = '';
  let id = '';
  let userId = '';
  const invited = {
    at: invitedAt,
    async happens() {
      const request = { employeeType: 'Guest', email, note: guest.note };
      const { json } = await api(stage, 'POST', '/api/invitations', request);
      link = json.link;
      id = json.id;
    },
  };
  if (guest.came === 'no' || guest.came === 'expired') return [invited];
  const registeredAt = invitedAt + toRegister * minuteMs;
  if (guest.came === 'revoked') {
    const revoke = async () => void (await api(stage, 'POST', `/api/invitations/${id}/revoke`));
    return [invited, { at: registeredAt, happens: revoke }];
  }
  const registered = {
    at: registeredAt,
    async happens() {
      const [firstName, lastName] = guest.name;
      userId = control.register({ link, email, firstName, lastName });
      await becomes(stage, userId, 'waiting');
    },
  };
  if (guest.came === 'registered') return [invited, registered];
  const confirmed = {
    at: registeredAt + toConfirm * minuteMs,
    async happens() {
      const on = ({ path }: { readonly path: string }) => path.includes('sendcongratulations');
      const status = { unknown: 502, failed: 400, welcomed: null }[guest.came as 'welcomed'];
      if (status !== null) control.interfere({ on, times: 1, act: { kind: 'answer', status } });
      control.confirmEmail(userId);
      await becomes(stage, userId, guest.came);
    },
  };
  return [invited, registered, confirmed];
}

function becomes(stage: Stage, userId: string, state: string): Promise<unknown> {
  return until(`member ${userId} is ${state}`, async () => {
    const { json } = await api(stage, 'GET', `/api/members/${userId}`);
    return json?.state === state;
  });
}

function api(stage: Stage, method: string, path: string, body?: unknown) {
  return call(stage.url, method, path, body);
}

async function takePictures(stage: Stage): Promise<void> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error(`there is no Chromium here: ${howToGetIt}`);
  const browser = await chromium.launch({ executablePath });
  try {
    const context = await browser.newContext({
      baseURL: stage.url,
      viewport: { width: 1_440, height: 1_000 },
      colorScheme: 'light',
      timezoneId: 'Europe/Berlin',
    });
    const page = await context.newPage();
    await page.goto('/sign-in');
    await page.locator('#token').fill(adminToken);
    await page.locator('main form button.primary').click();
    await page.locator('#funnel').waitFor();
    await takePicture(context, stage, '/', 'overview.png');
    const { json } = await api(stage, 'GET', '/api/members?state=unknown');
    await takePicture(context, stage, `/people/${json.items[0].userId}`, 'person.png');
  } finally {
    await browser.close();
  }
}

/** Takes one picture. The page shows the name of an invented portal instead of this machine's address. */
async function takePicture(
  context: BrowserContext,
  stage: Stage,
  path: string,
  file: string,
): Promise<void> {
  const page = await context.newPage();
  await page.goto(path);
  const { host } = new URL(stage.portal.url);
  await page.evaluate(
    `document.querySelector('.brand').textContent = document.querySelector('.brand').textContent.replace('${host}', 'office.nordkai.example')`,
  );
  const folder = fileURLToPath(new URL('.', import.meta.url));
  await page.screenshot({ path: join(folder, file) });
  await page.close();
}
