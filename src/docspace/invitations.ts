import { z } from 'zod';
import type { InvitationReason, PortalFault } from '../domain/reason.ts';
import type { EmployeeType } from '../domain/vocabulary.ts';
import { beforeAction, faultOf, type PortalAnswer } from './classify.ts';
import type { PortalRequest } from './transport.ts';

/** The portal's answer to a request for an invitation. */
export type InviteAnswer<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** The portal refused: a repetition is pointless until somebody acts. */
  | { readonly kind: 'refused'; readonly reason: InvitationReason }
  /** The portal did nothing, and the request can be made again. */
  | { readonly kind: 'trouble'; readonly fault: PortalFault }
  /** The invitation may have been made. The caller has to read it back. */
  | { readonly kind: 'unknown'; readonly fault: PortalFault };

/** The smallest permissions that an API key needs to read and to invite (docs/docspace-wire.md 1.3). */
export const permissionToRead = '*:read';
const permissionToInvite = 'accounts:write';

type Exchange = (request: PortalRequest) => Promise<PortalAnswer>;

/** A portal under load needs several seconds for each address (docs/docspace-wire.md 13.6). */
const msPerAddress = 5_000;

/** The answer of `people/invite` lists all pending users. If it is longer than this, it is not kept. */
const keptBytes = 64 * 1024;

/**
 * Asks for an invitation link: `GET portal/users/invite/{employeeType}` (docs/docspace-wire.md 3.1). The
 * API `portal/users/invitationlink` is not used instead, because it has no links for guests and makes
 * one link for the whole portal.
 */
export async function invitationLink(
  read: (path: string) => Promise<PortalAnswer>,
  employeeType: EmployeeType,
): Promise<InviteAnswer<string>> {
  const answer = await read(`portal/users/invite/${employeeType}`);
  if (answer.kind === 'failed') return { kind: 'trouble', fault: answer.fault };
  const { status, body } = answer;
  if (status === 403 && body.form === 'error') {
    return { kind: 'refused', reason: { code: 'inviting_switched_off' } };
  }
  if (status !== 200 || body.form !== 'success') {
    return refusalOrTrouble(answer, employeeType, permissionToRead);
  }
  const link = linkEnvelope.safeParse(body.json).data?.response;
  // An empty link means that this account may not invite this type.
  if (link === '') return { kind: 'refused', reason: { code: 'type_not_allowed', employeeType } };
  return link === undefined
    ? { kind: 'refused', reason: { code: 'answer_without_link' } }
    : { kind: 'done', value: link };
}
const linkEnvelope = z.object({ response: z.string().regex(/^(https?:\/\/.*)?$/) });

/**
 * `POST people/invite` for one or several addresses (docs/docspace-wire.md 4). The caller reads the new
 * user ids back by e-mail address, because the answer does not tell whom this request invited.
 */
export async function inviteByEmail(
  exchange: Exchange,
  invitations: readonly { readonly email: string; readonly type: EmployeeType }[],
): Promise<InviteAnswer<null>> {
  const answer = await exchange({
    method: 'POST',
    path: 'people/invite',
    body: { invitations },
    addresses: invitations.length,
    maxBodyBytes: keptBytes,
    skipsLongBody: true,
    extraTimeMs: invitations.length * msPerAddress,
  });
  return answerToInvite(answer, invitations[0]?.type ?? 'User');
}

/**
 * `PUT people/invite`: the portal mails the invitations again. It answers 200 also for users to whom it
 * mails nothing, so the caller has to check each user first (docs/docspace-wire.md 4.2).
 */
export async function remailInvitations(
  exchange: Exchange,
  userIds: readonly string[],
): Promise<InviteAnswer<null>> {
  const answer = await exchange({
    method: 'PUT',
    path: 'people/invite',
    body: { userIds, resendAll: false },
    maxBodyBytes: keptBytes,
    skipsLongBody: true,
    extraTimeMs: userIds.length * msPerAddress,
  });
  return answerToInvite(answer, 'User');
}

function answerToInvite(answer: PortalAnswer, employeeType: EmployeeType): InviteAnswer<null> {
  if (answer.kind === 'failed') {
    return { kind: answer.left ? 'unknown' : 'trouble', fault: answer.fault };
  }
  const { status, body } = answer;
  if (status === 200) {
    return body.form === 'success' || body.form === 'not_kept'
      ? { kind: 'done', value: null }
      : { kind: 'unknown', fault: { code: 'portal_answer_unreadable' } };
  }
  if (isNameTaken(answer)) return { kind: 'trouble', fault: { code: 'portal_name_taken' } };
  if (status === 403 && body.form === 'error') {
    return { kind: 'refused', reason: { code: 'inviting_not_allowed', employeeType } };
  }
  if (status < 500 || beforeAction(answer)) {
    return refusalOrTrouble(answer, employeeType, permissionToInvite);
  }
  return { kind: 'unknown', fault: faultOf(answer) };
}

/**
 * Whether two requests at the same time chose the same user name (docs/docspace-wire.md 13.2 number 1).
 * Then nothing is wrong with the address, and the next request succeeds.
 */
function isNameTaken({ body }: Extract<PortalAnswer, { kind: 'answered' }>): boolean {
  return body.form === 'error' && /^(Duplicate UserName|User already exist\.)$/.test(body.message);
}

/**
 * Decides whether an answer is a refusal. Only a message of the portal itself can be about the address
 * or the account.
 */
function refusalOrTrouble(
  answer: Extract<PortalAnswer, { kind: 'answered' }>,
  employeeType: EmployeeType,
  permission: string,
): Extract<InviteAnswer<never>, { kind: 'refused' | 'trouble' }> {
  const { status, body } = answer;
  const isOwn = body.form === 'error' || body.form === 'validation';
  const fault = faultOf(answer);
  switch (status) {
    case 400:
      return isOwn
        ? { kind: 'refused', reason: { code: 'address_not_accepted' } }
        : { kind: 'trouble', fault };
    case 402:
      return isOwn
        ? { kind: 'refused', reason: { code: 'no_seat_left' } }
        : { kind: 'refused', reason: fault };
    case 403:
      if (isOwn) return { kind: 'refused', reason: { code: 'type_not_allowed', employeeType } };
      return fault.code === 'portal_permission_missing'
        ? { kind: 'refused', reason: { code: 'permission_missing', permission } }
        : { kind: 'trouble', fault };
    default:
      return { kind: 'trouble', fault };
  }
}
