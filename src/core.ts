import { keyFinding } from './channels/key-finding.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/settings.ts';
import { createPortalClient, type PortalClient } from './docspace/client.ts';
import type { PortalCall } from './docspace/portal-call.ts';
import { createHealth, type Health } from './health.ts';
import type { NewId } from './ids.ts';
import { createInviter, type Inviter } from './invitations/inviter.ts';
import { createReissuer, type Reissuer } from './invitations/reissue.ts';
import type { Log } from './log.ts';
import { type Account, createAccount } from './onboarding/account.ts';
import { createQuota, type Quota } from './onboarding/hourly-limit.ts';
import { createPauses, type Pauses } from './onboarding/pauses.ts';
import { createRecorder, type Recorder } from './onboarding/recorder.ts';
import { createForgetter, type Forgetter } from './operations/forget.ts';
import { createOperator, type Operator } from './operations/operator.ts';
import { createReplayer, type Replayer } from './operations/replay.ts';
import { type Baseline, createBaseline } from './reconciliation/baseline.ts';
import { createHints } from './reconciliation/hints.ts';
import { createReconciler, type Reconciler } from './reconciliation/reconciler.ts';
import { acquireLock, type Holder, type Lock } from './store/sqlite/lock.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import type { Store } from './store/store.ts';

/** What the outside gives: the only ways to time, chance and output. */
export type Surroundings = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: NewId;
  readonly log: Log;
  /** Told of every call of the portal. */
  readonly onPortalCall?: ((call: PortalCall) => void) | undefined;
};

/** The rooms below HTTP on one database: enough for a command without a server. */
export type Workshop = {
  readonly store: Store;
  readonly client: PortalClient;
  readonly account: Account;
  readonly recorder: Recorder;
  readonly inviter: Inviter;
  readonly pauses: Pauses;
  readonly quota: Quota;
  readonly baseline: Baseline;
  readonly reconciler: Reconciler;
  readonly operator: Operator;
  readonly forgetter: Forgetter;
  readonly reissuer: Reissuer;
  readonly replayer: Replayer;
  readonly health: Health;
  readonly lock: Lock;
  readonly close: () => Promise<void>;
};

export type Opened =
  | { readonly kind: 'opened'; readonly workshop: Workshop }
  /** Another process serves this database. */
  | { readonly kind: 'busy'; readonly holder: Holder | null }
  /** The database belongs to another portal. */
  | { readonly kind: 'refused'; readonly reason: string };

/** One request's deadline; a read with its repetitions is bounded in the client. */
const portalTimeoutMs = 20_000;

/**
 * Takes the lock, migrates the database and makes the rooms below HTTP.
 * @param nudge called when something may have become due
 * @throws when the database is newer than this program or cannot be used
 */
export async function openWorkshop(
  config: Config,
  surroundings: Surroundings,
  nudge: () => void,
): Promise<Opened> {
  const locked = acquireLock(config.databaseFile);
  if (locked.kind === 'busy') return locked;
  const { lock } = locked;
  let store: Store;
  try {
    store = openSqliteStore(config.databaseFile, (detail) =>
      surroundings.log.warn({ detail }, 'the thread for checkpoints fails: automatic ones go on'),
    );
  } catch (error) {
    lock.release();
    throw error;
  }
  const stranger = await refuseOtherPortal(store, config);
  if (stranger !== null) {
    await store.close();
    lock.release();
    return { kind: 'refused', reason: stranger };
  }
  const rooms = await openRooms(store, config, surroundings, nudge);
  return {
    kind: 'opened',
    workshop: {
      ...rooms,
      store,
      lock,
      async close() {
        await rooms.client.close();
        await store.close();
        lock.release();
      },
    },
  };
}

/** The store remembers the portal that it belongs to; its tenant id is compared by the control read. */
async function refuseOtherPortal(store: Store, config: Config): Promise<string | null> {
  const origin = config.DOCSPACE_URL;
  const known = await store.progress('portal_origin');
  if (known === null) await store.remember('portal_origin', origin);
  if (known === null || known === origin) return null;
  return `${config.databaseFile} belongs to the portal ${known}, but DOCSPACE_URL is ${origin}: use another DATABASE_URL for another portal`;
}

async function openRooms(
  store: Store,
  config: Config,
  surroundings: Surroundings,
  nudge: () => void,
): Promise<Omit<Workshop, 'store' | 'lock' | 'close'>> {
  const { clock, random, newId, log } = surroundings;
  const { now } = clock;
  const health = createHealth();
  const client = createPortalClient({
    origin: config.DOCSPACE_URL,
    apiKey: config.DOCSPACE_API_KEY,
    concurrency: config.DOCSPACE_CONCURRENCY,
    timeoutMs: portalTimeoutMs,
    clock,
    random,
    onCall: surroundings.onPortalCall,
  });
  const account = createAccount(client, store);
  const recorder = createRecorder({ store, now, log });
  const inviter = createInviter({ store, recorder, client, newId, now, log, nudge });
  const channels = config.WELCOME_CHANNEL;
  const unsigned = keyFinding({
    channels,
    key: config.WELCOME_KEY,
    hasMachineKey: config.DOCSPACE_MACHINE_KEY_FILE !== null,
  });
  if (unsigned) log.warn({}, `${unsigned.phrase}; ${unsigned.advice}`);
  const channelWarning = unsigned?.phrase ?? null;
  const pauses = createPauses({ store, clock, log, health, channels, channelWarning });
  const quota = createQuota({ store, maxPerHour: config.WELCOME_MAX_PER_HOUR, now });
  await pauses.load();
  await quota.load();
  const baseline = createBaseline({ client, store, recorder, now });
  const reconciler = createReconciler({
    client,
    store,
    account,
    hints: createHints({ store, recorder, now, nudge }),
    baseline,
    audience: config.WELCOME_AUDIENCE,
    webhookSecret: config.DOCSPACE_WEBHOOK_SECRET,
    everyMs: config.RECONCILE_EVERY,
    clock,
    log,
    health,
  });
  const audience = config.WELCOME_AUDIENCE;
  const mayApply = async () => audience === 'invited' || baseline.isComplete();
  const { hurry } = client;
  const operator = createOperator({
    store,
    recorder,
    pauses,
    quota,
    reconciler,
    hurry,
    nudge,
    now,
  });
  return {
    client,
    account,
    recorder,
    inviter,
    pauses,
    quota,
    baseline,
    reconciler,
    operator,
    forgetter: createForgetter({ store, now, log }),
    reissuer: createReissuer({ store, recorder, client, now, nudge }),
    replayer: createReplayer({ store, recorder, mayApply, nudge }),
    health,
  };
}
