import { describe, expect, test } from 'vitest';
import type { Channel } from '../../src/channels/channel.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { person } from './support.ts';

/** What the portal or the mail server does with a welcome. */
export type PeerFate =
  | 'take'
  | 'busy'
  | 'refuse_person'
  | 'refuse_channel'
  /** It accepts the welcome but never answers. */
  | 'swallow';

/** A channel with its portal or mail server. */
export type Bench = {
  readonly channel: Channel;
  readonly peerDoes: (fate: PeerFate) => void;
  /** Stops listening. */
  readonly peerGoesAway: () => Promise<void>;
  /** The user ids or addresses that were welcomed, in order, once for each welcome. */
  readonly welcomed: () => readonly string[];
  /** How many complete welcomes arrived, whatever happened to them. */
  readonly reached: () => number;
  /** Texts that a reason must never contain. */
  readonly secrets: readonly string[];
};

/**
 * What every channel must do. The tests run for each channel; a new channel only needs its own
 * bench.
 */
export function exerciseChannel(name: string, makeBench: () => Promise<Bench>): void {
  async function outcomeOf(bench: Bench, fate: PeerFate): Promise<Outcome> {
    bench.peerDoes(fate);
    const outcome = await bench.channel.send(person());
    expect(JSON.stringify(outcome)).not.toContain('@');
    for (const secret of bench.secrets) expect(JSON.stringify(outcome)).not.toContain(secret);
    return outcome;
  }

  describe(`the ${name} channel, like every channel,`, () => {
    test('knows its name, and sends one welcome for one call', async () => {
      const bench = await makeBench();
      expect(bench.channel.name).toBe(name);
      expect(await outcomeOf(bench, 'take')).toMatchObject({ kind: 'sent' });
      expect(bench.welcomed()).toHaveLength(1);
      expect(bench.reached()).toBe(1);
    });

    test('sends one welcome for each of many calls at the same time', async () => {
      const bench = await makeBench();
      const people = Array.from({ length: 20 }, (_, i) =>
        person({
          userId: `b0d1f6b4-2f9c-4f0e-8c2e-51a7f4a3d8${10 + i}`,
          email: `p${i}@example.com`,
        }),
      );
      const outcomes = await Promise.all(people.map((one) => bench.channel.send(one)));
      expect(outcomes.map((one) => one.kind)).toEqual(people.map(() => 'sent'));
      expect(new Set(bench.welcomed()).size).toBe(people.length);
      expect(bench.welcomed()).toHaveLength(people.length);
    });

    test('reports not_sent while the peer is busy, and sends nothing', async () => {
      const bench = await makeBench();
      expect(await outcomeOf(bench, 'busy')).toMatchObject({ kind: 'not_sent' });
      expect(bench.welcomed()).toEqual([]);
    });

    test('reports not_sent when nothing listens at the address', async () => {
      const bench = await makeBench();
      await bench.peerGoesAway();
      expect(await outcomeOf(bench, 'take')).toMatchObject({ kind: 'not_sent' });
    });

    test('reports refused when the peer refuses this person', async () => {
      const bench = await makeBench();
      expect(await outcomeOf(bench, 'refuse_person')).toMatchObject({ kind: 'refused' });
      expect(bench.welcomed()).toEqual([]);
    });

    test('marks a refusal that concerns the channel, so that no person fails because of it', async () => {
      const bench = await makeBench();
      const outcome = await outcomeOf(bench, 'refuse_channel');
      const isMarked =
        (outcome.kind === 'refused' && outcome.streak !== null) ||
        (outcome.kind === 'not_sent' && outcome.pausesChannel === true);
      expect(isMarked, JSON.stringify(outcome)).toBe(true);
    });

    test('reports unknown when the peer has the welcome but never answers, and does not send it again', async () => {
      const bench = await makeBench();
      expect(await outcomeOf(bench, 'swallow')).toMatchObject({ kind: 'unknown' });
      expect(bench.reached()).toBe(1);
    });

    test('keeps working after every kind of trouble', async () => {
      const bench = await makeBench();
      for (const fate of ['refuse_person', 'busy', 'swallow'] as const) {
        await outcomeOf(bench, fate);
      }
      expect(await outcomeOf(bench, 'take')).toMatchObject({ kind: 'sent' });
      expect(bench.welcomed()).toHaveLength(1);
    });

    test('makes a preview without sending anything', async () => {
      const bench = await makeBench();
      expect(bench.channel.preview(person())).toMatchObject({ obstacle: null });
      expect(bench.reached()).toBe(0);
    });
  });
}
