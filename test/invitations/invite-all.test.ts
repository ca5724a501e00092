import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inviteAll } from '../../src/invitations/invite-all.ts';
import type { InvitationRequest, InviteResult } from '../../src/invitations/inviter.ts';

const actor = { kind: 'service' } as const;

function linkFor(email: string): InvitationRequest {
  return { employeeType: 'Guest', mode: 'link', email, note: null };
}

function openLink(note: string, idempotencyKey: string | null): InvitationRequest {
  return { employeeType: 'Guest', mode: 'link', email: null, note, idempotencyKey };
}

/** An inviter that is slow with the first request it gets. */
async function orderOfAnswers(requests: readonly InvitationRequest[]): Promise<string[]> {
  const answered: string[] = [];
  let isFirst = true;
  const inviteTogether = async (batch: readonly InvitationRequest[]): Promise<InviteResult[]> => {
    const turns = isFirst ? 5 : 0;
    isFirst = false;
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
    return batch.map(({ email, note }) => {
      answered.push(email ?? note ?? '');
      return { kind: 'mail_not_configured' };
    });
  };
  const results = await inviteAll({ inviteTogether }, requests, actor);
  expect(results).toHaveLength(requests.length);
  return answered;
}

test('of two requests for one address, the second waits until the first has its answer', async () => {
  const requests = ['one@example.com', 'two@example.com', 'ONE@example.com'].map(linkFor);
  expect(await orderOfAnswers(requests)).toEqual([
    'two@example.com',
    'one@example.com',
    'ONE@example.com',
  ]);
});

test('an open link that is requested twice with one key is issued before the second is answered', async () => {
  const requests = [openLink('a', 'class 1'), openLink('b', null), openLink('c', 'class 1')];
  expect(await orderOfAnswers(requests)).toEqual(['b', 'a', 'c']);
});
