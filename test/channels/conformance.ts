import { describe, expect, test } from 'vitest';
import type { Channel } from '../../src/channels/channel.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { person } from './support.ts';

/** What the other side does with a welcome. */
export type PeerFate =
  | 'take'
  | 'busy'
  | 'refuse_person'
  | 'refuse_channel'
  /** It has the welcome, and its answer never comes. */
  | 'swallow';

/** One channel and the other side of it. */
export type Bench = {
  readonly channel: Channel;
  readonly peerDoes: (fate: PeerFate) => void;
  /** Nobody listens there any more. */
  readonly peerGoesAway: () => Promise<void>;
  /** Who the other side welcomed, in order: user ids or addresses, one each. */
  readonly welcomed: () => readonly string[];
  /** How many welcomes reached the other side whole, whatever it did with them. */
  readonly reached: () => number;
  /** What must never be in a detail. */
  readonly secrets: readonly string[];
};

/** What every channel owes its caller. Run for each of them; a new channel only writes its bench. */
export function exerciseChannel(name: string, makeBench: () => Promise<Bench>): void {
  async function outcomeOf(bench: Bench, fate: PeerFate): Promise<Outcome> {
    bench.peerDoes(fate);
    const outcome = await bench.channel.send(person());
    expect(JSON.stringify(outcome)).not.toContain('@');
    for (const secret of bench.secrets) expect(JSON.stringify(outcome)).not.toContain(secret);
    return outcome;
  }

  describe(`the ${name} channel, as every channel`, () => {
    test('says its name and sends one welcome for one call', async () => {
      const bench = await makeBench();
      expect(bench.channel.name).toBe(name);
      expect(await outcomeOf(bench, 'take')).toMatchObject({ kind: 'sent' });
      expect(bench.welcomed()).toHaveLength(1);
      expect(bench.reached()).toBe(1);
    });

    test('sends one welcome each when many go at once', async () => {
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

    test('says not_sent while the other side is busy, and nothing was sent', async () => {
      const bench = await makeBench();
      expect(await outcomeOf(bench, 'busy')).toMatchObject({ kind: 'not_sent' });
      expect(bench.welcomed()).toEqual([]);
    });

    test('says not_sent when nobody is there', async () => {
      const bench = await makeBench();
      await bench.peerGoesAway();
      expect(await outcomeOf(bench, 'take')).toMatchObject({ kind: 'not_sent' });
    });

    test('says refused when the other side does not want this person', async () => {
      const bench = await makeBench();
      expect(await outcomeOf(bench, 'refuse_person')).toMatchObject({ kind: 'refused' });
      expect(bench.welcomed()).toEqual([]);
    });

    test('marks a no that is about the channel, so that nobody fails for it', async () => {
      const bench = await makeBench();
      const outcome = await outcomeOf(bench, 'refuse_channel');
      const isMarked =
        (outcome.kind === 'refused' && outcome.streak !== null) ||
        (outcome.kind === 'not_sent' && outcome.pausesChannel === true);
      expect(isMarked, JSON.stringify(outcome)).toBe(true);
    });

    test('says unknown when the other side has it and never answers, and sends it no second time', async () => {
      const bench = await makeBench();
      expect(await outcomeOf(bench, 'swallow')).toMatchObject({ kind: 'unknown' });
      expect(bench.reached()).toBe(1);
    });

    test('works on after every kind of trouble', async () => {
      const bench = await makeBench();
      for (const fate of ['refuse_person', 'busy', 'swallow'] as const) {
        await outcomeOf(bench, fate);
      }
      expect(await outcomeOf(bench, 'take')).toMatchObject({ kind: 'sent' });
      expect(bench.welcomed()).toHaveLength(1);
    });

    test('previews without sending anything', async () => {
      const bench = await makeBench();
      expect(bench.channel.preview(person())).toMatchObject({ obstacle: null });
      expect(bench.reached()).toBe(0);
    });
  });
}
