import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMovableClock } from '../support/clock.ts';
import { deliver, deliveryBody, signed } from '../support/deliveries.ts';
import { until } from '../support/until.ts';
import { deliveriesOut, startWorld, type World } from '../support/world.ts';

/**
 * Random actions of people, portal, operator and clock, with the real service, its real database
 * and a portal over a socket. The portal's own counter says who was greeted.
 */
const people = 4;
const numRuns = process.env['FAULTS'] === 'full' ? 300 : 12;

const who = fc.integer({ min: 0, max: people - 1 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('register' as const), who }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('confirm' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('activate_silently' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('disable' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('enable' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lose_deliveries' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('redeliver' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('forge_hint' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('trouble' as const),
      act: fc.constantFrom(
        { kind: 'answer', status: 429 } as const,
        { kind: 'answer', status: 503 } as const,
        { kind: 'answer', status: 403 } as const,
        { kind: 'answer', status: 500 } as const,
        { kind: 'effectThenReset' } as const,
        { kind: 'reset' } as const,
        { kind: 'effectThenAnswer', status: 502 } as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('portal_down' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reconcile' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resume' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('retry' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('clock' as const),
      ms: fc.constantFrom(-3_600_000, -60_000, 61_000, 400_000, 3_700_000),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe('whatever happens', () => {
  test('nobody is greeted twice or before they are active, and in the end everybody has a final state', {
    timeout: 900_000,
  }, async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 24 }), play), {
      numRuns,
      endOnFailure: true,
    });
  });
});

async function play(steps: readonly Step[]): Promise<void> {
  const clock = createMovableClock();
  let world = await startWorld({ surroundings: { clock } });
  const { control } = world.portal;
  const links: string[] = [];
  for (let i = 0; i < people; i += 1) {
    const email = `p${i}@example.com`;
    const { json } = await world.api('POST', '/api/invitations', { employeeType: 'Guest', email });
    links.push(json.link);
  }
  const ids: (string | undefined)[] = Array.from({ length: people });
  const wasActive = new Set<string>();
  let event = 50_000;

  for (const one of steps) {
    const id = 'who' in one ? ids[one.who] : undefined;
    switch (one.kind) {
      case 'register':
        if (ids[one.who] !== undefined) break;
        ids[one.who] = control.register({
          link: links[one.who] ?? '',
          email: `p${one.who}@example.com`,
          firstName: 'P',
          lastName: String(one.who),
        });
        break;
      case 'confirm':
      case 'activate_silently':
        if (!id || control.user(id)?.status !== 1) break;
        wasActive.add(id);
        if (one.kind === 'confirm') control.confirmEmail(id);
        else control.activateSilently(id);
        break;
      case 'disable':
        if (id) control.disable(id);
        break;
      case 'enable':
        if (id) control.enable(id);
        break;
      case 'lose_deliveries':
        control.dropNextDeliveries(2);
        break;
      case 'redeliver': {
        const row = control.journal()[0];
        if (row) control.redeliver(row.id);
        break;
      }
      case 'forge_hint': {
        if (!id) break;
        const body = deliveryBody({ id: event, userId: id });
        event += 1;
        await deliver(world.service.url, body, signed(body));
        break;
      }
      case 'trouble':
        control.interfere({
          on: ({ path }) => path.includes('sendcongratulations'),
          times: 1,
          act: one.act,
        });
        break;
      case 'portal_down':
        control.interfere({
          on: ({ path }) => path.includes('portal/users/'),
          times: 5,
          act: { kind: 'answer', status: 500 },
        });
        break;
      case 'reconcile':
      case 'pause':
      case 'resume':
        await world.api('POST', `/api/${one.kind}`);
        break;
      case 'retry':
        if (id) await world.api('POST', `/api/members/${id}/retry`);
        break;
      case 'restart':
        world = await world.restart();
        break;
      case 'clock':
        clock.move(one.ms);
        break;
      default:
        one satisfies never;
    }
  }
  const known = ids.filter((id) => id !== undefined);
  await settle(world, clock, known);
  await check(world, known, wasActive);
}

/**
 * After the last fault: the deliveries are sent, the operator resumes, one reconciliation runs, and
 * time passes.
 */
async function settle(
  world: World,
  clock: ReturnType<typeof createMovableClock>,
  ids: readonly string[],
): Promise<void> {
  await deliveriesOut(world);
  clock.move(2 * 3_600_000);
  await until('a reconciliation run is complete', async () => {
    await world.api('POST', '/api/resume');
    return (await world.api('POST', '/api/reconcile')).json.interrupted === null;
  });
  for (let round = 0; round < 12; round += 1) {
    // Time passes in steps, because requests in progress must get their answers before the next
    // step.
    clock.move(20 * 60_000);
    await world.api('POST', '/api/resume');
    for (let look = 0; look < 40; look += 1) {
      if (await isQuiet(world, ids)) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  throw new Error(`somebody is not accounted for: ${world.log.slice(-15).join('')}`);
}

const settled = ['welcomed', 'failed', 'unknown'];

/** Every active person has a final state, and nothing is in progress. */
async function isQuiet(world: World, ids: readonly string[]): Promise<boolean> {
  const { members } = (await world.api('GET', '/api/stats')).json;
  if (members.ready > 0 || members.sending > 0) return false;
  for (const id of ids.filter((one) => isActive(world, one))) {
    const { json } = await world.api('GET', `/api/members/${id}`);
    if (!settled.includes(json.state)) return false;
  }
  return true;
}

function isActive(world: World, id: string): boolean {
  const user = world.portal.control.user(id);
  return user?.status === 1 && ((user.activationStatus ?? 0) & 1) === 1;
}

async function check(
  world: World,
  ids: readonly string[],
  wasActive: ReadonlySet<string>,
): Promise<void> {
  const { control } = world.portal;
  const greeted = control.congratulations().map((one) => one.userId);
  expect(new Set(greeted).size, `greeted twice: ${greeted}`).toBe(greeted.length);
  for (const id of greeted) expect(wasActive.has(id)).toBe(true);

  for (const id of ids) {
    const { json } = await world.api('GET', `/api/members/${id}`);
    if (isActive(world, id)) expect(settled, JSON.stringify(json)).toContain(json.state);
    if (json.state === 'welcomed') expect(greeted).toContain(id);
  }
  const { members } = (await world.api('GET', '/api/stats')).json;
  const { total, ...states } = members;
  const sum = Object.values<number>(states).reduce((a, b) => a + b, 0);
  expect(sum).toBe(total);
}
