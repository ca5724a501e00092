import { type Exchange, troubleOf } from './classify.ts';
import { responseOf } from './schemas.ts';
import type { PortalRequest } from './transport.ts';

/** What asking the portal for an invitation came to. */
export type Invited<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** The portal said no: repeating changes nothing until somebody acts. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing happened. */
  | { readonly kind: 'trouble'; readonly detail: string }
  /** It may have happened: to be read back. */
  | { readonly kind: 'unknown'; readonly detail: string };

/**
 * `GET portal/users/invite/{employeeType}` (wire 3.1). An empty string means that this account may
 * not invite that type; there is no fall-back to the other link API: it has no Guest and makes a
 * portal-wide link.
 */
export async function invitationLink(
  read: (path: string) => Promise<Exchange>,
  employeeType: string,
): Promise<Invited<string>> {
  const answer = await read(`portal/users/invite/${employeeType}`);
  if (answer.kind === 'failed') return { kind: 'trouble', detail: answer.detail };
  if (answer.status === 403) {
    return {
      kind: 'refused',
      reason: 'inviting members is switched off in the portal, or the API key lacks a right',
    };
  }
  if (answer.status !== 200) return refusalOrTrouble(answer, employeeType);
  const link = parseLink(answer.body);
  if (link === '') return { kind: 'refused', reason: mayNotInvite(employeeType) };
  if (link === null) return { kind: 'trouble', detail: 'the portal answered without a link' };
  return { kind: 'done', value: link };
}

/**
 * `POST people/invite` for one address or a few (wire 4). Its answer lists every pending user of the
 * portal, so it is thrown away: the new user ids are read back by e-mail.
 */
export async function inviteByEmail(
  exchange: (request: PortalRequest) => Promise<Exchange>,
  invitations: readonly { readonly email: string; readonly type: string }[],
): Promise<Invited<null>> {
  const answer = await exchange({
    method: 'POST',
    path: 'people/invite',
    body: { invitations },
    dropsBody: true,
  });
  return invitedBy(answer, invitations[0]?.type ?? 'people');
}

/** `PUT people/invite`: the portal mails the invitation again (wire 4). */
export async function remailInvitation(
  exchange: (request: PortalRequest) => Promise<Exchange>,
  userId: string,
): Promise<Invited<null>> {
  const answer = await exchange({
    method: 'PUT',
    path: 'people/invite',
    body: { userIds: [userId], resendAll: false },
  });
  return invitedBy(answer, 'people');
}

function invitedBy(answer: Exchange, employeeType: string): Invited<null> {
  if (answer.kind === 'failed') {
    return { kind: answer.left ? 'unknown' : 'trouble', detail: answer.detail };
  }
  if (answer.status === 200) return { kind: 'done', value: null };
  if (answer.status >= 500 && answer.status !== 503) {
    return { kind: 'unknown', detail: `the portal answered ${answer.status}` };
  }
  return refusalOrTrouble(answer, employeeType);
}

function refusalOrTrouble(
  answer: Extract<Exchange, { kind: 'answered' }>,
  employeeType: string,
): Extract<Invited<never>, { kind: 'refused' | 'trouble' }> {
  switch (answer.status) {
    case 400:
      return { kind: 'refused', reason: 'the portal does not accept this address (400)' };
    case 402:
      return {
        kind: 'refused',
        reason: 'the portal has no paid seat left, or is not paid for (402)',
      };
    case 403:
      return { kind: 'refused', reason: mayNotInvite(employeeType) };
    default:
      return { kind: 'trouble', detail: troubleOf(answer).detail };
  }
}

function mayNotInvite(employeeType: string): string {
  return `this account may not invite that type (${employeeType})`;
}

/** @returns null where there is no string: the portal gives a full URL or an empty one */
function parseLink(body: string): string | null {
  try {
    const link = responseOf(JSON.parse(body));
    return typeof link === 'string' && (link === '' || /^https?:\/\//.test(link)) ? link : null;
  } catch {
    // Not JSON: no link either.
    return null;
  }
}
