import { describe, expect, onTestFinished, test } from 'vitest';
import type { Portal } from '../../simulator/portal.ts';
import { databaseSettings } from '../support/database.ts';
import { startPortal } from '../support/portal.ts';
import { serviceEnvironment, spawnVerb } from '../support/process.ts';
import { startWorld, temporaryFolder } from '../support/world.ts';

type Place = {
  readonly portal: Portal;
  readonly folder: string;
  /** Where the database is. */
  readonly settings: Readonly<Record<string, string>>;
};

/** Runs a verb on a database, as a person does beside the service or without it. */
async function run(place: Place, ...args: string[]) {
  const environment = serviceEnvironment(place.portal, place.folder, place.settings);
  const { child, output } = spawnVerb(args, { environment, folder: place.folder });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output: output() };
}

async function besideTheService(): Promise<Place> {
  const { portal, folder, config } = await startWorld({ withWebhook: false });
  return { portal, folder, settings: { DATABASE_URL: config.DATABASE_URL } };
}

async function alone(): Promise<Place> {
  const folder = await temporaryFolder();
  const portal = await startPortal({ keyCheck: 'any', queuePauseMs: 5 });
  onTestFinished(() => portal.stop());
  return { portal, folder, settings: await databaseSettings(folder) };
}

async function invited(place: Place): Promise<{ id: string; link: string }> {
  const { output } = await run(place, 'invite', '--json');
  return JSON.parse(output)[0];
}

describe.each([
  ['beside the running service', besideTheService],
  ['alone', alone],
])('%s', (_, open) => {
  test('resend prints a new link, and revoke says what it cannot do', {
    timeout: 120_000,
  }, async () => {
    const place = await open();
    const { id, link } = await invited(place);
    const resent = await run(place, 'resend', id);
    expect(resent.code).toBe(0);
    const fresh = /http:\S+/.exec(resent.output)?.[0];
    expect(fresh).toBeDefined();
    expect(fresh).not.toBe(link);

    const revoked = await run(place, 'revoke', id, '--json');
    expect(revoked.code).toBe(0);
    expect(JSON.parse(revoked.output)).toMatchObject({ revoked: id });
    const again = await run(place, 'resend', id);
    expect([again.code, again.output]).toEqual([1, 'this invitation was revoked: invite again\n']);
    const nobody = await run(place, 'revoke', 'inv_nobody');
    expect([nobody.code, /^No invitation/.test(nobody.output)]).toEqual([1, true]);
  });

  test('a portal that cannot be reached leads to exit code 69', { timeout: 120_000 }, async () => {
    const place = await open();
    const { id } = await invited(place);
    place.portal.control.suspend();
    expect((await run(place, 'resend', id)).code).toBe(69);
  });
});

test('stats shows how long people take, as text and as JSON', { timeout: 120_000 }, async () => {
  const place = await besideTheService();
  const stats = await run(place, 'stats');
  expect(stats.output).toContain('FROM INVITATION TO ACTIVATION\n  nobody yet');
  const { durations } = JSON.parse((await run(place, 'stats', '--json')).output);
  expect(durations.activationToWelcome).toEqual({ count: 0, p50Ms: null, p90Ms: null });
});

test('without an id they print their usage', { timeout: 120_000 }, async () => {
  const place = await besideTheService();
  for (const verb of ['revoke', 'resend']) expect((await run(place, verb)).code).toBe(64);
});
