import { type Context, Hono } from 'hono';
import { answerProblem, problem } from '../http/problem.ts';
import { linkStaysOpen, type ReissueResult, type Reissuer } from '../invitations/reissue.ts';
import { invitationView } from './serializers.ts';

/** `revoke` and `resend` of an invitation; what is in the body does not matter. */
export function reissueRoutes(options: {
  readonly reissuer: Reissuer;
  readonly now: () => number;
}): Hono {
  const { reissuer, now } = options;
  const routes = new Hono();
  routes.post('/api/invitations/:id/revoke', async (c) =>
    answerReissued(c, await reissuer.revoke(c.req.param('id')), { warning: linkStaysOpen }),
  );
  routes.post('/api/invitations/:id/resend', async (c) =>
    answerReissued(c, await reissuer.resend(c.req.param('id')), {}),
  );

  function answerReissued(
    c: Context,
    result: ReissueResult,
    more: { readonly warning?: string },
  ): Response {
    switch (result.kind) {
      case 'done':
        return c.json({ ...invitationView(result.invitation, now()), ...more });
      case 'forbidden': {
        const { reason, invitationId } = result;
        return answerProblem(c, problem('conflict', reason, { invitation: invitationId }));
      }
      case 'refused': {
        const { reason, invitationId } = result;
        return answerProblem(c, problem('portal-refused', reason, { invitation: invitationId }));
      }
      case 'trouble':
        return answerProblem(c, problem('portal-unavailable', result.reason));
      case 'missing':
        return answerProblem(c, problem('not-found', 'No invitation has this id'));
      default:
        return result satisfies never;
    }
  }

  return routes;
}
