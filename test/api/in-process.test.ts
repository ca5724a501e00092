import { expect, onTestFinished, test } from 'vitest';
import { startPortal } from '../../simulator/portal.ts';
import { systemClock } from '../../src/clock.ts';
import { createNewId } from '../../src/ids.ts';
import { createLog } from '../../src/log.ts';
import { apiOf, openCore } from '../../src/service.ts';
import { adminToken, configFor, temporaryFolder } from '../support/world.ts';

test('the API answers requests within the process, without a server', async () => {
  const portal = await startPortal({ keyCheck: 'any' });
  onTestFinished(() => portal.stop());
  const config = configFor(await temporaryFolder(), portal);
  const opened = await openCore(config, {
    clock: systemClock,
    random: Math.random,
    newId: createNewId(systemClock.now),
    log: createLog({ level: 'silent', write: () => {} }),
  });
  if (opened.kind !== 'opened') throw new Error(`the core was not opened: ${opened.kind}`);
  onTestFinished(() => opened.core.close());
  const api = apiOf(opened.core);
  const ask = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${adminToken}` };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await api.request(path, { method, headers, ...sent });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects and fails otherwise
    return { status: answer.status, json: (await answer.json()) as any };
  };
  const invited = await ask('POST', '/api/invitations', { employeeType: 'Guest' });
  expect([invited.status, invited.json.status]).toEqual([201, 'open']);
  expect((await ask('POST', `/api/invitations/${invited.json.id}/revoke`)).status).toBe(200);
  expect((await ask('POST', '/api/pause')).json.pauses).toHaveLength(1);
  expect((await ask('POST', '/api/members/retry')).json).toEqual({ retried: 0 });
  expect((await ask('GET', '/api/stats')).json.invitations).toEqual({ revoked: 1 });
  expect((await ask('POST', '/api/forget', { email: 'x@example.com' })).json.known).toBe(false);
  expect((await api.request('/api/stats')).status).toBe(401);
});
