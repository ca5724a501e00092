import fc from 'fast-check';
import { channelNames } from '../../src/domain/outcome.ts';
import { hourMs } from './support.ts';
import { createWorld } from './world.ts';
import { type ownerships, type Settings, type Step, type Truth, truths } from './world-step.ts';

/**
 * Times around the lease (2 min), the confirmation (5 min) and the waits, forwards and backwards.
 */
const jumpsMs = [1_000, 10_000, 60_000, 121_000, 301_000, hourMs, 7 * hourMs, -60_000, -hourMs];

const index = fc.nat(3);
const work = fc.record({
  kind: fc.constant('work' as const),
  arrives: fc.boolean(),
  patient: fc.boolean(),
});
const answer = fc.record({
  kind: fc.constant('answer' as const),
  which: index,
  fresh: fc.boolean(),
  arrives: fc.boolean(),
});
const end = fc.record({
  kind: fc.constant('end' as const),
  which: index,
  outcome: fc.constantFrom('sent', 'not_sent', 'refused', 'unknown'),
  waitMs: fc.constantFrom(null, 60_000),
});
const clock = fc.record({
  kind: fc.constant('clock' as const),
  byMs: fc.constantFrom(...jumpsMs),
});
const hint = fc.record({
  kind: fc.constant('hint' as const),
  departure: fc.boolean(),
  times: fc.constantFrom(1, 1, 2),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: work },
  { weight: 8, arbitrary: answer },
  { weight: 6, arbitrary: end },
  { weight: 3, arbitrary: clock },
  { weight: 5, arbitrary: hint },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('truth' as const),
      // Weighted towards activation: most people who come are welcomed.
      is: fc.oneof(
        fc.constant<Truth>('active'),
        fc.constantFrom(...Object.keys(truths).map((key) => key as Truth)),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('ownership' as const),
      is: fc.constantFrom<keyof typeof ownerships>('ours', 'stranger', 'revoked'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('trouble' as const), which: index }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: 'retry' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('resolve' as const),
      as: fc.constantFrom('sent' as const, 'retry' as const, 'retry' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'invite' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('revert_refusal' as const),
      channel: fc.constantFrom(...channelNames),
    }),
  },
);

/** The person is known and active, so that most sequences come as far as an attempt. */
const prelude: readonly Step[] = [
  { kind: 'hint', departure: false, times: 1 },
  { kind: 'truth', is: 'active' },
  { kind: 'work', arrives: true, patient: false },
];

export const settings: fc.Arbitrary<Settings> = fc.record({
  channels: fc.constantFrom(['docspace'] as const, ['docspace', 'smtp'] as const),
  onUnknown: fc.constantFrom('hold' as const, 'resend' as const),
});

export const steps: fc.Arbitrary<readonly Step[]> = fc
  .array(step, { maxLength: 80, size: 'max' })
  .chain((rest) => fc.constantFrom(rest, [...prelude, ...rest]));

/** A world in which all of these steps happened. */
export function live(given: Settings, happened: readonly Step[]) {
  const world = createWorld(given);
  for (const one of happened) world.happen(one);
  return world;
}
