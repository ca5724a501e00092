import { z } from 'zod';
import type { PortalClient } from '../docspace/client.ts';
import { type PeopleQuery, pageSize } from '../docspace/people.ts';
import type { Employee } from '../docspace/schemas.ts';
import type { Store, ValueKey } from '../store/store.ts';
import { type StepResult, stepFailed } from './step.ts';

export type PeopleList = Pick<PeopleQuery, 'employeeStatus' | 'activationStatus'>;

/** The next page of a scan. It is stored after each page, so that an interrupted scan can continue. */
const placeSchema = z.object({
  list: z.int(),
  startIndex: z.int(),
  /** The length of the whole list according to the previous page. Null at the beginning of a list. */
  total: z.int().nullable(),
});
type Place = z.infer<typeof placeSchema>;
const beginning: Place = { list: 0, startIndex: 0, total: null };

/**
 * Reads lists of people page by page, ordered by address. Addresses are unique, so the order of people
 * is the same for each page (docs/docspace-wire.md 9.1). If a person joins meanwhile, one person may
 * be read twice. If people leave, the scan steps back by as many rows, so that nobody is skipped.
 * @param deps.place the key under which the next page is stored
 * @param deps.maxPages the most pages that this call reads
 * @returns `isOver`: whether the last list has ended. Then the next call starts again with the first
 *   list
 */
export async function scanPages(deps: {
  readonly client: Pick<PortalClient, 'people'>;
  readonly store: Pick<Store, 'getValue' | 'setValue'>;
  readonly place: ValueKey;
  readonly lists: readonly PeopleList[];
  readonly inviterId: string | undefined;
  readonly maxPages: number;
  readonly visit: (people: readonly Employee[]) => Promise<number>;
}): Promise<{ readonly step: StepResult; readonly isOver: boolean }> {
  const { client, store, lists, inviterId, visit } = deps;
  let place = await readPlace(store, deps.place);
  let checked = 0;
  let found = 0;
  for (let page = 0; page < deps.maxPages; page += 1) {
    const list = lists[place.list];
    if (!list) break;
    const { startIndex } = place;
    const order = { sortBy: 'email', sortOrder: 'ascending' } as const;
    const read = await client.people({ ...list, ...order, inviterId, startIndex });
    if (read.kind !== 'ok') return { step: stepFailed(read), isOver: false };
    const { people, total } = read.value;
    const left = place.total === null ? 0 : Math.max(0, place.total - total);
    if (left > 0 && startIndex > 0) {
      place = { ...place, total, startIndex: Math.max(0, startIndex - left) };
      await store.setValue(deps.place, JSON.stringify(place));
      continue;
    }
    checked += people.length;
    found += await visit(people);
    place = nextPlace(place, people.length, total);
    const isOver = place.list >= lists.length;
    await store.setValue(deps.place, JSON.stringify(isOver ? beginning : place));
    if (isOver) return { step: { kind: 'done', checked, found }, isOver };
  }
  return { step: { kind: 'done', checked, found }, isOver: false };
}

function nextPlace(place: Place, shown: number, total: number): Place {
  const startIndex = place.startIndex + shown;
  const isMore = shown === pageSize && startIndex < total;
  return isMore ? { ...place, startIndex, total } : { ...beginning, list: place.list + 1 };
}

async function readPlace(store: Pick<Store, 'getValue'>, key: ValueKey): Promise<Place> {
  const text = await store.getValue(key);
  if (text === null) return beginning;
  const parsed = placeSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : beginning;
}
