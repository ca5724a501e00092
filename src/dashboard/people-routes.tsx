import { Hono } from 'hono';
import { resolveSchema } from '../api/schemas.ts';
import { memberStates } from '../domain/member.ts';
import { skipReasons } from '../domain/ownership.ts';
import type { Recorded } from '../onboarding/recorder.ts';
import type { Operator } from '../operations/operator.ts';
import type { Previewer } from '../operations/preview.ts';
import type { MemberFilter, StoreReads } from '../store/store.ts';
import { type Desk, type Env, good, wrong } from './desk.ts';
import { textFields } from './form.ts';
import { notFoundPage } from './not-found.tsx';
import { PeoplePage } from './pages/people.tsx';
import { PersonPage } from './pages/person.tsx';
import type { Said } from './view.ts';

const pageSize = 50;

/** A letter is shown as mail programs do: no script, nothing loaded, and only inside our page. */
const letterPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox";

/** People by state, one person, and what an operator may settle about them. */
export function peopleRoutes(options: {
  readonly desk: Desk;
  readonly reads: Pick<
    StoreReads,
    'listMembers' | 'memberStory' | 'invitation' | 'invitationStory'
  >;
  readonly operator: Pick<Operator, 'retry' | 'resolve' | 'retryFailed'>;
  readonly previewer: Previewer;
}): Hono<Env> {
  const { desk, reads, operator, previewer } = options;
  const routes = new Hono<Env>();

  routes.get('/people', async (c) => {
    const view = desk.view(c);
    const isAddress = c.req.query('needs') === 'address';
    const state = memberStates.find((one) => one === c.req.query('state'));
    const filter: MemberFilter = isAddress
      ? { state: 'skipped', reason: skipReasons.otherAddress }
      : { state };
    const cursor = /^\d{1,15}$/.exec(c.req.query('cursor') ?? '')?.[0];
    const page = await reads.listMembers(filter, {
      limit: pageSize,
      cursor: cursor === undefined ? undefined : Number(cursor),
    });
    const { people, words } = view.say;
    const title = isAddress
      ? people.cameByUs
      : state
        ? people.inState(words.states[state])
        : people.title;
    const query = new URLSearchParams(isAddress ? { needs: 'address' } : state ? { state } : {});
    if (page.nextCursor !== null) query.set('cursor', String(page.nextCursor));
    const older = page.nextCursor === null ? null : `/people?${query}`;
    return c.html(
      <PeoplePage view={view} title={title} items={page.items} state={state} older={older} />,
    );
  });

  routes.get('/people/:userId', async (c) => {
    const userId = c.req.param('userId').toLowerCase();
    const story = await reads.memberStory(userId);
    if (!story) return notFoundPage(c, desk.view(c));
    const { invitationId } = story.member;
    const invitation = invitationId === null ? null : await reads.invitation(invitationId);
    // An invitation to one person is the same page there: with its link, and all of its timeline.
    if (invitation && invitation.email !== null) {
      const whole = await reads.invitationStory(invitation.id);
      if (whole?.members.length === 1) return desk.goTo(c, `/invitations/${invitation.id}`);
    }
    // Only now, for what was said after a form is said once: on the page that is shown.
    const view = desk.view(c);
    const preview = await previewer.preview(userId);
    const { timeline } = story;
    const shown = { view, invitation: null, broughtBy: invitationId, story, timeline, preview };
    return c.html(<PersonPage {...shown} />);
  });

  routes.get('/people/:userId/letter', async (c) => {
    const preview = await previewer.preview(c.req.param('userId').toLowerCase());
    if (preview?.letter.kind !== 'mail') return notFoundPage(c, desk.view(c));
    return c.html(preview.letter.html, 200, { 'content-security-policy': letterPolicy });
  });

  routes.post('/people/retry', async (c) => {
    const { say, formats } = desk.view(c);
    const count = await operator.retryFailed(null);
    return desk.goTo(c, '/', good(say.done.retriedAll(formats.number(count))));
  });

  routes.post('/people/:userId/retry', async (c) => {
    const view = desk.view(c);
    const userId = c.req.param('userId').toLowerCase();
    const recorded = await operator.retry(userId);
    if (recorded.kind === 'no_such_member') return notFoundPage(c, view);
    return desk.goTo(c, `/people/${userId}`, saidOf(recorded, view.say.done.retried));
  });

  routes.post('/people/:userId/resolve', async (c) => {
    const view = desk.view(c);
    const userId = c.req.param('userId').toLowerCase();
    const asked = resolveSchema.safeParse(await textFields(c));
    if (!asked.success) return notFoundPage(c, view);
    const { outcome } = asked.data;
    const recorded = await operator.resolve(userId, outcome);
    if (recorded.kind === 'no_such_member') return notFoundPage(c, view);
    const { resolvedSent, resolvedRetry } = view.say.done;
    const text = outcome === 'sent' ? resolvedSent : resolvedRetry;
    return desk.goTo(c, `/people/${userId}`, saidOf(recorded, text));
  });

  return routes;
}

function saidOf(recorded: Exclude<Recorded, { kind: 'no_such_member' }>, text: string): Said {
  switch (recorded.kind) {
    case 'recorded':
      return good(text);
    case 'forbidden':
      return wrong(recorded.reason);
    default:
      return recorded satisfies never;
  }
}
