import { createMovableClock } from '../support/clock.ts';
import { signed } from '../support/deliveries.ts';
import {
  call,
  inviteAndRegister,
  memberBecomes,
  startWorld,
  type World,
} from '../support/world.ts';

const dayMs = 24 * 3_600_000;

/** A world in which every page has something to show, and the paths of its pages. */
export type Furnished = { readonly world: World; readonly paths: readonly string[] };

/**
 * Creates a person in every lasting state, an invitation and a delivery of every kind, and a pause.
 */
export async function furnishedWorld(): Promise<Furnished> {
  const clock = createMovableClock();
  clock.move(-8 * dayMs);
  const world = await startWorld({ portal: { now: clock.now }, surroundings: { clock } });
  const { control } = world.portal;
  const invite = async (wish: object) => (await world.api('POST', '/api/invitations', wish)).json;
  const expired = await invite({ employeeType: 'Guest', email: 'late@example.com' });
  clock.move(8 * dayMs);

  const welcomeMeets = async (email: string, status: number, state: string) => {
    const on = ({ path }: { readonly path: string }) => path.includes('sendcongratulations');
    control.interfere({ on, times: 1, act: { kind: 'answer', status } });
    const { userId } = await inviteAndRegister(world, email);
    control.confirmEmail(userId);
    await memberBecomes(world, userId, state);
    return userId;
  };
  const unknown = await welcomeMeets('unknown@example.com', 502, 'unknown');
  const failed = await welcomeMeets('failed@example.com', 400, 'failed');
  const welcomed = await inviteAndRegister(world, 'welcomed@example.com');
  control.confirmEmail(welcomed.userId);
  await memberBecomes(world, welcomed.userId, 'welcomed');
  const waiting = await inviteAndRegister(world, 'waiting@example.com');
  await memberBecomes(world, waiting.userId, 'waiting');
  const gone = await inviteAndRegister(world, 'gone@example.com');
  control.disable(gone.userId);
  await memberBecomes(world, gone.userId, 'gone');
  const issued = await invite({
    employeeType: 'RoomAdmin',
    email: `${'a-very-long-name-of-a-person.'.repeat(2)}x@departments-of.example.com`,
    note: 'x'.repeat(120),
  });
  await invite({ employeeType: 'User', mode: 'email', email: 'mailed@example.com' });
  const revoked = await invite({ employeeType: 'Guest', email: 'revoked@example.com' });
  await world.api('POST', `/api/invitations/${revoked.id}/revoke`);
  const open = await invite({ employeeType: 'User', note: 'for the summer school' });
  const byLink = { link: open.link, firstName: 'Anna-Lena', lastName: 'Grünwald' };
  const member = control.register({ ...byLink, email: 'by-link@example.com' });
  const stranger = { link: issued.link, firstName: 'At', lastName: 'Home' };
  const skipped = control.register({ ...stranger, email: 'at-home@example.com' });
  await memberBecomes(world, member, 'waiting');
  control.confirmEmail(skipped);
  await memberBecomes(world, skipped, 'skipped');
  const unreadable = `{"unreadable": "${'so-long-that-it-does-not-fit-'.repeat(10)}"`;
  await call(world.service.url, 'POST', '/webhooks/docspace', unreadable, signed(unreadable));
  await world.api('POST', '/api/pause');
  const ready = await inviteAndRegister(world, 'ready@example.com');
  control.confirmEmail(ready.userId);
  await memberBecomes(world, ready.userId, 'ready');
  const { json: deliveries } = await world.api('GET', '/api/deliveries?answer=unreadable');
  return {
    world,
    paths: [
      '/',
      '/invitations',
      '/invitations?q=summer&status=open',
      `/invitations/${expired.id}`,
      `/invitations/${issued.id}`,
      `/invitations/${open.id}`,
      `/invitations/${welcomed.invitationId}`,
      '/invite',
      '/people',
      `/people/${unknown}`,
      `/people/${failed}`,
      `/people/${member}`,
      `/people/${skipped}`,
      '/health',
      `/health/deliveries/${deliveries.items[0].id}`,
    ],
  };
}
