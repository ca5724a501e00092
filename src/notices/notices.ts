import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Mail, Mailbox, Mailer } from '../channels/mail.ts';
import type { Templates } from '../channels/templates.ts';
import type { Clock } from '../clock.ts';
import {
  type DigestRhythm,
  decideDigest,
  decideNotice,
  type NoticeKind,
  nothingTold,
  noticeIntervalMs,
} from '../domain/decide-notice.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import { nextTryInMs } from '../domain/retry-policy.ts';
import { normaliseEmail } from '../domain/vocabulary.ts';
import type { Health, HealthCode } from '../health.ts';
import type { NewId } from '../ids.ts';
import type { Log } from '../log.ts';
import { reasonText } from '../messages/render.ts';
import type { FirstStart } from '../onboarding/first-start.ts';
import type { Pauses } from '../onboarding/pauses.ts';
import type { KeyExpiry } from '../reconciliation/key-expiry.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import { type Cause, type Causes, createCauses, storeKey } from './causes.ts';
import { type ComposeNotice, createComposeNotice } from './compose.ts';
import { readDigest } from './digest.ts';

/** Tells the admins by mail what needs attention, and sends the digest. */
export type Notices = {
  readonly start: () => void;
  /** Starts no further mail, and waits for a mail in progress. To end that mail, close the mailer. */
  readonly stop: () => Promise<void>;
};

type NoticesDeps = {
  readonly settings: {
    readonly NOTIFY_EMAIL: readonly Mailbox[];
    readonly NOTIFY_DIGEST: DigestRhythm | 'off';
    readonly WELCOME_FROM: Mailbox;
    readonly WELCOME_LANGUAGE: string;
    readonly DOCSPACE_URL: string;
    readonly PUBLIC_URL: string | null;
  };
  readonly templates: Pick<Templates, 'page'>;
  readonly mailer: Pick<Mailer, 'send'>;
  readonly store: Pick<
    Store,
    'getValue' | 'setValue' | 'listMembers' | 'listInvitations' | 'membersByEvent'
  >;
  readonly pauses: Pick<Pauses, 'current'>;
  readonly keyExpiry: Pick<KeyExpiry, 'expiresAt' | 'isSoon'>;
  readonly firstStart: Pick<FirstStart, 'at'>;
  readonly health: Pick<Health, 'report' | 'set'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly onEnded: (kind: NoticeKind, outcome: OutcomeKind) => void;
  /** Whether this replica leads. Only the leader sends notices. */
  readonly isLeader: () => boolean;
};

/** What one admin was told. It is committed before a mail is sent, if the database can be written. */
const stateSchema = z.object({
  causes: z.record(z.string(), z.number().nullable()),
  owesAllClear: z.boolean(),
  lastMailAt: z.number().nullable(),
  /** The end of the last period of the digest (UTC ms); null: there was none. */
  digestThrough: z.number().nullable(),
});
type State = z.infer<typeof stateSchema>;

const everyMs = 30_000;

export function createNotices(deps: NoticesDeps): Notices {
  const { settings, clock, log } = deps;
  const causes = createCauses({ ...deps, reads: deps.store });
  const compose = createComposeNotice({
    ...deps,
    from: settings.WELCOME_FROM,
    portalUrl: settings.DOCSPACE_URL,
    publicUrl: settings.PUBLIC_URL,
    language: settings.WELCOME_LANGUAGE,
  });
  let isStopping = false;
  let running: Promise<void> = Promise.resolve();
  let cancelTimer: () => void = () => {};
  const recipients = settings.NOTIFY_EMAIL.map((to) =>
    createRecipient({ ...deps, to, compose, isStopping: () => isStopping }),
  );

  async function run(): Promise<void> {
    if (!deps.isLeader()) {
      for (const recipient of recipients) recipient.reload();
      return;
    }
    const seen = await causes.read();
    await Promise.all(recipients.map((recipient) => recipient.update(seen)));
    const fault = recipients.map((recipient) => recipient.fault()).find((code) => code !== null);
    if (fault) deps.health.set('notices', 'warning', fault);
    else deps.health.set('notices', 'ok', 'notices_on');
  }

  function tick(): void {
    running = run()
      .catch((error) => {
        deps.health.set('notices', 'warning', 'notice_not_sent');
        log.error({ err: error }, 'the notices to the admin failed: they are tried again');
      })
      .finally(() => {
        if (!isStopping) cancelTimer = clock.schedule(clock.now() + everyMs, tick);
      });
  }

  return {
    start() {
      deps.health.set('notices', 'ok', 'notices_on');
      log.info(
        { recipients: recipients.length, digest: settings.NOTIFY_DIGEST },
        'notices go to NOTIFY_EMAIL',
      );
      tick();
    },
    async stop() {
      isStopping = true;
      cancelTimer();
      await running;
    },
  };
}

function isUnwritable(cause: Cause): boolean {
  // A damaged database can still be written.
  return cause.key === storeKey && cause.kind === 'health' && cause.code !== 'database_damaged';
}

type Seen = Awaited<ReturnType<Causes['read']>>;

/**
 * Creates the part that mails one admin. Each admin has a separate state, so that a refused address
 * delays nobody else.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions that share one state
function createRecipient(
  deps: NoticesDeps & {
    readonly to: Mailbox;
    readonly compose: ComposeNotice;
    readonly isStopping: () => boolean;
  },
) {
  const { to, compose, store, clock, log } = deps;
  // The address is not stored, so that `forget` has nothing to erase.
  const hash = createHash('sha256').update(normaliseEmail(to.address)).digest('hex');
  const key = `notices:${hash.slice(0, 16)}` as const;
  let state: State | null = null;
  let saved: string | null = null;
  let failures = 0;
  let nextTryAt = 0;
  let fault: HealthCode | null = null;

  async function load(): Promise<State> {
    saved = await store.getValue(key);
    const empty: State = { ...nothingTold, causes: {}, digestThrough: null };
    return saved === null ? empty : stateSchema.parse(JSON.parse(saved));
  }

  /**
   * Stores the state.
   * @returns false if the database cannot be written; then the state is kept in memory only
   */
  async function save(next: State): Promise<boolean> {
    state = next;
    const text = JSON.stringify(next);
    if (text === saved) return true;
    try {
      await store.setValue(key, text);
      saved = text;
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return false;
    }
  }

  /**
   * Commits the state `after`, then sends the mail. With `needsCommit`, nothing is sent if the commit
   * fails. After `not_sent` or `refused`, stores the state `before` again, so that the mail is sent
   * again later. After `unknown`, the state stays `after`: the mail may have arrived.
   */
  async function send(mail: {
    readonly kind: NoticeKind;
    readonly content: Mail;
    readonly before: State;
    readonly after: State;
    readonly needsCommit: boolean;
  }): Promise<void> {
    const { kind, before } = mail;
    if (deps.isStopping()) return;
    if (!(await save(mail.after)) && mail.needsCommit) {
      state = before;
      return;
    }
    const outcome = await deps.mailer.send(mail.content);
    deps.onEnded(kind, outcome.kind);
    if (outcome.kind === 'sent') {
      failures = 0;
      fault = null;
      log.info({ kind }, 'a notice was sent to an admin');
      return;
    }
    const why = reasonText(outcome.reason);
    if (outcome.kind === 'unknown') {
      fault = 'notice_unknown';
      log.warn({ kind }, `it is not known whether a notice to an admin arrived: ${why}`);
      return;
    }
    failures += 1;
    const waitMs = outcome.kind === 'refused' ? noticeIntervalMs : (outcome.waitMs ?? 0);
    nextTryAt = clock.now() + nextTryInMs(failures, Math.min(waitMs, noticeIntervalMs));
    fault = 'notice_not_sent';
    log.warn({ kind, failures }, `a notice to an admin was not sent: ${why}; it is tried again`);
    await save(before);
  }

  async function tell(known: State, { present, notKnown }: Seen): Promise<void> {
    const isStoreDown = present.some(isUnwritable);
    // While nothing can be committed, a mail names only the database problem, and again after a restart.
    const mayTell = (causeKey: string) => !isStoreDown || causeKey === storeKey;
    const decision = decideNotice({
      present: present.map(({ key: causeKey, tellFrom }) => {
        return { key: causeKey, tellFrom: mayTell(causeKey) ? tellFrom : Number.POSITIVE_INFINITY };
      }),
      notKnown,
      told: known,
      now: clock.now(),
    });
    const before: State = { ...known, ...decision.kept };
    const after: State = { ...known, ...decision.told };
    const { mail } = decision;
    if (mail === null) return void (await save(before));
    const content =
      mail.kind === 'all_clear'
        ? compose.allClear(to)
        : compose.attention(
            to,
            present.filter((cause) => mail.keys.includes(cause.key)),
            Object.values(before.causes).filter((goneSince) => goneSince === null).length,
          );
    await send({ kind: mail.kind, content, before, after, needsCommit: !isStoreDown });
  }

  async function sendDigest(known: State): Promise<void> {
    const { NOTIFY_DIGEST: rhythm } = deps.settings;
    if (rhythm === 'off') return;
    const firstStartedAt = await deps.firstStart.at();
    const now = clock.now();
    const through = known.digestThrough;
    const period = decideDigest({ rhythm, firstStartedAt, through, now });
    if (period === null) return;
    const after = { ...known, digestThrough: period.until };
    if (!period.isSent) return void (await save(after));
    const digest = await readDigest(store, period, now);
    const isEmpty = Object.values(digest).every((rows) => rows.length === 0);
    if (isEmpty) return void (await save(after));
    const content = compose.digest(to, digest, period);
    await send({ kind: 'digest', content, before: known, after, needsCommit: true });
  }

  /**
   * Whether it is too early to try a mail again. If the wait is longer than any wait can be, the clock
   * was set back, and the wait counts as over.
   */
  const isWaiting = () => {
    const leftMs = nextTryAt - clock.now();
    return leftMs > 0 && leftMs <= noticeIntervalMs;
  };

  return {
    fault: () => fault,
    /** Makes the next `update` read the state again, because another replica may have changed it. */
    reload() {
      state = null;
    },
    async update(seen: Seen): Promise<void> {
      if (isWaiting()) return;
      state ??= await load();
      await tell(state, seen);
      if (!isWaiting()) await sendDigest(state);
    },
  };
}
