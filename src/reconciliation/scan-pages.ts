import { z } from 'zod';
import type { PortalClient } from '../docspace/client.ts';
import { type PeopleQuery, pageSize } from '../docspace/lists.ts';
import type { Employee } from '../docspace/schemas.ts';
import type { ProgressKey, Store } from '../store/store.ts';
import { interruption, type Step } from './step.ts';

export type PeopleList = Pick<PeopleQuery, 'employeeStatus' | 'activationStatus'>;

/** Where a walk through lists is; stored after each page, so that it goes on after an interruption. */
const placeSchema = z.object({
  list: z.int(),
  startIndex: z.int(),
  /** What the page before said of the whole list; null at its beginning. */
  total: z.int().nullable(),
});
type Place = z.infer<typeof placeSchema>;
const beginning: Place = { list: 0, startIndex: 0, total: null };

/**
 * Walks through lists of people in the order of their addresses: those are unique, so that pages
 * cannot repeat or skip people of the same second (wire 9.1). Who comes meanwhile is seen twice at
 * the worst; when somebody leaves, the walk steps back by as many, so that nobody is skipped.
 * @param place where the walk is remembered
 * @param mostPages pages at the most in this call
 * @returns `isOver` once the last list ended: the next call begins anew
 */
export async function walk(options: {
  readonly client: Pick<PortalClient, 'people'>;
  readonly store: Pick<Store, 'progress' | 'remember'>;
  readonly place: ProgressKey;
  readonly lists: readonly PeopleList[];
  readonly inviterId: string | undefined;
  readonly mostPages: number;
  readonly visit: (people: readonly Employee[]) => Promise<number>;
}): Promise<{ readonly step: Step; readonly isOver: boolean }> {
  const { client, store, lists, inviterId, visit } = options;
  let place = await readPlace(store, options.place);
  let lookedAt = 0;
  let found = 0;
  for (let page = 0; page < options.mostPages; page += 1) {
    const list = lists[place.list];
    if (!list) break;
    const { startIndex } = place;
    const order = { sortBy: 'email', sortOrder: 'ascending' } as const;
    const read = await client.people({ ...list, ...order, inviterId, startIndex });
    if (read.kind !== 'ok') return { step: interruption(read), isOver: false };
    const { people, total } = read.value;
    const left = place.total === null ? 0 : Math.max(0, place.total - total);
    if (left > 0 && startIndex > 0) {
      place = { ...place, total, startIndex: Math.max(0, startIndex - left) };
      await store.remember(options.place, JSON.stringify(place));
      continue;
    }
    lookedAt += people.length;
    found += await visit(people);
    place = nextPlace(place, people.length, total);
    const isOver = place.list >= lists.length;
    await store.remember(options.place, JSON.stringify(isOver ? beginning : place));
    if (isOver) return { step: { kind: 'done', lookedAt, found }, isOver };
  }
  return { step: { kind: 'done', lookedAt, found }, isOver: false };
}

function nextPlace(place: Place, shown: number, total: number): Place {
  const startIndex = place.startIndex + shown;
  const isMore = shown === pageSize && startIndex < total;
  return isMore ? { ...place, startIndex, total } : { ...beginning, list: place.list + 1 };
}

async function readPlace(store: Pick<Store, 'progress'>, key: ProgressKey): Promise<Place> {
  const text = await store.progress(key);
  if (text === null) return beginning;
  const parsed = placeSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : beginning;
}
