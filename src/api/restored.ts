import type { Restored } from '../store/restored.ts';
import { timeView } from './serializers.ts';

/** Who could be greeted twice, should the sending go on; null: this database is no copy. */
export function restoredView(restored: Restored | null) {
  if (restored === null) return null;
  const { copiedAt, members, count, notYetActive } = restored;
  return {
    copiedAt: timeView(copiedAt),
    couldBeGreetedTwice: count,
    members: members.map(({ userId, state, email }) => ({ userId, state, email })),
    notYetActive,
  };
}
