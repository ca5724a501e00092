import pLimit from 'p-limit';
import type { Actor } from '../domain/timeline.ts';
import { emailKey } from '../domain/vocabulary.ts';
import { addressesPerRequest } from './ask-portal.ts';
import type { InvitationRequest, InviteResult, Inviter } from './inviter.ts';

/** The number of batches at a time. The client also limits all its requests together. */
const concurrency = 8;

/**
 * Issues many invitations. Invitations that the portal mails are requested in small batches. A request
 * with the address of an earlier request waits until the earlier one is answered. Requests without an
 * address wait in the same way if their keys are equal.
 * @returns the results in the order of the requests
 */
export async function inviteAll(
  inviter: Pick<Inviter, 'inviteTogether'>,
  requests: readonly InvitationRequest[],
  actor: Actor,
): Promise<InviteResult[]> {
  const results: InviteResult[] = [];
  const limit = pLimit(concurrency);
  for (const wave of wavesOf(requests)) {
    await limit.map(batchesOf(wave), async (batch) => {
      const answers = await inviter.inviteTogether(
        batch.map(({ request }) => request),
        actor,
      );
      batch.forEach(({ index }, i) => {
        const answer = answers[i];
        if (answer) results[index] = answer;
      });
    });
  }
  return results;
}

type Indexed = { readonly index: number; readonly request: InvitationRequest };

/** Splits requests into waves. In a wave, no address and no key of an open link occurs twice. */
function wavesOf(requests: readonly InvitationRequest[]): Indexed[][] {
  const waves: Indexed[][] = [];
  const timesSeen = new Map<string, number>();
  requests.forEach((request, index) => {
    const { email, idempotencyKey = null } = request;
    const same = email === null ? idempotencyKey : emailKey(email);
    const place = same === null ? 0 : (timesSeen.get(same) ?? 0);
    if (same !== null) timesSeen.set(same, place + 1);
    const wave = waves[place] ?? [];
    waves[place] = wave;
    wave.push({ index, request });
  });
  return waves;
}

/**
 * Splits a wave into batches. A batch contains one invitation in mode `link` or `smtp`, or several of
 * one type in mode `email`. So a refused type does not affect other types.
 */
function batchesOf(wave: readonly Indexed[]): Indexed[][] {
  const batches: Indexed[][] = [];
  const open = new Map<string, Indexed[]>();
  wave.forEach((indexed) => {
    const { request } = indexed;
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
