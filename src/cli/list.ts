import { invitationLine, invitationsHeading } from '../api/csv/invitations.ts';
import { invitationQuerySchema } from '../api/schemas.ts';
import { type InvitationView, invitationView } from '../api/serializers.ts';
import { faultsOf } from '../http/problem.ts';
import type { InvitationFilter, StoreReads } from '../store/store.ts';
import { withReads } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { listHeading, listLine } from './list-table.ts';
import { style, type Terminal } from './terminal.ts';

export type ListFlags = Readonly<
  Partial<
    Record<'status' | 'type' | 'mode' | 'email' | 'q' | 'since' | 'until' | 'limit', string>
  > & { all?: boolean; csv?: boolean; json?: boolean }
>;

/** A page as large as the HTTP API gives. */
const largestPage = 200;

/** The invite log, newest first: as a table, as CSV or as JSON. */
export async function list(given: {
  readonly terminal: Terminal;
  readonly envFile: string | null;
  readonly options: ListFlags;
}): Promise<ExitCode> {
  const { terminal } = given;
  const { json, csv, all, type: employeeType, ...asked } = given.options;
  const query = invitationQuerySchema.safeParse({ ...asked, employeeType });
  if (!query.success) {
    for (const { path, message } of faultsOf(query.error)) {
      terminal.complain(`--${path === 'employeeType' ? 'type' : path} ${message}`);
    }
    return exitCodes.wrongUsage;
  }
  if (all && asked.limit !== undefined) {
    terminal.complain('Give --all or --limit, not both.');
    return exitCodes.wrongUsage;
  }
  const { limit, cursor: _none, ...filter } = query.data;
  const print = json ? jsonPrinter(terminal) : csv ? csvPrinter(terminal) : tablePrinter(terminal);
  return withReads(given, async (reads) => {
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

/** One page after the other, each read when it is wanted: a long log is never in memory whole. */
async function* pages(
  reads: StoreReads,
  filter: InvitationFilter,
  limit: number,
): AsyncGenerator<Page> {
  const now = Date.now();
  let cursor: number | undefined;
  for (;;) {
    const page = await reads.listInvitations(filter, { limit, cursor }, now);
    const items = page.items.map((invitation) => invitationView(invitation, now));
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
      if (count === 0) print('No invitation fits.');
      if (nextCursor === null) return;
      print(style('dim', `The newest ${count}. There are more: --all, or --limit up to 200.`));
    },
  };
}

function csvPrinter({ print }: Terminal): Printer {
  return {
    begin: () => print(invitationsHeading),
    items(items) {
      for (const one of items) print(invitationLine(one));
    },
    end() {},
  };
}

/** An object as the HTTP API gives it, written piece by piece. */
function jsonPrinter({ print }: Terminal): Printer {
  let waiting: string | null = null;
  return {
    begin: () => print('{"items":['),
    items(items) {
      for (const item of items) {
        if (waiting !== null) print(`${waiting},`);
        waiting = JSON.stringify(item);
      }
    },
    end(nextCursor) {
      if (waiting !== null) print(waiting);
      print(`],"nextCursor":${JSON.stringify(nextCursor?.toString() ?? null)}}`);
    },
  };
}
