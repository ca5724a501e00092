import pLimit from 'p-limit';
import { type Clock, sleepUntil } from '../clock.ts';
import type { ByEmail, PortalClient } from '../docspace/client.ts';
import type { InviteAnswer } from '../docspace/invitations.ts';
import { recipientOf } from '../docspace/schemas.ts';
import { switchedOff } from '../domain/invitation-permissions.ts';
import { mayInvite, pendingAsOther, type Recipient } from '../domain/invitation-recipient.ts';
import type { InvitationReason } from '../domain/reason.ts';
import type { EmployeeType } from '../domain/vocabulary.ts';
import type { SwitchesReader } from '../onboarding/invitation-switches.ts';

/** An invitation that is stored as `issuing`, and the request that it needs at the portal. */
export type Draft = Newcomer | PendingUser | (DraftBase & { readonly need: 'link' });
type DraftBase = {
  readonly id: string;
  readonly employeeType: EmployeeType;
  readonly email: string;
};
/** The portal does not know the address. */
type Newcomer = DraftBase & { readonly need: 'letter' };
/** The portal has a user with this address who has not registered yet: see `RecipientPlan`. */
type PendingUser = DraftBase & { readonly need: 'mail_again' | 'raise'; readonly userId: string };

export type IssueAnswer = InviteAnswer<{
  readonly link: string | null;
  readonly userId: string | null;
}>;
type Answers = Map<string, IssueAnswer>;

/**
 * How many addresses one request for e-mail invitations contains. The number is small, because one bad
 * address fails the rest of the request. It is not 1, because each request counts against the portal's
 * daily limit and is answered with the list of all pending users (docs/docspace-wire.md 4 and 10).
 */
export const addressesPerRequest = 20;
/** The pause before a person is read again: a request that was cut off may still run at the portal. */
const readBackPauseMs = 5_000;
const readsAtOnce = 8;
/** A read is repeated only if the portal asks for a wait that is not longer than this. */
const longestReadWaitMs = 15_000;
/** The most repetitions of one read. */
const mostReadWaits = 3;

export type PortalAsker = {
  /** Asks the portal for invitations. @returns an answer for each id */
  readonly ask: (drafts: readonly Draft[]) => Promise<Answers>;
  /**
   * Reads whether an e-mail invitation was made. With `twice`, it reads again after a pause if the first
   * read does not show the user.
   * @returns `done` or `refused` if the portal has the user; `unknown` if the user could not be read;
   *   null if the portal has no user with this address
   */
  readonly readBack: (
    sought: { readonly email: string; readonly employeeType: EmployeeType },
    twice: boolean,
  ) => Promise<IssueAnswer | null>;
};

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createPortalAsker(deps: {
  readonly client: Pick<
    PortalClient,
    | 'invitationLink'
    | 'inviteByEmail'
    | 'addressesAllowed'
    | 'employeeByEmail'
    | 'remailInvitations'
    | 'self'
    | 'backoffMs'
  >;
  readonly switches: SwitchesReader;
  readonly clock: Clock;
}): PortalAsker {
  const { client, clock } = deps;

  async function ask(drafts: readonly Draft[]): Promise<Answers> {
    const answers: Answers = new Map();
    const newcomers: Newcomer[] = [];
    const pending: PendingUser[] = [];
    if (drafts.length === 0) return answers;
    const switches = await deps.switches.read();
    for (const draft of drafts) {
      const reason = switchedOff(switches, draft.employeeType);
      if (reason) answers.set(draft.id, { kind: 'refused', reason });
      else if (draft.need === 'link') answers.set(draft.id, await askForLink(draft.employeeType));
      else if (draft.need === 'letter') newcomers.push(draft);
      else if (draft.need === 'mail_again') pending.push(draft);
      else {
        const hindrance = await raiseType(draft);
        if (hindrance) answers.set(draft.id, hindrance);
        else pending.push(draft);
      }
    }
    await askForLetters(newcomers, answers);
    await mailAgain(pending, answers);
    return answers;
  }

  async function askForLink(employeeType: EmployeeType): Promise<IssueAnswer> {
    const link = await client.invitationLink(employeeType);
    return link.kind === 'done' ? issued(link.value, null) : link;
  }

  async function askForLetters(newcomers: readonly Newcomer[], answers: Answers): Promise<void> {
    let rest = newcomers;
    while (rest.length > 0) {
      const batch = rest.slice(0, Math.min(addressesPerRequest, allowed()));
      const answer = await client.inviteByEmail(batch.map(asEntry));
      if (answer.kind === 'trouble' && batch.length > allowed()) continue;
      rest = rest.slice(batch.length);
      const pause = createPause();
      await pLimit(readsAtOnce).map(batch, async (newcomer) => {
        const isAlone = batch.length === 1;
        answers.set(newcomer.id, await letterAnswer({ newcomer, answer, isAlone, pause }));
      });
    }
  }

  /** @returns a function that waits once, however often it is called */
  function createPause(): () => Promise<void> {
    let pausing: Promise<void> | null = null;
    return () => {
      pausing ??= sleepUntil(clock, clock.now() + readBackPauseMs);
      return pausing;
    };
  }

  function allowed(): number {
    return client.addressesAllowed() ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Returns the answer for one person of a request. The portal's answer names nobody, and one bad
   * address can fail a request after the people before it were invited. So each person is read back
   * (docs/docspace-wire.md 4).
   * @param isAlone whether the request was for this person only
   * @param pause waits until the portal may be read again
   */
  async function letterAnswer(given: {
    readonly newcomer: Newcomer;
    readonly answer: InviteAnswer<null>;
    readonly isAlone: boolean;
    readonly pause: () => Promise<void>;
  }): Promise<IssueAnswer> {
    const { newcomer, answer, isAlone, pause } = given;
    if (answer.kind === 'trouble' && answer.fault.code !== 'portal_name_taken') return answer;
    if (answer.kind === 'refused' && (isAlone || !isAboutOne(answer.reason))) return answer;
    const seen = await readBack(newcomer, answer.kind === 'unknown' ? pause : null);
    if (seen !== null) return seen;
    switch (answer.kind) {
      case 'done':
        return notMade(newcomer.employeeType);
      case 'trouble':
        return answer;
      case 'unknown':
        // The read after the pause did not find the person either, so the request did not reach the
        // portal.
        return { kind: 'trouble', fault: answer.fault };
      case 'refused': {
        const alone = await client.inviteByEmail([asEntry(newcomer)]);
        return letterAnswer({ newcomer, answer: alone, isAlone: true, pause });
      }
      default:
        return answer satisfies never;
    }
  }

  /** @returns null if the portal has no user with this address */
  async function readBack(
    { email, employeeType }: Pick<DraftBase, 'email' | 'employeeType'>,
    pause: (() => Promise<void>) | null,
  ): Promise<IssueAnswer | null> {
    let found = await lookUp(email);
    if (pause && found.kind !== 'ok') {
      await pause();
      found = await lookUp(email);
    }
    switch (found.kind) {
      case 'ok':
        return answerOfRecipient(recipientOf(found.value), employeeType);
      case 'missing':
      case 'other':
        return null;
      case 'hidden':
        return { kind: 'unknown', fault: { code: 'portal_forbids' } };
      case 'trouble':
        return { kind: 'unknown', fault: found.fault };
      default:
        return found satisfies never;
    }
  }

  /** Reads a user. After a short wait that the portal asks for, reads again: the result is needed. */
  async function lookUp(email: string): Promise<ByEmail> {
    for (let waits = 0; ; waits += 1) {
      const found = await client.employeeByEmail(email);
      const waitMs = client.backoffMs('read');
      const isHeldBack = found.kind === 'trouble' && waitMs > 0 && waitMs <= longestReadWaitMs;
      if (!isHeldBack || waits === mostReadWaits) return found;
      await sleepUntil(clock, clock.now() + waitMs);
    }
  }

  /**
   * Asks the portal to raise the type of a pending user. The portal mails nothing for that.
   * @returns null if the user has the type now; otherwise the answer for the draft
   */
  async function raiseType(draft: PendingUser): Promise<IssueAnswer | null> {
    const answer = await client.inviteByEmail([asEntry(draft)]);
    if (answer.kind === 'trouble' || answer.kind === 'refused') return answer;
    const seen = (await readBack(draft, null)) ?? notMade(draft.employeeType);
    if (seen.kind === 'done') return null;
    // Nothing was mailed, so the request can be made again.
    return answer.kind === 'unknown' ? { kind: 'trouble', fault: answer.fault } : seen;
  }

  /**
   * Asks the portal to mail pending users again. The portal's answer also lists users to whom it mailed
   * nothing, so the rights of the account are checked first.
   */
  async function mailAgain(pending: readonly PendingUser[], answers: Answers): Promise<void> {
    if (pending.length === 0) return;
    const self = await client.self();
    if (self.kind !== 'ok') {
      const fault = self.kind === 'trouble' ? self.fault : ({ code: 'portal_forbids' } as const);
      for (const { id } of pending) answers.set(id, { kind: 'trouble', fault });
      return;
    }
    const mailed = pending.filter((draft) => mayInvite(self.value, draft.employeeType));
    for (const { id, employeeType } of pending) {
      answers.set(id, { kind: 'refused', reason: { code: 'type_not_allowed', employeeType } });
    }
    if (mailed.length === 0) return;
    const answer = await client.remailInvitations(mailed.map(({ userId }) => userId));
    for (const { id, userId } of mailed) {
      answers.set(id, answer.kind === 'done' ? issued(null, userId) : answer);
    }
  }

  return { ask, readBack: (sought, twice) => readBack(sought, twice ? createPause() : null) };
}

function issued(link: string | null, userId: string | null): IssueAnswer {
  return { kind: 'done', value: { link, userId } };
}

function notMade(employeeType: EmployeeType): IssueAnswer {
  return { kind: 'refused', reason: { code: 'invitation_not_made', employeeType } };
}

function asEntry({ email, employeeType }: DraftBase) {
  return { email, type: employeeType };
}

/** Whether the request may have failed because of one address, perhaps that of another person. */
function isAboutOne({ code }: InvitationReason): boolean {
  return code === 'address_not_accepted' || code === 'no_seat_left';
}

/** Refused if the user is pending with another type: the portal did not grant the requested type. */
function answerOfRecipient(recipient: Recipient, type: EmployeeType): IssueAnswer {
  const { userId, employeeType: pending, standing } = recipient;
  const differs = standing === 'pending' && pending !== null && pending !== type;
  return differs
    ? { kind: 'refused', reason: pendingAsOther(pending, type) }
    : issued(null, userId);
}
