import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { inviteAndRegister, memberBecomes, startWorld, type World } from '../support/world.ts';

/* A stop cuts requests that the portal has not answered. That says nothing about the portal. */

/** The lines that tell an operator of trouble. */
function alarms(world: World): readonly string[] {
  return world.log.filter((line) =>
    /"level":"(warn|error)"|UND_ERR|connection to the portal/.test(line),
  );
}

async function stopDuring(world: World, path: string, begin: () => unknown): Promise<void> {
  const { control } = world.portal;
  const allow = control.interfere({
    on: (request) => request.path.includes(path),
    act: { kind: 'hang' },
  });
  control.clearRequests();
  begin();
  await until('the portal has the request', () =>
    control.requests().some((request) => request.path.includes(path)),
  );
  await world.restart({}, allow);
}

describe('a service that stops', () => {
  test.each([['the check of a person', '/portal/users/']])(
    'during %s warns of nothing',
    async (_, path) => {
      const world = await startWorld();
      const { userId } = await inviteAndRegister(world, 'ann@example.com');
      await memberBecomes(world, userId, 'waiting');
      const before = alarms(world).length;
      await stopDuring(world, path, () => world.portal.control.confirmEmail(userId));
      expect(alarms(world).slice(before)).toEqual([]);
    },
    20_000,
  );

  test.each([
    ['the list of people', '/people/filter'],
    ['the registration of the webhook', '/settings/webhook'],
  ])(
    'during a run that reads %s warns of nothing',
    async (_, path) => {
      const world = await startWorld();
      await world.api('POST', '/api/reconcile');
      const before = alarms(world).length;
      await stopDuring(world, path, () => {
        world.api('POST', '/api/reconcile').catch(() => {});
      });
      expect(alarms(world).slice(before)).toEqual([]);
    },
    20_000,
  );
});
