/** A part of a collection, kept sorted while the collection changes. */
export type SortedView<T> = {
  readonly total: number;
  page(input: { start: number; count: number; descending: boolean }): T[];
};

type ViewDefinition<T> = {
  /** Views with equal names must have equal `matches`, `sortKey` and `rank`. */
  readonly name: string;
  readonly matches: (item: T) => boolean;
  readonly sortKey: (item: T) => string | number;
  /**
   * Items are sorted by this number first, and then by `sortKey`. The number is ascending in both sort
   * directions.
   */
  readonly rank?: (item: T) => number;
};
type Entry<T> = {
  readonly rank: number;
  readonly key: string | number;
  readonly sequence: number;
  readonly item: T;
};
type Change<T> = { readonly before?: T | undefined; readonly after?: T | undefined };
type KeptView<T> = {
  readonly definition: ViewDefinition<T>;
  entries: Entry<T>[];
  changes: Change<T>[];
  stale: boolean;
};

const MOST_VIEWS = 32;
const MOST_CHANGES = 1_000;

/**
 * Sorted, filtered views for paging. The cost of a page depends on its length and not on the size of the
 * collection, so that paging through 200,000 people is not quadratic. Items with equal keys keep the
 * order of `sequenceOf`.
 */
export function createSortedViews<T>(input: {
  readonly all: () => Iterable<T>;
  readonly sequenceOf: (item: T) => number;
}) {
  const kept = new Map<string, KeptView<T>>();

  const entryOf = (definition: ViewDefinition<T>, item: T): Entry<T> => ({
    rank: definition.rank?.(item) ?? 0,
    key: definition.sortKey(item),
    sequence: input.sequenceOf(item),
    item,
  });

  const rebuild = (view: KeptView<T>) => {
    view.entries = [];
    for (const item of input.all()) {
      if (view.definition.matches(item)) view.entries.push(entryOf(view.definition, item));
    }
    view.entries.sort(compare);
    view.changes = [];
    view.stale = false;
  };

  const catchUp = (view: KeptView<T>) => {
    if (view.stale) return rebuild(view);
    const { definition, entries } = view;
    for (const { before, after } of view.changes) {
      if (before !== undefined && definition.matches(before)) {
        entries.splice(position(entries, entryOf(definition, before)), 1);
      }
      if (after !== undefined && definition.matches(after)) {
        const entry = entryOf(definition, after);
        entries.splice(position(entries, entry), 0, entry);
      }
    }
    view.changes = [];
  };

  return {
    view(definition: ViewDefinition<T>): SortedView<T> {
      const view = kept.get(definition.name) ?? {
        definition,
        entries: [],
        changes: [],
        stale: true,
      };
      kept.delete(definition.name);
      kept.set(definition.name, view);
      for (const name of kept.keys()) {
        if (kept.size <= MOST_VIEWS) break;
        kept.delete(name);
      }
      catchUp(view);
      return { total: view.entries.length, page: (range) => pageOf(view.entries, range) };
    },
    changed(change: Change<T>): void {
      for (const view of kept.values()) {
        if (view.stale) continue;
        view.changes.push(change);
        view.stale = view.changes.length > MOST_CHANGES;
        if (view.stale) view.changes = [];
      }
    },
    /**
     * Must be called when the data that `matches` uses has changed outside the items, or when very many
     * items have changed at once.
     */
    forget(): void {
      kept.clear();
    },
  };
}

function pageOf<T>(
  entries: readonly Entry<T>[],
  range: { start: number; count: number; descending: boolean },
): T[] {
  if (!range.descending) {
    return entries.slice(range.start, range.start + range.count).map((entry) => entry.item);
  }
  const page: T[] = [];
  let skip = range.start;
  for (let low = 0; low < entries.length && page.length < range.count; ) {
    const high = endOfRank(entries, low);
    const end = high - Math.min(skip, high - low);
    const start = Math.max(low, end - (range.count - page.length));
    page.push(
      ...entries
        .slice(start, end)
        .reverse()
        .map((entry) => entry.item),
    );
    skip -= high - end;
    low = high;
  }
  return page;
}

/** The first position after all entries with the rank of the entry at `low`. */
function endOfRank<T>(entries: readonly Entry<T>[], low: number): number {
  const rank = entries[low]?.rank ?? 0;
  let from = low;
  let to = entries.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((entries[middle]?.rank ?? 0) <= rank) from = middle + 1;
    else to = middle;
  }
  return from;
}

function compare<T>(a: Entry<T>, b: Entry<T>): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.key < b.key) return -1;
  if (a.key > b.key) return 1;
  return a.sequence - b.sequence;
}

/** The position of `entry`, or the position where it would be inserted. */
function position<T>(entries: readonly Entry<T>[], entry: Entry<T>): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = entries[middle];
    if (other !== undefined && compare(other, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
