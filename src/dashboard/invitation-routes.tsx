import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import type { StreamingApi } from 'hono/utils/stream';
import { invitationLine, invitationsHeading } from '../api/csv/invitations.ts';
import { byteOrderMark } from '../api/csv/write.ts';
import { invitationQuerySchema } from '../api/schemas.ts';
import { invitationView } from '../api/serializers.ts';
import { faultsOf } from '../http/problem.ts';
import type { ReissueResult, Reissuer } from '../invitations/reissue.ts';
import type { Log } from '../log.ts';
import type { Previewer } from '../operations/preview.ts';
import type { InvitationFilter, StoreReads } from '../store/store.ts';
import { boundsOfDay } from './days.ts';
import { type Desk, type Env, good, wrong } from './desk.ts';
import { notFoundPage } from './not-found.tsx';
import { type FilterWords, InvitationsPage } from './pages/invitations.tsx';
import { OpenLinkPage, PersonPage } from './pages/person.tsx';
import type { Said, View } from './view.ts';

const pageSize = 50;
/** A page as large as the HTTP API gives. */
const largestPage = 200;

/** The list, its CSV, and one invitation with the person it brought. */
export function invitationRoutes(options: {
  readonly desk: Desk;
  readonly reads: Pick<StoreReads, 'listInvitations' | 'invitationStory' | 'memberStory'>;
  readonly reissuer: Reissuer;
  readonly previewer: Previewer;
  readonly log: Log;
}): Hono<Env> {
  const { desk, reads, reissuer, previewer } = options;
  const routes = new Hono<Env>();

  routes.get('/invitations', async (c) => {
    const view = desk.view(c);
    const words = wordsOf(c.req.query());
    const cursor = c.req.query('cursor');
    const asked = readFilter(view, words, cursor);
    const page =
      asked.kind === 'read'
        ? await reads.listInvitations(
            asked.filter,
            { limit: pageSize, cursor: asked.cursor },
            view.now,
          )
        : { items: [], nextCursor: null };
    return c.html(
      <InvitationsPage
        view={view}
        items={page.items.map((one) => invitationView(one, view.now))}
        words={words}
        isFirstPage={cursor === undefined}
        nextCursor={page.nextCursor}
        faults={asked.kind === 'read' ? [] : asked.faults}
      />,
    );
  });

  routes.get('/invitations.csv', (c) => {
    const view = desk.view(c);
    const asked = readFilter(view, wordsOf(c.req.query()), undefined);
    if (asked.kind === 'faulty') return c.redirect('/invitations', 303);
    c.header('content-type', 'text/csv; charset=utf-8');
    c.header('content-disposition', 'attachment; filename="invitations.csv"');
    // Page by page as the browser takes it: a long log is never in memory whole.
    const send = async (out: StreamingApi) => {
      await out.write(`${byteOrderMark}${invitationsHeading}\r\n`);
      let cursor: number | null | undefined;
      while (cursor !== null && !out.aborted) {
        const page = await reads.listInvitations(
          asked.filter,
          { limit: largestPage, cursor },
          view.now,
        );
        const lines = page.items.map((one) => invitationLine(invitationView(one, view.now)));
        await out.write(lines.map((line) => `${line}\r\n`).join(''));
        cursor = page.nextCursor;
      }
    };
    return stream(c, send, async (error) => {
      options.log.error({ err: error }, 'a download was cut short');
      // Ended as usual it would look whole; only a cut connection tells the browser.
      c.env.outgoing.destroy();
    });
  });

  routes.get('/invitations/:id', async (c) => {
    const view = desk.view(c);
    const found = await reads.invitationStory(c.req.param('id'));
    if (!found) return notFoundPage(c, view);
    const { invitation, members, timeline } = found;
    const [only, ...others] = members;
    if (invitation.email === null || others.length > 0) {
      return c.html(<OpenLinkPage view={view} story={found} />);
    }
    const story = only ? await reads.memberStory(only.userId) : null;
    const preview = only ? await previewer.preview(only.userId) : null;
    const shown = { view, invitation, story, timeline, preview };
    return c.html(<PersonPage {...shown} />);
  });

  for (const verb of ['resend', 'revoke'] as const) {
    routes.post(`/invitations/:id/${verb}`, async (c) => {
      const view = desk.view(c);
      const id = c.req.param('id');
      const result = await reissuer[verb](id);
      // What is no id of ours is no address to go to either.
      if (result.kind === 'missing') return notFoundPage(c, view);
      return desk.goTo(c, `/invitations/${id}`, saidOf(view, verb, result));
    });
  }

  return routes;
}

function saidOf(
  view: View,
  verb: 'resend' | 'revoke',
  result: Exclude<ReissueResult, { kind: 'missing' }>,
): Said {
  const { done } = view.say;
  switch (result.kind) {
    case 'done':
      if (verb === 'revoke') return good(done.revoked);
      return good(result.invitation.mode === 'link' ? done.freshLink : done.resent);
    case 'forbidden':
    case 'refused':
    case 'trouble':
      return wrong(result.reason);
    default:
      return result satisfies never;
  }
}

/** A form sends every field; an empty one is not a wish. */
function wordsOf(query: Readonly<Record<string, string>>): FilterWords {
  const names = ['q', 'status', 'employeeType', 'mode', 'since', 'until'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const word = query[name]?.trim();
      return word ? [[name, word]] : [];
    }),
  );
}

type Asked =
  | {
      readonly kind: 'read';
      readonly filter: InvitationFilter;
      readonly cursor: number | undefined;
    }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] };

/** The same filter as the HTTP API's, but that days are the viewer's, and the last one is whole. */
function readFilter(view: View, words: FilterWords, cursor: string | undefined): Asked {
  const { since, until, ...others } = words;
  const query = invitationQuerySchema.safeParse(
    cursor === undefined ? others : { ...others, cursor },
  );
  const from = since === undefined ? undefined : boundsOfDay(since, view.formats.dayKey);
  const to = until === undefined ? undefined : boundsOfDay(until, view.formats.dayKey);
  const faults = [
    ...(query.success
      ? []
      : faultsOf(query.error).map(({ path, message }) => `${path} ${message}`)),
    ...(from === null ? ['since is not a day'] : []),
    ...(to === null ? ['until is not a day'] : []),
  ];
  if (!query.success || from === null || to === null) return { kind: 'faulty', faults };
  const { limit: _limit, cursor: place, ...filter } = query.data;
  return {
    kind: 'read',
    filter: { ...filter, since: from?.from, until: to?.until },
    cursor: place,
  };
}
