import { byteOrderMark, invitationLine, invitationsHeading } from '../../api/csv.ts';
import {
  type InvitationView,
  invitationQuerySchema,
  invitationView,
} from '../../api/invitations.ts';
import { faultsOf } from '../../http/problem.ts';
import type { InvitationFilter, StoreReads } from '../../store/store.ts';
import { cutToWidth, padded } from '../layout.ts';
import { jsonText, printable, style, type Terminal } from '../terminal.ts';
import { type ExitCode, exitCodes, type VerbContext, withReads } from '../verb.ts';

export type ListFlags = Readonly<
  Partial<
    Record<
      'status' | 'type' | 'mode' | 'letter' | 'email' | 'q' | 'since' | 'until' | 'limit',
      string
    >
  > & { all?: boolean; csv?: boolean; json?: boolean }
>;

/** With `--all`: how many invitations are read at a time. */
const largestPage = 200;

/** `list`: prints invitations, newest first, as a table, as CSV or as JSON. */
export async function list(context: VerbContext, flags: ListFlags): Promise<ExitCode> {
  const { terminal } = context;
  const { json, csv, all, type: employeeType, ...asked } = flags;
  const query = invitationQuerySchema.safeParse({ ...asked, employeeType });
  if (!query.success) {
    for (const { path, message } of faultsOf(query.error)) {
      terminal.printError(`--${path === 'employeeType' ? 'type' : path} ${message}`);
    }
    return exitCodes.wrongUsage;
  }
  if (all && asked.limit !== undefined) {
    terminal.printError('Use either --all or --limit.');
    return exitCodes.wrongUsage;
  }
  const { limit, cursor: _none, ...filter } = query.data;
  const print = json ? jsonPrinter(terminal) : csv ? csvPrinter(terminal) : tablePrinter(terminal);
  return withReads(context, async (reads) => {
    print.begin();
    let cursor: number | null = null;
    for await (const page of pages(reads, filter, all ? largestPage : limit)) {
      print.items(page.items);
      cursor = page.nextCursor;
      if (!all) break;
    }
    print.end(cursor);
    return exitCodes.done;
  });
}

type Page = { readonly items: readonly InvitationView[]; readonly nextCursor: number | null };

/** Reads the list page by page, so that a long list is never in memory as a whole. */
async function* pages(
  reads: StoreReads,
  filter: InvitationFilter,
  limit: number,
): AsyncGenerator<Page> {
  const now = Date.now();
  let cursor: number | undefined;
  for (;;) {
    const page = await reads.listInvitations(filter, { limit, cursor }, now);
    const items = page.items.map((invitation) => invitationView(invitation, now, 'en'));
    yield { items, nextCursor: page.nextCursor };
    if (page.nextCursor === null) return;
    cursor = page.nextCursor;
  }
}

type Printer = {
  readonly begin: () => void;
  readonly items: (items: readonly InvitationView[]) => void;
  /** @param nextCursor null when everything was shown */
  readonly end: (nextCursor: number | null) => void;
};

function tablePrinter({ print, columns }: Terminal): Printer {
  let count = 0;
  return {
    begin() {},
    items(items) {
      if (count === 0 && items.length > 0) print(style('bold', listHeading(columns)));
      count += items.length;
      for (const item of items) print(listLine(item, columns));
    },
    end(nextCursor) {
      if (count === 0) print('No invitation matches.');
      if (nextCursor === null) return;
      print(
        style(
          'dim',
          `These are the newest ${count}; there are more. Use --all, or --limit up to 200.`,
        ),
      );
    },
  };
}

function csvPrinter({ print }: Terminal): Printer {
  return {
    begin: () => print(byteOrderMark + invitationsHeading),
    items(items) {
      for (const one of items) print(withoutControls(invitationLine(one)));
    },
    end() {},
  };
}

/**
 * Replaces control characters, and characters that change the reading direction. Line breaks and tabs
 * stay, because a note may have them.
 */
function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (one) => (/[\t\r\n]/.test(one) ? one : '�'));
}

/** Returns a printer that writes the JSON object of `GET /api/invitations`, item by item. */
function jsonPrinter({ print }: Terminal): Printer {
  let waiting: string | null = null;
  return {
    begin: () => print('{"items":['),
    items(items) {
      for (const item of items) {
        if (waiting !== null) print(`${waiting},`);
        waiting = jsonText(item, 0);
      }
    },
    end(nextCursor) {
      if (waiting !== null) print(waiting);
      print(`],"nextCursor":${JSON.stringify(nextCursor?.toString() ?? null)}}`);
    },
  };
}

/** In a terminal of at least this width, the table also shows the time of day, the mode and the id. */
const wideFrom = 120;

/** A column. Its width is fixed, so that the pages of a long list line up. */
type Column = {
  readonly heading: string;
  readonly width: number;
  readonly cell: (item: InvitationView) => string;
};

const status: Column = { heading: 'STATUS', width: 10, cell: (item) => item.status };
const type: Column = { heading: 'TYPE', width: 13, cell: (item) => item.employeeType };
const narrow: readonly Column[] = [
  status,
  { heading: 'INVITED', width: 10, cell: ({ createdAt }) => createdAt.slice(0, 10) },
  type,
  // An open link has no address, so its id is shown.
  { heading: 'WHO', width: 0, cell: (item) => recipient(item, item.id) },
];
const wide: readonly Column[] = [
  status,
  {
    heading: 'INVITED (UTC)',
    width: 16,
    cell: ({ createdAt }) => createdAt.slice(0, 16).replace('T', ' '),
  },
  type,
  { heading: 'MODE', width: 5, cell: ({ mode }) => mode },
  { heading: 'ID', width: 29, cell: ({ id }) => id },
  { heading: 'WHO', width: 0, cell: (item) => recipient(item, 'open link') },
];

export function listHeading(columns: number): string {
  return line(columns, (column) => column.heading);
}

export function listLine(item: InvitationView, columns: number): string {
  return line(columns, (column) => column.cell(item));
}

function line(columns: number, cellOf: (column: Column) => string): string {
  const cells = (columns < wideFrom ? narrow : wide).map((column) =>
    padded(cellOf(column), column.width),
  );
  return cutToWidth(cells.join('  '), columns);
}

function recipient(item: InvitationView, nameOfOpenLink: string): string {
  const note = item.note ? `  (${printable(item.note)})` : '';
  if (item.email !== null) return printable(item.email) + note;
  return `${nameOfOpenLink}: ${openCounts(item)}${note}`;
}

function openCounts(item: InvitationView): string {
  const counts = Object.entries(item.memberCounts ?? {});
  if (counts.length === 0) return 'nobody yet';
  return counts.map(([state, n]) => `${n} ${state}`).join(', ');
}
