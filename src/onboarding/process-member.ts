import pLimit from 'p-limit';
import type { Clock } from '../clock.ts';
import type { PortalClient } from '../docspace/client.ts';
import { isConfirmed } from '../domain/decide-attempt.ts';
import type { Fact } from '../domain/facts.ts';
import type { Member } from '../domain/member.ts';
import { portalTroubleWaitMs } from '../domain/retry-policy.ts';
import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import { reasonText } from '../messages/render.ts';
import type { Attempts } from './attempts.ts';
import { type CheckDeps, checkMember } from './check-member.ts';
import type { Pauses } from './pauses.ts';
import { type Recorder, reduce } from './recorder.ts';

export type ProcessDeps = CheckDeps & {
  readonly client: CheckDeps['client'] & Pick<PortalClient, 'backoffMs'>;
  readonly recorder: Recorder;
  readonly attempts: Attempts;
  readonly pauses: Pauses;
  /** The value of `WELCOME_MAX_PER_HOUR`. */
  readonly maxPerHour: number;
  /** The most attempts that may be open at a time: the number of parallel requests to the portal. */
  readonly concurrency: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
  readonly isStopping: () => boolean;
};

/**
 * Creates the function that processes one due member, from the check in the portal to the recorded
 * outcome of the welcome:
 *
 *     due ─► check in the portal ─► decide and commit, with the attempt ─► send ─► record the outcome
 *
 * @returns a function that must not run twice at a time for the same member, except for one in `sending`
 */
export function createProcessMember(deps: ProcessDeps): (member: Member) => Promise<void> {
  const { client, recorder, attempts, pauses, clock, log, health } = deps;
  const guard = { maxPerHour: deps.maxPerHour };
  // After a crash the outcome of every open attempt is unknown. So the number of open attempts is
  // limited to the number of parallel requests.
  const limitAttempts = pLimit(deps.concurrency());

  async function processMember(member: Member): Promise<void> {
    limitAttempts.concurrency = deps.concurrency();
    if (member.state === 'sending') {
      return attempts.markUnknown(member, { code: 'attempt_lease_expired' });
    }
    if (member.state === 'ready' && isConfirmed(member, clock.now())) {
      return limitAttempts(() => welcome(member, []));
    }
    const checked = await check(member);
    if (checked) await limitAttempts(() => welcome(member, [checked]));
  }

  /** Asks the portal about the member. If that is not possible, the member is postponed. */
  async function check(member: Member): Promise<Fact | null> {
    const { userId } = member;
    const result = await checkMember(member, deps);
    if (result.kind === 'checked') {
      if (pauses.portalUntil() === null) health.set('portal', 'ok', 'answers');
      log.debug({ member: userId }, 'checked in the portal');
      return result.fact;
    }
    const isCut = result.fault.code === 'service_stopping';
    const waitMs = isCut ? 0 : Math.max(portalTroubleWaitMs, client.backoffMs('read'));
    const until = clock.now() + waitMs;
    if (isCut) log.debug({ member: userId }, 'the check ended early: the service stops');
    else if (result.kind === 'portal_trouble') pauses.pausePortal(result.fault, until);
    else {
      const text = reasonText(result.fault);
      log.warn({ member: userId }, `could not check this user in the portal: ${text}`);
    }
    await recorder.record({ userId, member, facts: [{ kind: 'postponed', until }] });
    return null;
  }

  /** Commits the result of the check together with the start of an attempt, and then sends. */
  async function welcome(member: Member, checked: readonly Fact[]): Promise<void> {
    const { userId } = member;
    const { change } = reduce(member, checked, clock.now());
    const isReady = (change?.member ?? member).state === 'ready';
    const claim = isReady && !deps.isStopping() ? attempts.prepare(member) : null;
    if (!claim) return withoutAttempt(member, checked);
    const given = { userId, member, facts: [...checked, claim] };
    const recorded = await recorder.recordBegin(given, guard).catch((error) => {
      attempts.cancel(claim);
      throw error;
    });
    const begun = recorded.kind === 'recorded' ? recorded.member : null;
    if (begun?.openAttempt?.id === claim.attemptId) return attempts.deliver(begun);
    attempts.cancel(claim);
    if (recorded.kind === 'held') {
      await pauses.load();
      return withoutAttempt(member, checked);
    }
    // No attempt began: another change came first, or the confirmation is too old by now. (The commit of
    // a check has already ended the lease.)
    if (checked.length === 0) await release(userId, 0);
  }

  /** Records the result of the check without an attempt. Without a check, the member is postponed. */
  async function withoutAttempt(member: Member, checked: readonly Fact[]): Promise<void> {
    const { userId } = member;
    if (checked.length === 0) return release(userId, portalTroubleWaitMs);
    await recorder.record({ userId, member, facts: checked });
  }

  /** Ends the lease. The member is due again after `waitMs`. */
  async function release(userId: string, waitMs: number): Promise<void> {
    const until = clock.now() + waitMs;
    await recorder.record({ userId, member: null, facts: [{ kind: 'postponed', until }] });
  }

  return processMember;
}
