import { expect, test, vi } from 'vitest';
import { StoreUnavailable } from '../../src/store/store.ts';
import { startWorld } from '../support/world.ts';
import { ask, signIn } from './hostile-support.ts';

test('a download that the database interrupts fails in the browser, and only the log says why', async () => {
  const world = await startWorld({ withWebhook: false });
  const cookie = await signIn(world);
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.spyOn(world.service.store, 'listInvitations').mockRejectedValue(
    new StoreUnavailable('the disk is full'),
  );

  await expect(ask(world, 'GET', '/invitations.csv', { headers: { cookie } })).rejects.toThrow();

  expect(printed).not.toHaveBeenCalled();
  expect(world.log.join('')).toContain('a download was cut short');
});
