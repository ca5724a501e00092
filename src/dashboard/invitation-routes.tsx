import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import type { StreamingApi } from 'hono/utils/stream';
import { actorIn } from '../api/auth.ts';
import { byteOrderMark, invitationLine, invitationsHeading } from '../api/csv.ts';
import { invitationQuerySchema, invitationView, withoutLink } from '../api/invitations.ts';
import type { Invitation } from '../domain/invitation.ts';
import type { InvitationNotice } from '../domain/reason.ts';
import type { InvitationMode } from '../domain/vocabulary.ts';
import type { ReissueResult, Reissuer } from '../invitations/reissue.ts';
import type { Log } from '../log.ts';
import { reasonText } from '../messages/render.ts';
import type { Previewer } from '../operations/preview.ts';
import type { InvitationFilter, ListedInvitation, StoreReads } from '../store/store.ts';
import { boundsOfDay } from './days.ts';
import { type Env, good, type PageContext, wrong } from './page-context.ts';
import { notFoundPage } from './pages/error.tsx';
import {
  type FilterField,
  type FilterWords,
  filterFields,
  InvitationsPage,
} from './pages/invitations.tsx';
import { type FunnelStep, funnelSteps, statusesFrom } from './pages/overview-figures.ts';
import { OpenLinkPage, PersonPage } from './pages/person.tsx';
import type { Flash, Viewer } from './viewer.ts';

const pageSize = 50;
/** How many invitations are read from the store at a time for the CSV file. */
const largestPage = 200;

type Reads = Pick<StoreReads, 'listInvitations' | 'invitationStory' | 'memberStory'>;

/** The routes of the list of invitations, its CSV export, and one invitation with its commands. */
export function invitationRoutes(options: {
  readonly context: PageContext;
  readonly reads: Reads;
  readonly reissuer: Reissuer;
  readonly previewer: Previewer;
  readonly log: Log;
}): Hono<Env> {
  const { context, reads, reissuer, previewer } = options;
  const routes = new Hono<Env>();

  routes.get('/invitations', async (c) => {
    const viewer = context.viewer(c);
    const cursor = c.req.query('cursor');
    const step = funnelSteps.find((one) => one === c.req.query('step')) ?? null;
    const words = step === null ? wordsOf(c.req.query()) : {};
    const listed =
      step === null
        ? await listByFilter(reads, viewer, words, cursor)
        : await listByStep(reads, viewer.now, step, cursor);
    const isFirstPage = cursor === undefined;
    const shown = { viewer, words, step, isFirstPage };
    const items = listed.items.map((one) => shownTo(viewer, one));
    return c.html(<InvitationsPage {...shown} {...listed} items={items} />);
  });

  routes.get('/invitations.csv', (c) => {
    const viewer = context.viewer(c);
    const asked = readFilter(viewer, wordsOf(c.req.query()), undefined);
    if (asked.kind === 'faulty') return context.redirectWithFlash(c, '/invitations');
    c.header('content-type', 'text/csv; charset=utf-8');
    c.header('content-disposition', 'attachment; filename="invitations.csv"');
    // Send the list page by page as the browser reads, so that a long list is never all in memory.
    const send = async (out: StreamingApi) => {
      await out.write(`${byteOrderMark}${invitationsHeading}\r\n`);
      let cursor: number | null | undefined;
      while (cursor !== null && !out.aborted) {
        const paging = { limit: largestPage, cursor };
        const page = await reads.listInvitations(asked.filter, paging, viewer.now);
        const lines = page.items.map((one) =>
          invitationLine(invitationView(shownTo(viewer, one), viewer.now, viewer.language)),
        );
        await out.write(lines.map((line) => `${line}\r\n`).join(''));
        cursor = page.nextCursor;
      }
    };
    return stream(c, send, async (error) => {
      options.log.error({ err: error }, 'a download was cut short');
      // After a normal end the file would look complete. A broken connection tells the browser that it is not.
      c.env.outgoing.destroy();
    });
  });

  routes.get('/invitations/:id', async (c) => {
    const viewer = context.viewer(c);
    const found = await reads.invitationStory(c.req.param('id'));
    if (!found) return notFoundPage(c, viewer);
    const { members, letters, timeline } = found;
    const invitation = shownTo(viewer, found.invitation);
    const [only, ...others] = members;
    if (invitation.email === null || others.length > 0) {
      return c.html(<OpenLinkPage viewer={viewer} story={{ ...found, invitation }} />);
    }
    const story = only ? await reads.memberStory(only.userId) : null;
    const preview = only ? await previewer.preview(only.userId) : null;
    const shown = { viewer, invitation, story, letters, timeline, preview };
    return c.html(<PersonPage {...shown} />);
  });

  for (const verb of ['resend', 'revoke'] as const) {
    routes.post(`/invitations/:id/${verb}`, async (c) => {
      const viewer = context.viewer(c);
      const id = c.req.param('id');
      const result = await reissuer[verb](id, actorIn(c));
      // The id may be any text, so only a known id becomes part of the next page's address.
      if (result.kind === 'missing') return notFoundPage(c, viewer);
      return context.redirectWithFlash(c, `/invitations/${id}`, flashOf(viewer, verb, result));
    });
  }

  return routes;
}

/** The invitation, without its link if the viewer may only read. */
function shownTo<I extends Invitation>(viewer: Viewer, invitation: I): I {
  return viewer.mayChange ? invitation : withoutLink(invitation);
}

function flashOf(
  viewer: Viewer,
  verb: 'resend' | 'revoke',
  result: Exclude<ReissueResult, { kind: 'missing' }>,
): Flash {
  const { done } = viewer.t;
  const doneText = (mode: InvitationMode) => {
    if (verb === 'revoke') return done.revoked;
    if (mode === 'smtp') return done.letterAgain;
    return mode === 'link' ? done.freshLink : done.resent;
  };
  // `done.revoked` already says that the portal cannot take a link back.
  const noticeText = (notice: InvitationNotice | null) =>
    notice === null || notice.code === 'link_stays_open' ? '' : reasonText(notice, viewer.language);
  switch (result.kind) {
    case 'done':
      return good([doneText(result.invitation.mode), noticeText(result.notice)].join(' ').trim());
    case 'mail_not_configured':
      return wrong(reasonText({ code: result.kind }, viewer.language));
    case 'forbidden':
    case 'refused':
    case 'trouble':
      return wrong(reasonText(result.reason, viewer.language));
    default:
      return result satisfies never;
  }
}

/** The fields of the filter that have a value. A form also sends its empty fields. */
function wordsOf(query: Readonly<Record<string, string>>): FilterWords {
  return Object.fromEntries(
    filterFields.flatMap((field) => {
      const word = query[field]?.trim();
      return word ? [[field, word]] : [];
    }),
  );
}

type Listed = {
  readonly items: readonly ListedInvitation[];
  readonly older: string | null;
  readonly faults: readonly FilterField[];
};

async function listByFilter(
  reads: Reads,
  viewer: Viewer,
  words: FilterWords,
  cursor: string | undefined,
): Promise<Listed> {
  const asked = readFilter(viewer, words, cursor);
  if (asked.kind === 'faulty') return { items: [], older: null, faults: asked.faults };
  const paging = { limit: pageSize, cursor: asked.cursor };
  const page = await reads.listInvitations(asked.filter, paging, viewer.now);
  const { items, nextCursor } = page;
  const query = new URLSearchParams({ ...words, cursor: String(nextCursor) });
  return { items, older: nextCursor === null ? null : `/invitations?${query}`, faults: [] };
}

/**
 * The invitations that got at least to this step, newest first. A step includes several statuses, and the
 * store lists one status at a time, so the lists of these statuses are merged page by page.
 * @param cursor the `seq` of the last invitation of the page before
 */
async function listByStep(
  reads: Reads,
  now: number,
  step: FunnelStep,
  cursor: string | undefined,
): Promise<Listed> {
  const after = cursor !== undefined && /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
  const paging = { limit: pageSize, cursor: after };
  const pages = await Promise.all(
    statusesFrom(step).map((status) => reads.listInvitations({ status }, paging, now)),
  );
  const all = pages
    .flatMap(({ items }) => items)
    .toSorted((a, b) => b.createdAt - a.createdAt || b.seq - a.seq);
  const items = all.slice(0, pageSize);
  const isLast =
    items.length === all.length && pages.every(({ nextCursor }) => nextCursor === null);
  const older = `/invitations?step=${step}&cursor=${items.at(-1)?.seq}`;
  return { items, older: isLast ? null : older, faults: [] };
}

type Asked =
  | {
      readonly kind: 'read';
      readonly filter: InvitationFilter;
      readonly cursor: number | undefined;
    }
  | { readonly kind: 'faulty'; readonly faults: readonly FilterField[] };

/** Reads the filter as the HTTP API does, but days are in the viewer's zone, and the last day is included. */
function readFilter(viewer: Viewer, words: FilterWords, cursor: string | undefined): Asked {
  const { since, until, ...others } = words;
  const query = invitationQuerySchema.safeParse(
    cursor === undefined ? others : { ...others, cursor },
  );
  const from = since === undefined ? undefined : boundsOfDay(since, viewer.formats.dayKey);
  const to = until === undefined ? undefined : boundsOfDay(until, viewer.formats.dayKey);
  if (!query.success || from === null || to === null) {
    const wrongFields = query.success ? [] : query.error.issues.map(({ path }) => path[0]);
    const isWrong = (field: FilterField) =>
      wrongFields.includes(field) ||
      (field === 'since' && from === null) ||
      (field === 'until' && to === null);
    return { kind: 'faulty', faults: filterFields.filter(isWrong) };
  }
  const { limit: _limit, cursor: place, ...filter } = query.data;
  return {
    kind: 'read',
    filter: { ...filter, since: from?.from, until: to?.until },
    cursor: place,
  };
}
