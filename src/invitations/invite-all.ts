import type { Actor } from '../domain/facts.ts';
import { inParallel } from '../onboarding/map-concurrent.ts';
import type { InvitationRequest, InviteResult, Inviter } from './inviter.ts';

/** Invitations that are asked for at the same time; the client bounds its requests all together. */
const atATime = 8;
/**
 * Addresses in one request for letters: few, for one bad address fails the rest of it (wire 4); not
 * one, for each such request counts against the day's writes (wire 10) and is answered with the list
 * of every pending user.
 */
const mailedTogether = 20;

/**
 * Issues many invitations, those that the portal mails in small slices.
 * @returns the results in the order of the requests
 */
export async function inviteAll(
  inviter: Pick<Inviter, 'invite' | 'inviteTogether'>,
  requests: readonly InvitationRequest[],
  actor: Actor,
): Promise<InviteResult[]> {
  const results: InviteResult[] = [];
  await inParallel(slices(requests), atATime, async (slice) => {
    const asked = slice.map(({ request }) => request);
    const [only] = asked;
    const answers =
      asked.length === 1 && only
        ? [await inviter.invite(only, actor)]
        : await inviter.inviteTogether(asked, actor);
    slice.forEach(({ index }, i) => {
      const answer = answers[i];
      if (answer) results[index] = answer;
    });
  });
  return results;
}

type Placed = { readonly index: number; readonly request: InvitationRequest };

/** A slice is one link, or some letters of one type: a refusal of a type then fails no other. */
function slices(requests: readonly InvitationRequest[]): Placed[][] {
  const found: Placed[][] = [];
  const open = new Map<string, Placed[]>();
  requests.forEach((request, index) => {
    const placed = { index, request };
    const started = open.get(request.employeeType);
    if (request.mode === 'email' && started && started.length < mailedTogether) {
      started.push(placed);
      return;
    }
    const slice = [placed];
    found.push(slice);
    if (request.mode === 'email') open.set(request.employeeType, slice);
  });
  return found;
}
