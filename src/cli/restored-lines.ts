import type { Restored } from '../store/restored.ts';
import { printable } from './terminal.ts';

/** People that are named; `stats --json` names up to a thousand. */
const mostNamed = 20;

/** What `stats` says of a restored copy, line by line. */
export function restoredLines({ copiedAt, members, count, notYetActive }: Restored): string[] {
  const named = members.slice(0, mostNamed);
  const others = count - named.length;
  return [
    `This database is a copy of ${new Date(copiedAt).toISOString()}. ${count} active members have no welcome in it, and may have been greeted since:`,
    ...named.map(({ email, userId, state }) => `  ${printable(email ?? userId)}  ${state}`),
    ...(others > 0 ? [`  and ${others} more: stats --json`] : []),
    `${notYetActive} were not active yet, and join this list when the portal shows them active.`,
    'resume lets the sending go on, to all of them.',
  ];
}
