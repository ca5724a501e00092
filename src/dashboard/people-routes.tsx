import { Hono } from 'hono';
import { actorIn } from '../api/auth.ts';
import { resolveSchema } from '../api/members.ts';
import { memberStates } from '../domain/member.ts';
import { memberReasonCodes } from '../domain/reason.ts';
import { reasonText } from '../messages/render.ts';
import type { Recorded } from '../onboarding/recorder.ts';
import type { Operator } from '../operations/operator.ts';
import type { Previewer } from '../operations/preview.ts';
import type { MemberFilter, StoreReads } from '../store/store.ts';
import { textFields } from './form.ts';
import { type Env, good, type PageContext, wrong } from './page-context.ts';
import { notFoundPage } from './pages/error.tsx';
import { PeoplePage } from './pages/people.tsx';
import { PersonPage } from './pages/person.tsx';
import type { Flash, Viewer } from './viewer.ts';

const pageSize = 50;

/** A letter runs no script and loads nothing, as in a mail program. Only this service can frame it. */
const letterPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox";

/** The routes for the list of people, for the page of one person, and for an operator's actions. */
export function peopleRoutes(options: {
  readonly context: PageContext;
  readonly reads: Pick<
    StoreReads,
    'listMembers' | 'memberStory' | 'invitation' | 'invitationStory'
  >;
  readonly operator: Pick<Operator, 'retry' | 'resolve' | 'retryFailed'>;
  readonly previewer: Previewer;
}): Hono<Env> {
  const { context, reads, operator, previewer } = options;
  const routes = new Hono<Env>();

  routes.get('/people', async (c) => {
    const viewer = context.viewer(c);
    const filter = filterOf(c.req.query());
    const cursor = /^\d{1,15}$/.exec(c.req.query('cursor') ?? '')?.[0];
    const page = await reads.listMembers(filter, {
      limit: pageSize,
      cursor: cursor === undefined ? undefined : Number(cursor),
    });
    const query = new URLSearchParams(
      Object.entries(filter).filter((field): field is [string, string] => field[1] !== undefined),
    );
    if (page.nextCursor !== null) query.set('cursor', String(page.nextCursor));
    const older = page.nextCursor === null ? null : `/people?${query}`;
    const { items } = page;
    return c.html(<PeoplePage viewer={viewer} items={items} filter={filter} older={older} />);
  });

  routes.get('/people/:userId', async (c) => {
    const userId = c.req.param('userId').toLowerCase();
    const story = await reads.memberStory(userId);
    if (!story) return notFoundPage(c, context.viewer(c));
    const { invitationId } = story.member;
    const invitation = invitationId === null ? null : await reads.invitation(invitationId);
    // The page of an invitation to one person shows all of this, and also the invitation itself.
    if (invitation && invitation.email !== null) {
      const whole = await reads.invitationStory(invitation.id);
      if (whole?.members.length === 1) {
        return context.redirectWithFlash(c, `/invitations/${invitation.id}`);
      }
    }
    // Creating a viewer uses up the flash. After a redirect, the next page has to show it.
    const viewer = context.viewer(c);
    const preview = await previewer.preview(userId);
    const { timeline } = story;
    const shown = { viewer, invitation: null, broughtBy: invitationId, story, timeline, preview };
    return c.html(<PersonPage {...shown} />);
  });

  routes.get('/people/:userId/letter', async (c) => {
    const preview = await previewer.preview(c.req.param('userId').toLowerCase());
    if (preview?.letter.kind !== 'mail') return notFoundPage(c, context.viewer(c));
    return c.html(preview.letter.html, 200, { 'content-security-policy': letterPolicy });
  });

  routes.post('/people/retry', async (c) => {
    const { t, formats } = context.viewer(c);
    const count = await operator.retryFailed(null, actorIn(c));
    const flash = good(t.done.retriedAll(formats.number(count), count === 1));
    return context.redirectWithFlash(c, '/', flash);
  });

  routes.post('/people/:userId/retry', async (c) => {
    const viewer = context.viewer(c);
    const userId = c.req.param('userId').toLowerCase();
    const recorded = await operator.retry(userId, actorIn(c));
    if (recorded.kind === 'no_such_member') return notFoundPage(c, viewer);
    const flash = flashOf(viewer, recorded, viewer.t.done.retried);
    return context.redirectWithFlash(c, `/people/${userId}`, flash);
  });

  routes.post('/people/:userId/resolve', async (c) => {
    const viewer = context.viewer(c);
    const userId = c.req.param('userId').toLowerCase();
    const asked = resolveSchema.safeParse(await textFields(c));
    if (!asked.success) return notFoundPage(c, viewer);
    const { outcome } = asked.data;
    const recorded = await operator.resolve(userId, outcome, actorIn(c));
    if (recorded.kind === 'no_such_member') return notFoundPage(c, viewer);
    const { resolvedSent, resolvedRetry } = viewer.t.done;
    const text = outcome === 'sent' ? resolvedSent : resolvedRetry;
    return context.redirectWithFlash(c, `/people/${userId}`, flashOf(viewer, recorded, text));
  });

  return routes;
}

/** Unknown values are left out, so that an old bookmark shows more people instead of an error. */
function filterOf(query: Readonly<Record<string, string>>): MemberFilter {
  return {
    q: query['q']?.trim() || undefined,
    state: memberStates.find((one) => one === query['state']),
    reason: memberReasonCodes.find((one) => one === query['reason']),
    invitationId: query['invitationId'] || undefined,
  };
}

function flashOf(
  viewer: Viewer,
  recorded: Exclude<Recorded, { kind: 'no_such_member' }>,
  text: string,
): Flash {
  switch (recorded.kind) {
    case 'recorded':
      return good(text);
    case 'forbidden':
      return wrong(reasonText(recorded.reason, viewer.language));
    default:
      return recorded satisfies never;
  }
}
