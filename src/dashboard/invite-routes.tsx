import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { resultsCsv } from '../api/csv/results.ts';
import type { NewId } from '../ids.ts';
import { type PlannedRow, planRows } from '../invitations/import/plan.ts';
import { type CsvRow, type ReadCsv, readCsv } from '../invitations/import/read-csv.ts';
import { addressesIn } from './addresses.ts';
import { type Desk, type Env, wrong } from './desk.ts';
import { dropBody } from './drop-body.ts';
import { formFields, textFields } from './form.ts';
import type { InviteRuns } from './invite-runs.ts';
import { notFoundPage } from './not-found.tsx';
import { type Draft, emptyDraft, type Fault, InvitePage } from './pages/invite.tsx';
import { InviteRunPage } from './pages/invite-run.tsx';
import type { View } from './view.ts';

/** 50,000 people with a note each fit. */
const largestFileBytes = 8 * 1024 * 1024;
const mostRows = 50_000;
/** One person, or a few, are answered before the next page is shown. */
const patienceMs = 1_500;

/** Inviting: some addresses, an open link, or a table of people. */
export function inviteRoutes(options: {
  readonly desk: Desk;
  readonly runs: InviteRuns;
  readonly newId: NewId;
}): Hono<Env> {
  const { desk, runs, newId } = options;
  const routes = new Hono<Env>();

  routes.get('/invite', (c) =>
    c.html(<InvitePage view={desk.view(c)} draft={emptyDraft} faults={[]} />),
  );

  routes.post('/invite', async (c) => {
    const view = desk.view(c);
    const draft = { ...emptyDraft, ...draftOf(await textFields(c)) };
    const rows = rowsOf(draft.addresses);
    const isTooMuch = rows.length > mostRows;
    const planned = isTooMuch ? [] : await plan(rows, `page:${newId('asked')}`, draft);
    const faults = isTooMuch ? [{ text: tooMany(view) }] : faultsOf(planned);
    if (faults.length > 0) {
      c.status(422);
      return c.html(<InvitePage view={view} draft={draft} faults={faults} />);
    }
    return begin(c, planned);
  });

  routes.post(
    '/invite/file',
    bodyLimit({
      maxSize: largestFileBytes,
      onError: async (c) => {
        await dropBody(c);
        // What is left of a body even larger cannot be told from another request.
        c.header('connection', 'close');
        return desk.goTo(c, '/invite', wrong(desk.view(c).say.common.tooLarge));
      },
    }),
    async (c) => {
      const view = { ...desk.view(c), here: '/invite' };
      const { file, ...fields } = await formFields(c);
      const given = file instanceof File ? new Uint8Array(await file.arrayBuffer()) : null;
      const read = given && given.length > 0 ? await readCsv(given, mostRows) : null;
      const fault = faultOfFile(view, read);
      if (!read || read.kind === 'unreadable' || fault !== null) {
        c.status(422);
        return c.html(
          <InvitePage view={view} draft={emptyDraft} faults={[{ text: fault ?? '' }]} />,
        );
      }
      // The same content is the same file, wherever it lies: its rows are known again.
      const key = `file:${createHash('sha256')
        .update(given ?? '')
        .digest('hex')
        .slice(0, 16)}`;
      return begin(c, await plan(read.rows, key, draftOf(withoutPrefix(fields))));
    },
  );

  routes.get('/invite/runs/:name', (c) => {
    const view = desk.view(c);
    const name = c.req.param('name');
    const run = runs.find(name.replace(/\.csv$/, ''));
    if (!run) return desk.goTo(c, '/invitations', wrong(view.say.run.gone));
    if (!name.endsWith('.csv')) return c.html(<InviteRunPage view={view} run={run} />);
    return c.body(resultsCsv(run.results), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="invited.csv"',
    });
  });

  routes.post('/invite/runs/:id/stop', (c) => {
    const id = c.req.param('id');
    if (!runs.find(id)) return notFoundPage(c, desk.view(c));
    runs.interrupt(id);
    return desk.goTo(c, `/invite/runs/${id}`);
  });

  async function begin(c: Parameters<Desk['goTo']>[0], planned: readonly PlannedRow[]) {
    const id = runs.start(planned);
    await runs.settled(id, desk.now() + patienceMs);
    return desk.goTo(c, `/invite/runs/${id}`);
  }

  return routes;
}

/** One row for each address; none is one open link. */
function rowsOf(addresses: string): CsvRow[] {
  const found = addressesIn(addresses);
  return (found.length === 0 ? [''] : found).map((email, index) => ({
    row: index + 1,
    email,
    type: '',
    mode: '',
    note: '',
  }));
}

function plan(rows: readonly CsvRow[], key: string, draft: Partial<Draft>): Promise<PlannedRow[]> {
  const { employeeType = 'Guest', mode = 'link', note } = draft;
  return planRows(rows, key, { type: employeeType, mode, note: note || undefined });
}

/** Of what was typed nothing is begun while a part of it is wrong; of a file the rows say it. */
function faultsOf(planned: readonly PlannedRow[]): Fault[] {
  const faults = planned.flatMap((row) =>
    row.kind === 'not valid' ? [[row.email, row.reason].filter(Boolean).join(': ')] : [],
  );
  return [...new Set(faults)].slice(0, 20).map((text) => ({ text, language: 'en' }));
}

function faultOfFile(view: View, read: ReadCsv | null): string | null {
  const { invite } = view.say;
  if (!read) return invite.noFile;
  if (read.kind === 'unreadable') return invite.unreadable(read.reason);
  if (read.rows.length === 0) return invite.noRows;
  return read.rows.length > mostRows ? tooMany(view) : null;
}

function tooMany(view: View): string {
  return view.say.invite.tooMany(view.formats.number(mostRows));
}

function draftOf(fields: Readonly<Record<string, unknown>>): Partial<Draft> {
  const names = ['addresses', 'employeeType', 'mode', 'note'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

/** The second form of the page has the same fields; ids and names are told apart by a prefix. */
function withoutPrefix(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.replace(/^file-/, ''), value]),
  );
}
