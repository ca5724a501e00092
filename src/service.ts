import { createMetrics } from './api/metrics/metrics.ts';
import type { Channel } from './channels/channel.ts';
import { createChannels } from './channels/channels.ts';
import { type Prepared, prepareWelcome } from './channels/ingredients.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/settings.ts';
import { type Opened, openWorkshop, type Surroundings, type Workshop } from './core.ts';
import { createInviteRuns } from './dashboard/invite-runs.ts';
import type { Health } from './health.ts';
import type { Inviter } from './invitations/inviter.ts';
import type { Log } from './log.ts';
import { createPace } from './onboarding/backpressure.ts';
import { createSender } from './onboarding/sender.ts';
import { createWorker } from './onboarding/worker.ts';
import { createHousekeeping } from './operations/housekeeping.ts';
import { createPreviewer } from './operations/preview.ts';
import { reportLostKey, reportRestored } from './operations/restored.ts';
import { createRoutes, type Listening, listen } from './server.ts';
import { quickCheck } from './store/sqlite/quick-check.ts';
import type { Store } from './store/store.ts';
import { type DeliveryAnswer, isSignedAnswer } from './webhook/route.ts';

/** SIGTERM drains and stops within 10 s: this much is for what is under way. */
const drainMs = 7_000;
/** After that, open requests are cut. */
const closeMs = 1_000;

/** A running service. */
export type Service = {
  readonly url: string;
  readonly store: Store;
  readonly inviter: Inviter;
  /** What it answers, for the test that holds the OpenAPI document against it. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /** Drains: no new work, what is under way ends or is recorded as it is, the file is closed. */
  readonly stop: () => Promise<void>;
};

export type Started =
  | { readonly kind: 'started'; readonly service: Service }
  | Exclude<Opened, { kind: 'opened' }>;

/**
 * The composition root: builds everything in order and starts it.
 * @throws when the address is taken, or as `openWorkshop`
 */
export async function startService(config: Config, surroundings: Surroundings): Promise<Started> {
  const { clock, newId, log } = surroundings;
  const startedAt = clock.now();
  let nudge = () => {};
  const read = await prepareWelcome(config);
  if (read.kind === 'faulty') return { kind: 'refused', reason: read.faults.join('\n') };
  const metrics = createMetrics();
  const { meters } = metrics;
  const observed = { ...surroundings, onPortalCall: meters.portalCall };
  const opened = await openWorkshop(config, observed, () => nudge());
  if (opened.kind !== 'opened') return opened;
  const { workshop } = opened;
  const { store, client, account, recorder, inviter, pauses, quota, health, lock } = workshop;
  health.say('store', 'ok', 'writes');

  const channels = await openChannels({ config, prepared: read.prepared, workshop, clock });
  const onUnknown = config.WELCOME_ON_UNKNOWN;
  const sender = createSender({
    store,
    recorder,
    channels,
    pauses,
    quota,
    onUnknown,
    clock,
    newId,
    onEnded: meters.ended,
  });
  const retentionDays = config.RETENTION_DAYS;
  const housekeeping = createHousekeeping({ store, inviter, retentionDays, clock, log });
  const pace = createPace(clock.now);
  const worker = createWorker({
    store,
    client,
    account,
    recorder,
    baseline: workshop.baseline,
    sender,
    pauses,
    quota,
    audience: config.WELCOME_AUDIENCE,
    concurrency: config.DOCSPACE_CONCURRENCY,
    pace,
    clock,
    log,
    health,
  });
  nudge = worker.nudge;

  let isStopping = false;
  const inviteRuns = createInviteRuns({ inviter, clock, newId, log });
  const answers: Partial<Record<DeliveryAnswer, number>> = {};
  let lastDeliveryAt: number | null = null;
  const routes = createRoutes({
    webhook: {
      store,
      secrets: [config.DOCSPACE_WEBHOOK_SECRET, config.DOCSPACE_WEBHOOK_SECRET_PREVIOUS].filter(
        (secret) => secret !== null,
      ),
      now: clock.now,
      log,
      health,
      isStopping: () => isStopping,
      nudge() {
        pace.arrived();
        worker.nudge();
      },
      count: (answer) => {
        answers[answer] = (answers[answer] ?? 0) + 1;
        meters.delivery(answer);
        if (isSignedAnswer(answer)) lastDeliveryAt = clock.now();
      },
    },
    reads: store,
    inviter,
    keyedAnswers: store,
    reissuer: workshop.reissuer,
    replayer: workshop.replayer,
    operator: workshop.operator,
    forgetter: workshop.forgetter,
    previewer: createPreviewer({ reads: store, channels, pauses }),
    pauses: pauses.current,
    deliveryAnswers: () => answers,
    metrics: metrics.routes({
      store,
      health,
      pauses: pauses.current,
      reconciler: workshop.reconciler,
      lastDeliveryAt: () => lastDeliveryAt,
      now: clock.now,
    }),
    health,
    adminToken: config.ADMIN_TOKEN,
    inviteRuns,
    reconciler: workshop.reconciler,
    portalUrl: config.DOCSPACE_URL,
    publicUrl: config.PUBLIC_URL,
    clock,
    newId,
    log,
  });

  await store.releaseKeys();
  let server: Listening;
  try {
    server = await listen(routes, config.HOST, config.PORT);
  } catch (error) {
    await workshop.close();
    throw error;
  }
  lock.announce(server.url);
  await worker.start();
  await reportRestored(store, log);
  await reportLostKey(store, log);
  workshop.reconciler.start();
  housekeeping.start(startedAt);
  log.info({ url: server.url }, 'the service is ready');
  if (lock.isAfterUncleanStop) checkForDamage(config.databaseFile, health, log);

  return {
    kind: 'started',
    service: {
      url: server.url,
      store,
      inviter,
      routes: routes.routes.map(({ method, path }) => ({ method, path })),
      async stop() {
        isStopping = true;
        const ended = Promise.all([
          workshop.reconciler.stop(),
          housekeeping.stop(),
          inviteRuns.stop(),
        ]);
        // The door stays open while work ends, so that the portal hears 503 and comes again.
        await worker.stop(clock.now() + drainMs, async () => {
          for (const channel of channels) channel.close();
          await client.close();
        });
        await ended;
        await server.close(closeMs);
        await workshop.close();
        log.info({}, 'the service has stopped');
      },
    },
  };
}

/** The channels of the configuration, joined to the portal; they connect when they send. */
export function openChannels(given: {
  readonly config: Config;
  readonly prepared: Prepared;
  readonly workshop: Pick<Workshop, 'client' | 'account'>;
  readonly clock: Clock;
}): Promise<Channel[]> {
  const { config, prepared, clock } = given;
  const { client, account } = given.workshop;
  return createChannels({
    settings: config,
    prepared,
    portal: {
      send: client.sendCongratulations,
      isPortalWell: async () => (await account.control()).kind === 'ok',
      async tenantId() {
        const known = await account.tenantId();
        return known.kind === 'ok' ? known.value : null;
      },
    },
    clock,
  });
}

/** After an unclean stop, in a thread and not before readiness. */
function checkForDamage(file: string, health: Health, log: Log): void {
  log.info({}, 'the last stop was not clean: the database is being checked');
  quickCheck(file).then(
    (damage) => {
      if (damage === null) return log.info({}, 'the database is sound');
      health.condemn('store', 'the database is damaged: restore a backup');
      return log.error({}, `the database is damaged, restore a backup: ${damage}`);
    },
    (error) => log.error({ err: error }, 'the database could not be checked'),
  );
}
