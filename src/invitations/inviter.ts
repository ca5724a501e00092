import type { ReadResult } from '../docspace/classify.ts';
import type { PortalClient } from '../docspace/client.ts';
import type { InviteAnswer } from '../docspace/invitations.ts';
import { type Employee, statusOf } from '../docspace/schemas.ts';
import type { Invitation } from '../domain/invitation.ts';
import type { CommandReason, InvitationReason, PortalFault } from '../domain/reason.ts';
import { type Actor, type Cause, service } from '../domain/timeline.ts';
import type { EmployeeType, InvitationMode } from '../domain/vocabulary.ts';
import type { NewId } from '../ids.ts';
import type { Log } from '../log.ts';
import { reasonText } from '../messages/render.ts';
import type { Account } from '../onboarding/account.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { InvitationResult, Store } from '../store/store.ts';

export type InvitationRequest = {
  readonly employeeType: EmployeeType;
  readonly mode: InvitationMode;
  readonly email: string | null;
  readonly note: string | null;
  /** The caller's own key: the same request again is answered from the log (see `NewInvitation`). */
  readonly idempotencyKey?: string | null;
};

/** The result of inviting. Only `issued` gives the person something to join by. */
export type InviteResult =
  | { readonly kind: 'issued'; readonly invitation: Invitation }
  /** Nothing was written: the address belongs to a user, or is already invited. */
  | {
      readonly kind: 'conflict';
      readonly reason: CommandReason;
      readonly invitationId: string | null;
    }
  /** The portal refused; the invitation is in the log as `failed`. */
  | {
      readonly kind: 'refused';
      readonly reason: InvitationReason;
      readonly invitation: Invitation;
    }
  /**
   * The portal gives no usable answer now. `retryAt`: UTC ms, if the portal says so. `unsettledId`:
   * the invitation that stays `issuing` until the portal can be read, because it may have been made.
   */
  | {
      readonly kind: 'trouble';
      readonly fault: PortalFault;
      readonly retryAt: number | null;
      readonly unsettledId: string | null;
    };

export type Inviter = {
  /** Issues one invitation. It is logged before the portal is asked, and settled after. */
  readonly invite: (request: InvitationRequest, actor: Actor) => Promise<InviteResult>;
  /** Issues several e-mail invitations in one portal request. Results in request order. */
  readonly inviteTogether: (
    requests: readonly InvitationRequest[],
    actor: Actor,
  ) => Promise<InviteResult[]>;
  /** Settles invitations that a crash or a silent portal left `issuing` since before `before` (UTC ms). */
  readonly settleIssuing: (before: number) => Promise<void>;
};

export function createInviter(deps: {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly client: PortalClient;
  readonly account: Pick<Account, 'id'>;
  readonly newId: NewId;
  readonly now: () => number;
  readonly log: Log;
  /** Somebody may have become due. */
  readonly wake: () => void;
}): Inviter {
  const { store, recorder, client, newId, now, log } = deps;

  async function invite(request: InvitationRequest, actor: Actor): Promise<InviteResult> {
    const opened = await open(request, actor);
    return opened.kind === 'opened' ? issue(opened, null) : opened;
  }

  async function inviteTogether(
    requests: readonly InvitationRequest[],
    actor: Actor,
  ): Promise<InviteResult[]> {
    const opened = await Promise.all(requests.map((request) => open(request, actor)));
    const unknownToPortal = opened.flatMap((one) =>
      one.kind === 'opened' && one.knownUserId === null
        ? [{ email: one.request.email ?? '', type: one.request.employeeType }]
        : [],
    );
    const answer =
      unknownToPortal.length < 2 ? null : await client.inviteManyByEmail(unknownToPortal);
    return Promise.all(opened.map((one) => (one.kind === 'opened' ? issue(one, answer) : one)));
  }

  /** Logs the invitation before the portal is asked, unless something forbids it. */
  async function open(
    request: InvitationRequest,
    actor: Actor,
  ): Promise<OpenedRequest | InviteResult> {
    const before = await store.findByIdempotencyKey(
      { idempotencyKey: request.idempotencyKey ?? null, email: request.email },
      now(),
    );
    if (before) return answerFromLog(before);
    const accountId = await deps.account.id();
    if (accountId.kind === 'trouble') return trouble(accountId.fault);
    const known = request.email === null ? null : await client.employeeByEmail(request.email);
    if (known?.kind === 'trouble') return trouble(known.fault);
    const conflict = known && conflictOf(known);
    if (conflict) return { kind: 'conflict', reason: conflict, invitationId: null };
    // A request that cannot be made now need not be in the log as failed.
    if (client.backoffMs() > 0) return trouble({ code: 'portal_rate_limited' });

    const draftId = newId('inv');
    const opened = await store.openInvitation({
      id: draftId,
      accountId: accountId.value,
      at: now(),
      entry: {
        event: 'invitation_requested',
        employeeType: request.employeeType,
        actor,
        cause: { kind: 'command', name: 'invite' },
      },
      ...request,
    });
    if (opened.kind === 'conflict') {
      const reason = { code: 'already_invited' } as const;
      return { kind: 'conflict', reason, invitationId: opened.invitation.id };
    }
    if (opened.kind === 'repeat') return answerFromLog(opened.invitation);
    const id = opened.kind === 'reopened' ? opened.id : draftId;
    const knownUserId = known?.kind === 'ok' ? known.value.id : null;
    return { kind: 'opened', id, request, knownUserId };
  }

  function trouble(
    fault: PortalFault,
    unsettledId: string | null = null,
  ): Extract<InviteResult, { kind: 'trouble' }> {
    return { kind: 'trouble', fault, retryAt: client.backoffUntil(), unsettledId };
  }

  /** @param together the answer to one request for several people; null: not asked yet */
  async function issue(
    { id, request, knownUserId }: OpenedRequest,
    together: InviteAnswer<null> | null,
  ): Promise<InviteResult> {
    const answer = await ask(request, knownUserId, together);
    switch (answer.kind) {
      case 'done': {
        const userId = answer.value.userId ?? knownUserId;
        await settle(id, { kind: 'issued', link: answer.value.link, userId }, asked);
        if (userId !== null) await checkAgain(userId, id);
        return { kind: 'issued', invitation: await reread(id) };
      }
      case 'refused':
        await settle(id, { kind: 'failed', reason: answer.reason }, asked);
        return { kind: 'refused', reason: answer.reason, invitation: await reread(id) };
      case 'trouble':
        await settle(id, { kind: 'failed', reason: answer.fault }, asked);
        return trouble(answer.fault);
      case 'unknown': {
        const text = reasonText(answer.fault);
        log.warn({ invitation: id }, `the invitation may or may not have been made: ${text}`);
        return trouble(answer.fault, id);
      }
      default:
        return answer satisfies never;
    }
  }

  async function ask(
    request: InvitationRequest,
    knownUserId: string | null,
    together: InviteAnswer<null> | null,
  ): Promise<IssueAnswer> {
    if (request.mode === 'link') {
      const link = await client.invitationLink(request.employeeType);
      return link.kind === 'done' ? issued(link.value, null) : link;
    }
    if (knownUserId !== null) {
      // POST people/invite mails nothing to a user that the portal knows (docs/docspace-wire.md 4).
      const again = await client.remailInvitation(knownUserId);
      return again.kind === 'done' ? issued(null, knownUserId) : again;
    }
    if (together?.kind === 'trouble') return together;
    const email = request.email ?? '';
    return (
      (together && (await readBack(email, together))) ??
      inviteAndReadBack(email, request.employeeType)
    );
  }

  /**
   * One bad address can fail a request after the people before it were invited, so each is read back.
   * Anyone not found is invited individually; this cannot send a second letter.
   * @returns null for a person who is to be invited individually
   */
  async function readBack(
    email: string,
    together: InviteAnswer<null>,
  ): Promise<IssueAnswer | null> {
    const found = await client.employeeByEmail(email);
    if (found.kind === 'ok') return issued(null, found.value.id);
    return together.kind === 'done' ? issued(null, null) : null;
  }

  /** The portal's answer names nobody, so the new user is read back (docs/docspace-wire.md 4). */
  async function inviteAndReadBack(
    email: string,
    employeeType: EmployeeType,
  ): Promise<IssueAnswer> {
    const answer = await client.inviteByEmail(email, employeeType);
    if (answer.kind !== 'done' && answer.kind !== 'unknown') return answer;
    const found = await client.employeeByEmail(email);
    if (found.kind === 'ok') return issued(null, found.value.id);
    if (answer.kind === 'done') return issued(null, null);
    return found.kind === 'missing' ? { kind: 'trouble', fault: answer.fault } : answer;
  }

  async function settle(id: string, result: InvitationResult, cause: Cause): Promise<void> {
    const source = { actor: service, cause };
    const entry =
      result.kind === 'issued'
        ? ({ event: 'invitation_issued', ...source } as const)
        : ({ event: 'invitation_failed', reason: result.reason, ...source } as const);
    await store.settleInvitation({ id, result, at: now(), entry });
  }

  /** A member with the address of a new invitation is checked again. */
  async function checkAgain(userId: string, invitationId: string): Promise<void> {
    const cause = { kind: 'invitation', id: invitationId } as const;
    const facts = [{ kind: 'invited', invitationId, source: { actor: service, cause } } as const];
    await recorder.record({ userId, member: null, facts });
    deps.wake();
  }

  async function reread(id: string): Promise<Invitation> {
    const invitation = await store.invitation(id);
    if (!invitation) throw new Error(`invitation ${id} was just written and is not in the store`);
    return invitation;
  }

  async function settleIssuing(before: number): Promise<void> {
    const failed = { kind: 'failed', reason: { code: 'interrupted' } } as const;
    for (const { id, email, mode } of await store.issuingInvitations(before)) {
      if (mode === 'link' || email === null) {
        await settle(id, failed, { kind: 'restart' });
        continue;
      }
      const found = await client.employeeByEmail(email);
      if (found.kind === 'trouble' || found.kind === 'hidden') return;
      if (found.kind === 'missing') {
        await settle(id, failed, { kind: 'restart' });
        continue;
      }
      const userId = found.value.id;
      await settle(id, { kind: 'issued', link: null, userId }, { kind: 'restart' });
      await checkAgain(userId, id);
    }
  }

  return { invite, inviteTogether, settleIssuing };
}

const asked: Cause = { kind: 'portal_api' };

type OpenedRequest = {
  readonly kind: 'opened';
  readonly id: string;
  readonly request: InvitationRequest;
  /** The user id of an address that the portal knows already, as a user who is not active. */
  readonly knownUserId: string | null;
};

type IssueAnswer = InviteAnswer<{ readonly link: string | null; readonly userId: string | null }>;

function issued(link: string | null, userId: string | null): IssueAnswer {
  return { kind: 'done', value: { link, userId } };
}

/** The same request came before. */
function answerFromLog(invitation: Invitation): InviteResult {
  if (invitation.stage === 'issued') return { kind: 'issued', invitation };
  const reason = { code: 'invitation_issuing' } as const;
  return { kind: 'conflict', reason, invitationId: invitation.id };
}

/** Active and disabled users are not invited. A key that may not ask does not prevent inviting. */
function conflictOf(known: ReadResult<Employee>): CommandReason | null {
  if (known.kind !== 'ok') return null;
  const status = statusOf(known.value.status);
  if (status === 'terminated') return { code: 'user_disabled' };
  const isActive = status === 'active' && (known.value.activationStatus & 1) === 1;
  return isActive ? { code: 'already_user' } : null;
}
