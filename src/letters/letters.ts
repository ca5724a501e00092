import type { ComposeInvitation, Mailer } from '../channels/mail.ts';
import { type Clock, sleepUntil } from '../clock.ts';
import type { PortalClient } from '../docspace/client.ts';
import { attemptLeaseMs, isTooLate, notSentTooLate } from '../domain/attempt-limits.ts';
import {
  channelProbeAfterMs,
  countRefusals,
  isTooMany,
  type Refusals,
} from '../domain/circuit-breaker.ts';
import { type LetterCase, nextLetter } from '../domain/decide-letter.ts';
import { expiresAt, type Invitation, isLinkLasting } from '../domain/invitation.ts';
import { switchedOff } from '../domain/invitation-permissions.ts';
import type { Outcome, OutcomeKind } from '../domain/outcome.ts';
import type { CommandReason, InvitationReason } from '../domain/reason.ts';
import { confirmationLifetimeMs, portalTroubleWaitMs } from '../domain/retry-policy.ts';
import type { LetterKind } from '../domain/vocabulary.ts';
import type { NewId } from '../ids.ts';
import { judgeLookUp } from '../invitations/look-up.ts';
import type { Log } from '../log.ts';
import { reasonText } from '../messages/render.ts';
import type { SwitchesReader } from '../onboarding/invitation-switches.ts';
import type { PauseName, Pauses } from '../onboarding/pauses.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';

/** Mails invitations in mode `smtp`, and their reminders. */
export type Letters = {
  readonly start: () => Promise<void>;
  /** Mails the letters that are due. Call it when a letter may be due. */
  readonly wake: () => void;
  /** Begins no further letter. Waits for letters in progress, but only until `deadlineAt` (UTC ms). */
  readonly drain: (deadlineAt: number) => Promise<void>;
  /** Records the outcomes that came after `drain`. Call it after the mailer was closed. */
  readonly stop: () => Promise<void>;
};

type LettersDeps = {
  readonly store: Pick<
    Store,
    | 'dueLetters'
    | 'nextLetterAt'
    | 'beginLetter'
    | 'endLetter'
    | 'leftLetters'
    | 'postponeLetter'
    | 'withholdLetter'
    | 'reviewReminders'
    | 'getValue'
    | 'setValue'
  >;
  readonly client: Pick<PortalClient, 'employeeByEmail' | 'invitationLink' | 'backoffMs'>;
  readonly switches: SwitchesReader;
  readonly mailer: Pick<Mailer, 'send'>;
  readonly compose: ComposeInvitation;
  readonly pauses: Pick<Pauses, 'current'>;
  /** `INVITE_REMIND_AFTER`, the shortest time first. */
  readonly remindAfterMs: readonly number[];
  /** How many letters may be in progress at the same time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  /** Called after each try to mail a letter. */
  readonly onEnded: (kind: LetterKind, outcome: OutcomeKind) => void;
};

/** How often to check whether a pause has ended. */
const pausePollMs = 5_000;
/** After an error, nothing is tried for this time. */
const errorWaitMs = 1_000;
/** If the portal does not allow such an invitation now, its letter is tried again after this time. */
const refusedWaitMs = 3_600_000;
/**
 * In these pauses, no letter is mailed. `hourly` is not one of them: that limit counts only welcomes.
 */
const holdingPauses: readonly PauseName[] = [
  'operator',
  'restored',
  'account_used',
  'channel:smtp',
];

type Ended = { readonly attemptId: string; readonly outcome: Outcome; readonly at: number };
type DueLetter = { readonly letter: LetterKind; readonly number: number };

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
export function createLetters(deps: LettersDeps): Letters {
  const { store, client, clock, log, remindAfterMs } = deps;
  const tasks = new Map<string, Promise<void>>();
  /** Outcomes that are not committed yet. They are committed before the next letter is begun. */
  const unsaved = new Set<Ended>();
  /** The mail server's refusals and unknown outcomes in a row. Null: there are none. */
  let refusals: Refusals | null = null;
  /** No letter is begun before this time (a time of `clock.elapsed`). */
  let heldUntil = 0;
  let isStarted = false;
  let isStopping = false;
  let isWoken = false;
  let running: Promise<void> | null = null;
  let cancelTimer = () => {};

  function wake(): void {
    isWoken = true;
    if (!isStarted || isStopping) return;
    running ??= run().finally(() => {
      running = null;
      if (isWoken) wake();
    });
  }

  async function run(): Promise<void> {
    while (isWoken && !isStopping) {
      isWoken = false;
      cancelTimer();
      await turn().catch(failed);
    }
  }

  async function turn(): Promise<void> {
    const now = clock.now();
    const holdMs = heldUntil - clock.elapsed();
    if (holdMs > 0) return wakeAt(now + holdMs);
    await saveOutcomes();
    if (deps.pauses.current().some(({ name }) => holdingPauses.includes(name))) {
      return wakeAt(now + pausePollMs);
    }
    // After too many refusals, one letter tests whether the mail server accepts mails again.
    const isProbing = refusals !== null && isTooMany(refusals);
    const room = (isProbing ? 1 : deps.concurrency) - tasks.size;
    if (room <= 0) return;
    const found = await store.dueLetters({ now, limit: room + tasks.size });
    const due = found.filter(({ invitation }) => !tasks.has(invitation.id)).slice(0, room);
    for (const one of due) begin(one);
    if (due.length < room) wakeAt(await store.nextLetterAt(now));
  }

  function begin(one: LetterCase): void {
    const { id } = one.invitation;
    const task = perform(one)
      .catch(failed)
      .finally(() => {
        tasks.delete(id);
        wake();
      });
    tasks.set(id, task);
  }

  async function perform(one: LetterCase): Promise<void> {
    const { invitation } = one;
    const now = clock.now();
    const next = nextLetter(one, remindAfterMs, now);
    switch (next.kind) {
      case 'send':
        return mail(invitation, next);
      case 'wait':
        return store.postponeLetter(invitation.id, next.until);
      case 'lost': {
        const reason = { code: 'attempt_lease_expired' } as const;
        return record({ attemptId: next.attemptId, outcome: { kind: 'unknown', reason }, at: now });
      }
      case 'none':
        return store.withholdLetter(invitation.id, null, now);
      default:
        return next satisfies never;
    }
  }

  async function mail(invitation: Invitation, { letter, number }: DueLetter): Promise<void> {
    const { id, employeeType, language } = invitation;
    const ready = await prepare(invitation);
    if (ready.kind === 'later') return store.postponeLetter(id, ready.until);
    if (ready.kind === 'never') return store.withholdLetter(id, ready.reason, clock.now());
    if (isStopping) return;
    const attemptId = deps.newId('let');
    const at = clock.now();
    const attempt = { id: attemptId, kind: letter, number, leaseUntil: at + attemptLeaseMs };
    const { freshLink } = ready;
    const begun = await store.beginLetter({
      invitationId: id,
      attempt,
      freshLink,
      remindAfterMs,
      at,
    });
    if (begun === null) return;
    const until = expiresAt(begun);
    if (begun.email === null || begun.link === null || until === null) {
      throw new Error(`invitation ${id} has nothing to mail`);
    }
    const mail = deps.compose({
      invitationId: id,
      kind: letter,
      number,
      email: begun.email,
      employeeType,
      language,
      link: begun.link,
      expiresAt: until,
    });
    const outcome = isTooLate(attempt.leaseUntil, clock.now())
      ? notSentTooLate
      : await deps.mailer.send(mail);
    log.info(
      { invitation: id, attempt: attemptId, letter, outcome: outcome.kind },
      `letter: ${reasonText(outcome.reason)}`,
    );
    note(outcome, id);
    deps.onEnded(letter, outcome.kind);
    await record({ attemptId, outcome, at: clock.now() });
  }

  /** Checks in the portal whether a letter may be mailed, and gets a new link if one is needed. */
  async function prepare(
    invitation: Invitation,
  ): Promise<
    | { readonly kind: 'ready'; readonly freshLink: string | null }
    | { readonly kind: 'later'; readonly until: number }
    | { readonly kind: 'never'; readonly reason: CommandReason }
  > {
    const { email, employeeType, issuedAt } = invitation;
    const now = clock.now();
    // Before the link was issued, the address was looked up. Shortly after that, no new look-up is
    // needed.
    const isFresh = issuedAt !== null && Math.abs(now - issuedAt) < confirmationLifetimeMs;
    if (!isFresh && email !== null) {
      const found = await client.employeeByEmail(email);
      if (found.kind === 'trouble') return afterTrouble(now);
      const lookUp = judgeLookUp(found, invitation);
      if (lookUp.kind === 'forbidden') return { kind: 'never', reason: lookUp.reason };
    }
    const off = switchedOff(await deps.switches.read(), employeeType);
    if (off) return afterRefusal(invitation, off, now);
    if (isLinkLasting(invitation, now)) return { kind: 'ready', freshLink: null };
    const answer = await client.invitationLink(employeeType);
    switch (answer.kind) {
      case 'done':
        return { kind: 'ready', freshLink: answer.value };
      case 'refused':
        return afterRefusal(invitation, answer.reason, now);
      case 'trouble':
      case 'unknown':
        return afterTrouble(now);
      default:
        return answer satisfies never;
    }
  }

  function afterRefusal({ id }: Invitation, reason: InvitationReason, now: number) {
    log.warn({ invitation: id }, `a letter waits for an hour: ${reasonText(reason)}`);
    return { kind: 'later', until: now + refusedWaitMs } as const;
  }

  function afterTrouble(now: number) {
    const waitMs = Math.max(portalTroubleWaitMs, client.backoffMs('read'));
    return { kind: 'later', until: now + waitMs } as const;
  }

  /** Counts refusals. If the mail server seems to refuse everything, letters wait for a while. */
  function note(outcome: Outcome, invitationId: string): void {
    const counted = countRefusals(refusals, outcome, invitationId);
    const refusesAll = outcome.kind === 'not_sent' && outcome.pausesChannel === true;
    refusals = counted.refusals;
    if (!counted.pauses && !refusesAll) return;
    heldUntil = clock.elapsed() + channelProbeAfterMs;
    log.warn({}, `letters wait for a while: ${reasonText(outcome.reason)}`);
  }

  /** Commits an outcome. If that fails, the outcome is kept, and committed later. */
  async function record(ended: Ended): Promise<void> {
    unsaved.add(ended);
    await saveOutcomes();
  }

  async function saveOutcomes(): Promise<void> {
    for (const ended of [...unsaved]) {
      await store.endLetter({ ...ended, remindAfterMs });
      unsaved.delete(ended);
    }
  }

  function failed(error: unknown): void {
    const text =
      error instanceof StoreUnavailable
        ? 'a letter waits, because the database cannot be written'
        : 'a letter could not be mailed: it is tried again';
    log.error({ err: error }, text);
    heldUntil = Math.max(heldUntil, clock.elapsed() + errorWaitMs);
    isWoken = true;
  }

  function wakeAt(at: number | null): void {
    cancelTimer();
    if (at !== null && !isStopping) cancelTimer = clock.schedule(at, wake);
  }

  return {
    async start() {
      const reason = { code: 'service_died_during_attempt' } as const;
      for (const attemptId of await store.leftLetters()) {
        await record({ attemptId, outcome: { kind: 'unknown', reason }, at: clock.now() });
      }
      const remindAfter = remindAfterMs.join();
      if (((await store.getValue('remind_after')) ?? '') !== remindAfter) {
        await store.reviewReminders(clock.now());
        await store.setValue('remind_after', remindAfter);
      }
      isStarted = true;
      wake();
    },
    wake,
    async drain(deadlineAt) {
      isStopping = true;
      cancelTimer();
      await running;
      const deadline = new AbortController();
      const ended = Promise.all(tasks.values()).finally(() => deadline.abort());
      await Promise.race([ended, sleepUntil(clock, deadlineAt, deadline.signal)]);
    },
    async stop() {
      await Promise.all(tasks.values());
      await saveOutcomes().catch(failed);
    },
  };
}
