import type { Clock } from '../clock.ts';
import type { PortalClient } from '../docspace/client.ts';
import { isConfirmed } from '../domain/decide-attempt.ts';
import type { Fact } from '../domain/facts.ts';
import type { Member } from '../domain/member.ts';
import { portalTroubleWaitMs } from '../domain/retry-policy.ts';
import type { Audience } from '../domain/vocabulary.ts';
import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './account.ts';
import { look } from './check-member.ts';
import type { Quota } from './hourly-limit.ts';
import type { Pauses } from './pauses.ts';
import type { Recorder } from './recorder.ts';
import { createLanes } from './semaphore.ts';
import type { Sender } from './sender.ts';

/**
 * @param concurrency attempts that are open at a time: as many as the portal is asked at once
 * @returns what is done for one due member: a look, and a welcome where it is owed
 */
export function createPerform(options: {
  readonly store: Store;
  readonly client: PortalClient;
  readonly account: Account;
  readonly recorder: Recorder;
  readonly sender: Sender;
  readonly pauses: Pauses;
  readonly quota: Quota;
  readonly audience: Audience;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
  readonly isStopping: () => boolean;
}): (member: Member) => Promise<void> {
  const { client, recorder, sender, pauses, quota, clock, log, health, isStopping } = options;
  const attempts = createLanes(options.concurrency);

  async function perform(member: Member): Promise<void> {
    if (member.state === 'sending') {
      return sender.settleLost(member, 'the attempt did not end within its lease');
    }
    const isReady = member.state === 'ready' && isConfirmed(member, clock.now());
    return isReady ? send(member, []) : lookAt(member);
  }

  async function lookAt(member: Member): Promise<void> {
    const { userId } = member;
    const seen = await look({ member, ...options });
    if (seen.kind === 'seen') {
      if (pauses.portalUntil() === null) health.say('portal', 'ok', 'answers');
      log.debug({ member: userId }, 'looked');
      return send(member, [seen.fact]);
    }
    const until = clock.now() + Math.max(portalTroubleWaitMs, client.closedForMs());
    if (seen.kind === 'portal_trouble') pauses.pausePortal(seen.detail, until);
    else log.warn({ member: userId }, `could not be looked at: ${seen.detail}`);
    const facts = [{ kind: 'postponed', until } as const];
    await recorder.record({ userId, member, facts });
  }

  /** No more attempts are open than can leave at once: a crash makes all of them unknown. */
  async function send(member: Member, learnt: readonly Fact[]): Promise<void> {
    const close = await attempts.enter();
    try {
      await attempt(member, learnt);
    } finally {
      close();
    }
  }

  /** What was just learnt and the beginning of the attempt share one commit; then the message goes. */
  async function attempt(member: Member, learnt: readonly Fact[]): Promise<void> {
    const { userId } = member;
    if (quota.left() === 0 && pauses.maySend()) await holdForQuota();
    const claim = isStopping() ? null : sender.claim(member);
    const facts = claim ? [...learnt, claim.fact] : learnt;
    const recorded = await recorder.record({ userId, member, facts });
    const now = recorded.kind === 'recorded' ? recorded.member : null;
    if (claim && now?.openAttempt?.id === claim.fact.attemptId) return sender.perform(now);
    claim?.cancel();
    if (learnt.length === 0) await giveBack(userId, claim === null);
    return undefined;
  }

  /** Nothing began: overtaken by a hint, it is due at once; with nothing to send by, later. */
  async function giveBack(userId: string, isLater: boolean): Promise<void> {
    const until = clock.now() + (isLater ? portalTroubleWaitMs : 0);
    await recorder.record({ userId, member: null, facts: [{ kind: 'postponed', until }] });
  }

  async function holdForQuota(): Promise<void> {
    const reason =
      'more welcomes in an hour than WELCOME_MAX_PER_HOUR allows: resume, if it is meant';
    await pauses.pause('hourly', reason);
  }

  return perform;
}
