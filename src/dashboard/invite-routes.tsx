import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { actorIn } from '../api/auth.ts';
import { resultsCsv } from '../api/csv.ts';
import { isMailable } from '../channels/mail.ts';
import { addressUse } from '../domain/invitation-address.ts';
import { knownLanguage } from '../domain/vocabulary.ts';
import type { NewId } from '../ids.ts';
import { type PlannedRow, planRows } from '../invitations/import/plan.ts';
import { type CsvRow, type ReadCsv, readCsv } from '../invitations/import/read-csv.ts';
import { emailSchema } from '../invitations/request.ts';
import { reasonText } from '../messages/render.ts';
import { addressesIn } from './addresses.ts';
import { discardBody, formFields, textFields } from './form.ts';
import type { InviteRun, InviteRuns } from './invite-runs.ts';
import { type Env, good, type PageContext, wrong } from './page-context.ts';
import { notFoundPage } from './pages/error.tsx';
import { type Draft, emptyDraft, InvitePage } from './pages/invite.tsx';
import { InviteRunPage } from './pages/invite-run.tsx';
import type { Viewer } from './viewer.ts';

/** Large enough for `maxRows` people with a short note each. */
const largestFileBytes = 8 * 1024 * 1024;
const maxRows = 50_000;
const longestNote = 500;
/** How many faults of a form the page shows. */
const mostFaults = 20;
/** How long the answer waits for a new run to end. The page of a short run then shows all results. */
const longestWaitMs = 1_500;

/** The routes that invite people by a form or a CSV file, and the routes of the runs that they start. */
export function inviteRoutes(options: {
  readonly context: PageContext;
  readonly runs: InviteRuns;
  /** Whether this service can mail letters. */
  readonly canMail: boolean;
  readonly newId: NewId;
}): Hono<Env> {
  const { context, runs, canMail, newId } = options;
  const empty = emptyDraft(canMail);
  const routes = new Hono<Env>();

  routes.get('/invite', (c) => {
    const viewer = context.viewer(c);
    // `kept` is the text of a form that was sent after the session had ended. The page shows it again.
    const kept = context.takeForm(c);
    const shown = { viewer, canMail, faults: [] };
    if (!kept) return c.html(<InvitePage {...shown} draft={empty} />);
    const draft = { ...empty, ...draftOf(kept) };
    const seen = { ...viewer, flash: good(viewer.t.invite.restored) };
    return c.html(<InvitePage {...shown} viewer={seen} draft={draft} />);
  });

  routes.post('/invite', async (c) => {
    const viewer = context.viewer(c);
    const draft = { ...empty, ...draftOf(await textFields(c)) };
    const rows = rowsOf(draft.addresses);
    const isTooMuch = rows.length > maxRows;
    const planned = isTooMuch ? [] : await plan(rows, `page:${newId('asked')}`, draft, true);
    const faults = isTooMuch ? [tooMany(viewer)] : faultsOf(viewer, draft, planned, canMail);
    if (faults.length > 0) {
      c.status(422);
      return c.html(<InvitePage viewer={viewer} canMail={canMail} draft={draft} faults={faults} />);
    }
    return begin(c, planned);
  });

  routes.post(
    '/invite/file',
    bodyLimit({
      maxSize: largestFileBytes,
      onError: async (c) => {
        await discardBody(c);
        // `discardBody` may stop early. The unread rest of the body could be taken for another request.
        c.header('connection', 'close');
        const { tooLarge, tooLargeHint } = context.viewer(c).t.common;
        return context.redirectWithFlash(c, '/invite', wrong(`${tooLarge}. ${tooLargeHint}`));
      },
    }),
    async (c) => {
      const viewer = { ...context.viewer(c), here: '/invite' };
      const { file, ...fields } = await formFields(c);
      const given = file instanceof File ? new Uint8Array(await file.arrayBuffer()) : null;
      const read = given && given.length > 0 ? await readCsv(given, { maxRows }) : null;
      const fault = faultOfFile(viewer, read);
      if (!read || read.kind === 'unreadable' || fault !== null) {
        c.status(422);
        const shown = { viewer, canMail, draft: empty, faults: [fault ?? ''] };
        return c.html(<InvitePage {...shown} />);
      }
      // The key is made from the content: the rows are recognised when the same file is uploaded again.
      const key = `file:${createHash('sha256')
        .update(given ?? '')
        .digest('hex')
        .slice(0, 16)}`;
      // In a file, a row without an address is a mistake, unless its mode is `open-link`.
      return begin(c, await plan(read.rows, key, draftOf(withoutPrefix(fields)), false));
    },
  );

  routes.get('/invite/runs/:name', async (c) => {
    const viewer = context.viewer(c);
    const name = c.req.param('name');
    const found = await runs.find(name.replace(/\.csv$/, ''));
    const run = viewer.mayChange ? found : withoutLinks(found);
    if (!run) return context.redirectWithFlash(c, '/invitations', wrong(viewer.t.run.gone));
    if (!name.endsWith('.csv')) return c.html(<InviteRunPage viewer={viewer} run={run} />);
    return c.body(resultsCsv(run.results), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="invited.csv"',
    });
  });

  routes.post('/invite/runs/:id/stop', async (c) => {
    const id = c.req.param('id');
    if (!(await runs.interrupt(id))) return notFoundPage(c, context.viewer(c));
    return context.redirectWithFlash(c, `/invite/runs/${id}`);
  });

  async function begin(
    c: Parameters<PageContext['redirectWithFlash']>[0],
    planned: readonly PlannedRow[],
  ) {
    const id = await runs.start(planned, actorIn(c));
    await runs.settled(id, context.now() + longestWaitMs);
    return context.redirectWithFlash(c, `/invite/runs/${id}`);
  }

  return routes;
}

/** The run without its links, which a viewer may not see. */
function withoutLinks(run: InviteRun | null): InviteRun | null {
  return run && { ...run, results: run.results.map((one) => ({ ...one, link: null })) };
}

/** One row for each address. Without any address, one row for an open link. */
function rowsOf(addresses: string): CsvRow[] {
  const found = addressesIn(addresses);
  return (found.length === 0 ? [''] : found).map((email, index) => ({
    row: index + 1,
    email,
    type: '',
    mode: '',
    note: '',
    language: '',
  }));
}

function plan(
  rows: readonly CsvRow[],
  key: string,
  draft: Partial<Draft>,
  openLinks: boolean,
): Promise<PlannedRow[]> {
  const { employeeType = 'Guest', mode = 'link', note, language } = draft;
  return planRows(rows, key, {
    type: employeeType,
    mode,
    note: note || undefined,
    language: language || undefined,
    openLinks,
  });
}

/**
 * The faults of the form. If it has a fault, nobody is invited. (Of an uploaded file, only the rows with
 * faults are left out, and the results of these rows show why.)
 */
function faultsOf(
  viewer: Viewer,
  draft: Draft,
  planned: readonly PlannedRow[],
  canMail: boolean,
): string[] {
  // The page may be older than a restart that switched mail off. Then every row would be refused.
  if (draft.mode === 'smtp' && !canMail) return [viewer.t.invite.noMail];
  const notValid = planned.flatMap((row) => (row.kind === 'not valid' ? row : []));
  if (notValid.length === 0) return [];
  const { invite } = viewer.t;
  const isMailed = draft.mode === 'email';
  const faults = [
    ...(isMailed && draft.employeeType === 'Guest' ? [invite.noGuestMail] : []),
    ...(draft.mode !== 'link' && notValid.some(({ email }) => email === '')
      ? [invite.mailNeedsAddress]
      : []),
    ...(draft.note.trim().length > longestNote ? [invite.noteTooLong] : []),
    ...(draft.language.trim() !== '' && knownLanguage(draft.language) === null
      ? [invite.badLanguage]
      : []),
    ...notValid.flatMap(({ email }) => faultsOfAddress(viewer, email, draft.mode)),
  ];
  // The page's own form can have no other fault. A request made by hand gets a general refusal.
  return faults.length === 0 ? [viewer.t.common.noFormHint] : faults.slice(0, mostFaults);
}

function faultsOfAddress({ t }: Viewer, email: string, mode: Draft['mode']): string[] {
  if (email === '') return [];
  const isAddress = emailSchema.safeParse(email).success && (mode !== 'smtp' || isMailable(email));
  if (!isAddress) return [t.invite.badAddress(email)];
  const isRefused = mode === 'email' && addressUse(email) === 'link_only';
  return isRefused ? [t.invite.linkOnly(email)] : [];
}

function faultOfFile(viewer: Viewer, read: ReadCsv | null): string | null {
  const { invite } = viewer.t;
  if (!read) return invite.noFile;
  if (read.kind === 'unreadable') return invite.unreadable(reasonText(read.fault, viewer.language));
  if (read.rows.length === 0) return invite.noRows;
  return read.rows.length > maxRows ? tooMany(viewer) : null;
}

function tooMany(viewer: Viewer): string {
  return viewer.t.invite.tooMany(viewer.formats.number(maxRows));
}

function draftOf(fields: Readonly<Record<string, unknown>>): Partial<Draft> {
  const names = ['addresses', 'employeeType', 'mode', 'note', 'language'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

/** Removes the prefix that the form for a file puts before the names of the common fields. */
function withoutPrefix(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.replace(/^file-/, ''), value]),
  );
}
