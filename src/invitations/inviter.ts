import pLimit from 'p-limit';
import type { Clock } from '../clock.ts';
import type { CallKind } from '../docspace/backoff.ts';
import type { PortalClient } from '../docspace/client.ts';
import { permissionToRead } from '../docspace/invitations.ts';
import type { Invitation } from '../domain/invitation.ts';
import { linkNoticeOf } from '../domain/invitation-link.ts';
import type {
  CommandReason,
  InvitationNotice,
  InvitationReason,
  PortalFault,
} from '../domain/reason.ts';
import { type Actor, type Cause, service } from '../domain/timeline.ts';
import type { EmployeeType, InvitationMode } from '../domain/vocabulary.ts';
import type { NewId } from '../ids.ts';
import type { Log } from '../log.ts';
import { reasonText } from '../messages/render.ts';
import type { Account } from '../onboarding/account.ts';
import type { SwitchesReader } from '../onboarding/invitation-switches.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { InvitationResult, Store } from '../store/store.ts';
import { createPortalAsker, type Draft, type IssueAnswer } from './ask-portal.ts';
import { formerAddressConflict, judgeLookUp } from './look-up.ts';

export type InvitationRequest = {
  readonly employeeType: EmployeeType;
  readonly mode: InvitationMode;
  readonly email: string | null;
  readonly note: string | null;
  /** The language for letters, such as `pt-BR`. */
  readonly language?: string | null;
  /** The caller's own key. A repeated request is answered with the stored invitation. */
  readonly idempotencyKey?: string | null;
};

/** The result of inviting. The person can join only if the result is `issued`. */
export type InviteResult =
  | {
      readonly kind: 'issued';
      readonly invitation: Invitation;
      /** Why the person may be unable to open the link. Null if nothing is wrong with the link. */
      readonly notice: InvitationNotice | null;
    }
  /**
   * Nobody was invited, for example because of an existing invitation or user. `invitationId`: the id of
   * the existing invitation, or of the new one, which is stored as `failed`. Null if there is neither.
   */
  | {
      readonly kind: 'conflict';
      readonly reason: CommandReason;
      readonly invitationId: string | null;
    }
  /** The portal refused. The invitation is stored as `failed`. */
  | {
      readonly kind: 'refused';
      readonly reason: InvitationReason;
      readonly invitation: Invitation;
    }
  /** The mode is `smtp`, but no mail server is set up. Nothing was stored. */
  | { readonly kind: 'mail_not_configured' }
  /**
   * The portal gives no usable answer now. `retryAt`: when to try again (UTC ms), if the portal says so.
   * `unsettledId`: the invitation that stays `issuing` until the portal can be read, because it may have
   * been made.
   */
  | {
      readonly kind: 'trouble';
      readonly fault: PortalFault;
      readonly retryAt: number | null;
      readonly unsettledId: string | null;
    };

export type Inviter = {
  /** Issues one invitation: stores it, asks the portal, and settles it after the answer. */
  readonly invite: (request: InvitationRequest, actor: Actor) => Promise<InviteResult>;
  /**
   * Issues several invitations, with few portal requests for e-mail invitations.
   * @returns the results in the order of the requests
   */
  readonly inviteTogether: (
    requests: readonly InvitationRequest[],
    actor: Actor,
  ) => Promise<InviteResult[]>;
  /** Settles interrupted invitations that became `issuing` before this time (UTC ms). */
  readonly settleIssuing: (before: number) => Promise<void>;
};

/** How many reads of the portal one batch makes at a time. The client also limits all its requests. */
const readsAtOnce = 8;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createInviter(deps: {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly client: PortalClient;
  readonly account: Pick<Account, 'id'>;
  readonly switches: SwitchesReader;
  readonly newId: NewId;
  readonly clock: Clock;
  readonly log: Log;
  /** `DOCSPACE_URL`: links are compared with it. */
  readonly portalOrigin: string;
  /** Whether this service can mail letters. */
  readonly canMail: boolean;
  /** Called when a member or a letter may have become due. */
  readonly wake: () => void;
}): Inviter {
  const { store, recorder, client, newId, clock, log } = deps;
  const { now } = clock;
  const portal = createPortalAsker({ client, switches: deps.switches, clock });
  /** The ids of the invitations for which this process is asking the portal right now. */
  const inFlight = new Set<string>();
  const hostsWarnedOf = new Set<string>();

  async function invite(request: InvitationRequest, actor: Actor): Promise<InviteResult> {
    const [result] = await inviteTogether([request], actor);
    if (!result) throw new Error('an invitation was not answered');
    return result;
  }

  async function inviteTogether(
    requests: readonly InvitationRequest[],
    actor: Actor,
  ): Promise<InviteResult[]> {
    const limit = pLimit(readsAtOnce);
    const opened = await limit.map(requests, (request) => open(request, actor));
    const drafts = opened.flatMap((one) => (one.kind === 'opened' ? [one.draft] : []));
    try {
      const answers = await portal.ask(drafts);
      return await Promise.all(
        opened.map(async (one) => {
          if (one.kind !== 'opened') return one;
          const answer = answers.get(one.draft.id);
          if (!answer) throw new Error(`invitation ${one.draft.id} was not asked for`);
          return conclude(one.draft, answer);
        }),
      );
    } finally {
      for (const { id } of drafts) inFlight.delete(id);
    }
  }

  /** Stores the invitation before the portal is asked, unless a rule forbids the invitation. */
  async function open(request: InvitationRequest, actor: Actor): Promise<Opened | InviteResult> {
    const { email, mode } = request;
    const before = await store.findByIdempotencyKey(
      { idempotencyKey: request.idempotencyKey ?? null, email },
      now(),
    );
    const answered = before && (await answerFromLog(before));
    if (answered) return answered;
    if (mode === 'smtp' && !deps.canMail) return { kind: 'mail_not_configured' };
    const accountId = await deps.account.id();
    if (accountId.kind === 'trouble') return unreadable(accountId.fault);
    const found = email === null ? null : await client.employeeByEmail(email);
    if (found?.kind === 'trouble') return unreadable(found.fault);
    const lookUp = found && judgeLookUp(found, request);
    if (lookUp?.kind === 'forbidden') return conflict(lookUp.reason);
    const isUnknown = email !== null && lookUp?.kind === 'nobody';
    const former = isUnknown ? await formerAddressConflict(store, email) : null;
    if (former) return conflict(former);
    // While the portal asks to wait, a stored invitation could only fail.
    const callKind = mode === 'email' ? 'sensitive' : 'read';
    if (client.backoffMs(callKind) > 0) return trouble({ code: 'portal_rate_limited' }, callKind);
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
      return conflict({ code: 'already_invited' }, opened.invitation.id);
    }
    if (opened.kind === 'repeat') {
      return (await answerFromLog(opened.invitation)) ?? open(request, actor);
    }
    const id = opened.kind === 'reopened' ? opened.id : draftId;
    inFlight.add(id);
    const { employeeType } = request;
    const at = { id, employeeType, email: email ?? '' };
    if (mode !== 'email') return { kind: 'opened', draft: { ...at, need: 'link' } };
    if (lookUp?.kind !== 'pending') return { kind: 'opened', draft: { ...at, need: 'letter' } };
    const { need, userId } = lookUp;
    return { kind: 'opened', draft: { ...at, need, userId } };
  }

  /**
   * Returns the result if the portal could not be read. With a key that may not read people, nobody
   * could be checked and welcomed later, so nobody is invited.
   */
  function unreadable(fault: PortalFault): InviteResult {
    return fault.code === 'portal_permission_missing'
      ? conflict({ code: 'permission_missing', permission: permissionToRead })
      : trouble(fault, 'read');
  }

  function trouble(
    fault: PortalFault,
    callKind: CallKind,
    unsettledId: string | null = null,
  ): InviteResult {
    const retryAt = client.backoffUntil(callKind);
    return { kind: 'trouble', fault, retryAt, unsettledId };
  }

  async function conclude({ id, need }: Draft, answer: IssueAnswer): Promise<InviteResult> {
    switch (answer.kind) {
      case 'done': {
        const { userId, link } = answer.value;
        await settle(id, { kind: 'issued', link, userId }, asked);
        if (userId !== null) await checkAgain(userId, id);
        const issued = await reread(id);
        if (issued.letter === 'pending') deps.wake();
        return issuedResult(issued);
      }
      case 'refused': {
        const { reason } = answer;
        await settle(id, { kind: 'failed', reason }, asked);
        if (reason.code === 'pending_as_other_type') return conflict(reason, id);
        return { kind: 'refused', reason, invitation: await reread(id) };
      }
      case 'trouble': {
        await settle(id, { kind: 'failed', reason: answer.fault }, asked);
        return trouble(answer.fault, need === 'link' ? 'read' : 'sensitive');
      }
      case 'unknown': {
        const text = reasonText(answer.fault);
        log.warn({ invitation: id }, `the invitation may or may not have been made: ${text}`);
        return trouble(answer.fault, 'sensitive', id);
      }
      default:
        return answer satisfies never;
    }
  }

  function issuedResult(invitation: Invitation): InviteResult {
    const notice = linkNoticeOf(invitation.link, deps.portalOrigin);
    if (notice && !hostsWarnedOf.has(notice.host)) {
      hostsWarnedOf.add(notice.host);
      log.warn({}, reasonText(notice));
    }
    return { kind: 'issued', invitation, notice };
  }

  /**
   * Answers a repeated request with the stored invitation. An interrupted invitation is settled first.
   * @returns null if the invitation failed and may be issued again
   */
  async function answerFromLog(invitation: Invitation): Promise<InviteResult | null> {
    if (invitation.stage === 'issued') return issuedResult(invitation);
    if (invitation.stage === 'failed') return null;
    const { id } = invitation;
    if (inFlight.has(id) || !(await settleOne(invitation, true))) {
      return conflict({ code: 'invitation_issuing' }, id);
    }
    return answerFromLog(await reread(id));
  }

  async function settle(id: string, result: InvitationResult, cause: Cause): Promise<void> {
    const source = { actor: service, cause };
    const entry =
      result.kind === 'issued'
        ? ({ event: 'invitation_issued', ...source } as const)
        : ({ event: 'invitation_failed', reason: result.reason, ...source } as const);
    await store.settleInvitation({ id, result, at: now(), entry });
  }

  /** Makes the member due, because there is a new invitation for this person. */
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
    for (const invitation of await store.issuingInvitations(before)) {
      if (!inFlight.has(invitation.id) && !(await settleOne(invitation, false))) return;
    }
  }

  /**
   * @returns false if the invitation stays `issuing`, because the portal cannot be read, or because a
   *   new request for the invitation is in progress
   */
  async function settleOne(invitation: Invitation, twice: boolean): Promise<boolean> {
    const { id, email, mode, employeeType } = invitation;
    const restart: Cause = { kind: 'restart' };
    const isMailed = mode === 'email' && email !== null;
    const seen = isMailed ? await portal.readBack({ email, employeeType }, twice) : null;
    // The invitation may have been requested again during the read.
    if (seen?.kind === 'unknown' || inFlight.has(id)) return false;
    if (seen?.kind !== 'done') {
      const reason = seen?.kind === 'refused' ? seen.reason : ({ code: 'interrupted' } as const);
      await settle(id, { kind: 'failed', reason }, restart);
      return true;
    }
    const { userId } = seen.value;
    await settle(id, { kind: 'issued', link: null, userId }, restart);
    if (userId !== null) await checkAgain(userId, id);
    return true;
  }

  return { invite, inviteTogether, settleIssuing };
}

const asked: Cause = { kind: 'portal_api' };

/** The invitation is stored, and the portal must be asked for it. */
type Opened = { readonly kind: 'opened'; readonly draft: Draft };

function conflict(reason: CommandReason, invitationId: string | null = null): InviteResult {
  return { kind: 'conflict', reason, invitationId };
}
