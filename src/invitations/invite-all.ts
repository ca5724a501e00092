import pLimit from 'p-limit';
import type { Actor } from '../domain/timeline.ts';
import { addressesPerRequest } from './ask-portal.ts';
import type { InvitationRequest, InviteResult, Inviter } from './inviter.ts';

/** The number of batches at a time. The client also limits all its requests together. */
const concurrency = 8;

/**
 * Issues many invitations. Invitations that the portal mails are sent in small batches.
 * @returns the results in the order of the requests
 */
export async function inviteAll(
  inviter: Pick<Inviter, 'inviteTogether'>,
  requests: readonly InvitationRequest[],
  actor: Actor,
): Promise<InviteResult[]> {
  const results: InviteResult[] = [];
  const limit = pLimit(concurrency);
  await limit.map(batchesOf(requests), async (batch) => {
    const answers = await inviter.inviteTogether(
      batch.map(({ request }) => request),
      actor,
    );
    batch.forEach(({ index }, i) => {
      const answer = answers[i];
      if (answer) results[index] = answer;
    });
  });
  return results;
}

type Indexed = { readonly index: number; readonly request: InvitationRequest };

/** A batch is one link, or some letters of one type, so that a refused type fails no other type. */
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
