import pLimit from 'p-limit';
import type { Actor } from '../domain/timeline.ts';
import type { InvitationRequest, InviteResult, Inviter } from './inviter.ts';

/** Portal requests for invitations at a time; the client limits all its requests together. */
const concurrency = 8;
/**
 * Addresses in one request for letters. Few, because one bad address fails the rest of the request;
 * more than one, because each request counts against the portal's daily limit and is answered with the
 * list of all pending users (docs/docspace-wire.md 4 and 10).
 */
const addressesPerRequest = 20;

/**
 * Issues many invitations; those that the portal mails are sent in small batches.
 * @returns the results in the order of the requests
 */
export async function inviteAll(
  inviter: Pick<Inviter, 'invite' | 'inviteTogether'>,
  requests: readonly InvitationRequest[],
  actor: Actor,
): Promise<InviteResult[]> {
  const results: InviteResult[] = [];
  const limit = pLimit(concurrency);
  await limit.map(batchesOf(requests), async (batch) => {
    const asked = batch.map(({ request }) => request);
    const [only] = asked;
    const answers =
      asked.length === 1 && only
        ? [await inviter.invite(only, actor)]
        : await inviter.inviteTogether(asked, actor);
    batch.forEach(({ index }, i) => {
      const answer = answers[i];
      if (answer) results[index] = answer;
    });
  });
  return results;
}

type Indexed = { readonly index: number; readonly request: InvitationRequest };

/** A batch is one link, or some letters for one type, so that a refused type fails no other. */
function batchesOf(requests: readonly InvitationRequest[]): Indexed[][] {
  const batches: Indexed[][] = [];
  const open = new Map<string, Indexed[]>();
  requests.forEach((request, index) => {
    const indexed = { index, request };
    const started = open.get(request.employeeType);
    if (request.mode === 'email' && started && started.length < addressesPerRequest) {
      started.push(indexed);
      return;
    }
    const batch = [indexed];
    batches.push(batch);
    if (request.mode === 'email') open.set(request.employeeType, batch);
  });
  return batches;
}
