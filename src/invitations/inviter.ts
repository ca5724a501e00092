import type { Read } from '../docspace/classify.ts';
import type { PortalClient } from '../docspace/client.ts';
import type { Invited } from '../docspace/invitations.ts';
import { type Employee, statusOf } from '../docspace/schemas.ts';
import type { Actor } from '../domain/facts.ts';
import type { Invitation } from '../domain/invitation.ts';
import type { EmployeeType, InvitationMode } from '../domain/vocabulary.ts';
import type { NewId } from '../ids.ts';
import type { Log } from '../log.ts';
import type { Recorder } from '../onboarding/recorder.ts';
import type { InvitationResult, Store } from '../store/store.ts';

export type InvitationRequest = {
  readonly employeeType: EmployeeType;
  readonly mode: InvitationMode;
  readonly email: string | null;
  readonly note: string | null;
  /** The caller's own key: the same wish again is answered from the log (see `NewInvitation`). */
  readonly importKey?: string | null;
};

/** What inviting came to. Only `issued` gives the person something to come by. */
export type InviteResult =
  | { readonly kind: 'issued'; readonly invitation: Invitation }
  /** Nothing was written: the address is already somebody's, or already invited. */
  | { readonly kind: 'conflict'; readonly reason: string; readonly invitationId: string | null }
  /** The portal said no; the invitation is in the log as `failed`. */
  | { readonly kind: 'refused'; readonly reason: string; readonly invitation: Invitation }
  /** The portal cannot be asked now; nothing was issued. `retryAt`: UTC ms, when it says so. */
  | { readonly kind: 'trouble'; readonly reason: string; readonly retryAt: number | null };

/** Why an address is not invited, as `conflict` says it. */
export const obstacles = {
  invited: 'already invited',
  user: 'already a user',
  disabled: 'disabled in the portal: enable this user there',
} as const;

export type Inviter = {
  /** Issues one invitation: logged before the portal is asked, settled after. */
  readonly invite: (request: InvitationRequest, actor: Actor) => Promise<InviteResult>;
  /** The same for a few that the portal mails, asked for in one request; results in their order. */
  readonly inviteTogether: (
    requests: readonly InvitationRequest[],
    actor: Actor,
  ) => Promise<InviteResult[]>;
  /** Settles what a crash or a silent portal left `issuing`, if it began before `before` (UTC ms). */
  readonly settleIssuing: (before: number) => Promise<void>;
};

export function createInviter(options: {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly client: PortalClient;
  readonly newId: NewId;
  readonly now: () => number;
  readonly log: Log;
  /** Somebody may have become due. */
  readonly nudge: () => void;
}): Inviter {
  const { store, recorder, client, newId, now, log } = options;

  async function invite(request: InvitationRequest, actor: Actor): Promise<InviteResult> {
    const opened = await open(request, actor);
    return opened.kind === 'opened' ? issue(opened, null) : opened;
  }

  async function inviteTogether(
    requests: readonly InvitationRequest[],
    actor: Actor,
  ): Promise<InviteResult[]> {
    const opened = await Promise.all(requests.map((request) => open(request, actor)));
    const strangers = opened.flatMap((one) =>
      one.kind === 'opened' && one.knownUserId === null
        ? [{ email: one.request.email ?? '', type: one.request.employeeType }]
        : [],
    );
    const asked = strangers.length < 2 ? null : await client.inviteManyByEmail(strangers);
    return Promise.all(opened.map((one) => (one.kind === 'opened' ? issue(one, asked) : one)));
  }

  /** Logs the invitation before the portal is asked, unless something stands against it. */
  async function open(
    request: InvitationRequest,
    actor: Actor,
  ): Promise<OpenedForAsking | InviteResult> {
    const before = await store.imported(
      { importKey: request.importKey ?? null, email: request.email },
      now(),
    );
    if (before) return repeated(before);
    const known = request.email === null ? null : await client.employeeByEmail(request.email);
    const obstacle = known && obstacleIn(known);
    if (obstacle?.kind === 'trouble') return trouble(obstacle.reason);
    if (obstacle) return obstacle;
    // What cannot be asked for now need not be in the log as failed.
    if (client.closedForMs() > 0) return trouble('the portal asked to be left alone for a while');

    const draftId = newId('inv');
    const entry = { what: 'issuing', cause: 'invitation asked for', actor };
    const opened = await store.openInvitation({ id: draftId, at: now(), entry, ...request });
    if (opened.kind === 'conflict') {
      return { kind: 'conflict', reason: obstacles.invited, invitationId: opened.invitation.id };
    }
    if (opened.kind === 'repeat') return repeated(opened.invitation);
    const id = opened.kind === 'reopened' ? opened.id : draftId;
    return {
      kind: 'opened',
      id,
      request,
      knownUserId: known?.kind === 'ok' ? known.value.id : null,
    };
  }

  /** The gate says when: what was asked for so far is not lost. */
  function trouble(reason: string): Extract<InviteResult, { kind: 'trouble' }> {
    return { kind: 'trouble', reason, retryAt: client.askedUntil() };
  }

  /** @param together what asking for it in one request with others came to; null: not asked yet */
  async function issue(
    { id, request, knownUserId }: OpenedForAsking,
    together: Invited<null> | null,
  ): Promise<InviteResult> {
    const asked = await ask(request, knownUserId, together);
    switch (asked.kind) {
      case 'done': {
        const given = asked.value;
        const userId = given.userId ?? knownUserId;
        await settle(id, { kind: 'issued', link: given.link, userId }, 'portal answered');
        if (userId !== null) await judgeAgain(userId, id);
        return { kind: 'issued', invitation: await reread(id) };
      }
      case 'refused':
        await settle(id, { kind: 'failed', reason: asked.reason }, 'portal refused');
        return { kind: 'refused', reason: asked.reason, invitation: await reread(id) };
      case 'trouble':
        await settle(id, { kind: 'failed', reason: asked.detail }, 'portal could not be asked');
        return trouble(asked.detail);
      case 'unknown':
        log.warn({ invitation: id }, `the invitation may or may not be mailed: ${asked.detail}`);
        return trouble(
          `${asked.detail}: invitation ${id} stays "issuing" until the portal can be read`,
        );
      default:
        return asked satisfies never;
    }
  }

  async function ask(
    request: InvitationRequest,
    knownUserId: string | null,
    together: Invited<null> | null,
  ): Promise<Given> {
    if (request.mode === 'email' && knownUserId !== null) {
      // Whom the portal knows already gets no letter by POST people/invite (wire 4): mail it again.
      const again = await client.remailInvitation(knownUserId);
      return again.kind === 'done' ? given({ link: null, userId: knownUserId }) : again;
    }
    if (request.mode === 'email') {
      if (together?.kind === 'trouble') return together;
      return (
        (together && (await readBack(request.email ?? '', together))) ??
        inviteAndReadBack(request.email ?? '', request.employeeType)
      );
    }
    const link = await client.invitationLink(request.employeeType);
    return link.kind === 'done' ? given({ link: link.value, userId: null }) : link;
  }

  /**
   * One bad address can fail a request for many after those before it were invited (wire 4), so each
   * is looked for. Who is not there is asked for alone: nobody gets a second letter by that.
   * @returns null for who is to be asked for alone
   */
  async function readBack(email: string, together: Invited<null>): Promise<Given | null> {
    const back = await client.employeeByEmail(email);
    if (back.kind === 'ok') return given({ link: null, userId: back.value.id });
    return together.kind === 'done' ? given({ link: null, userId: null }) : null;
  }

  /** The answer of the portal names nobody, so the new user is read back by e-mail (wire 4). */
  async function inviteAndReadBack(email: string, employeeType: EmployeeType): Promise<Given> {
    const asked = await client.inviteByEmail(email, employeeType);
    if (asked.kind !== 'done' && asked.kind !== 'unknown') return asked;
    const back = await client.employeeByEmail(email);
    if (back.kind === 'ok') return given({ link: null, userId: back.value.id });
    if (asked.kind === 'done') return given({ link: null, userId: null });
    return back.kind === 'missing' ? { kind: 'trouble', detail: asked.detail } : asked;
  }

  async function settle(id: string, result: InvitationResult, cause: string): Promise<void> {
    const what = result.kind === 'issued' ? 'issued' : `failed: ${result.reason}`;
    await store.settleInvitation({
      id,
      result,
      at: now(),
      entry: { what, cause, actor: 'service' },
    });
  }

  /** A new invitation judges a skipped member with its address again. */
  async function judgeAgain(userId: string, invitationId: string): Promise<void> {
    const source = { actor: 'service', cause: `invitation ${invitationId}` } as const;
    const facts = [{ kind: 'invited', invitationId, source } as const];
    await recorder.record({ userId, member: null, facts });
    options.nudge();
  }

  async function reread(id: string): Promise<Invitation> {
    const invitation = await store.invitation(id);
    if (!invitation) throw new Error(`invitation ${id} was just written and is not in the store`);
    return invitation;
  }

  async function settleIssuing(before: number): Promise<void> {
    for (const invitation of await store.issuingInvitations(before)) {
      const { id, email, mode } = invitation;
      const interrupted = 'interrupted before the portal answered: invite again';
      if (mode === 'link' || email === null) {
        await settle(id, { kind: 'failed', reason: interrupted }, 'found after an interruption');
        continue;
      }
      const back = await client.employeeByEmail(email);
      if (back.kind === 'trouble' || back.kind === 'hidden') return;
      const result: InvitationResult =
        back.kind === 'ok'
          ? { kind: 'issued', link: null, userId: back.value.id }
          : { kind: 'failed', reason: interrupted };
      await settle(id, result, 'read back from the portal');
      if (back.kind === 'ok') await judgeAgain(back.value.id, id);
    }
  }

  return { invite, inviteTogether, settleIssuing };
}

type OpenedForAsking = {
  readonly kind: 'opened';
  readonly id: string;
  readonly request: InvitationRequest;
  /** Of an address that the portal knows already, as a user who is not active. */
  readonly knownUserId: string | null;
};

/** The same wish came before: the log answers. */
function repeated(invitation: Invitation): InviteResult {
  if (invitation.stage === 'issued') return { kind: 'issued', invitation };
  return { kind: 'conflict', reason: 'the portal is being asked', invitationId: invitation.id };
}

type Way = { readonly link: string | null; readonly userId: string | null };
type Given = Invited<Way>;

function given(value: Way): Given {
  return { kind: 'done', value };
}

/** Who is active or disabled is not invited. A key that may not ask: go on (design: "Invitations"). */
function obstacleIn(known: Read<Employee>): InviteResult | null {
  if (known.kind === 'trouble') return { kind: 'trouble', reason: known.detail, retryAt: null };
  if (known.kind !== 'ok') return null;
  const status = statusOf(known.value.status);
  if (status === 'terminated') {
    return {
      kind: 'conflict',
      reason: obstacles.disabled,
      invitationId: null,
    };
  }
  const isActive = status === 'active' && (known.value.activationStatus & 1) === 1;
  return isActive ? { kind: 'conflict', reason: obstacles.user, invitationId: null } : null;
}
