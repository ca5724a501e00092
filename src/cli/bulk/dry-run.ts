import { existsSync } from 'node:fs';
import { type Clock, sleepUntil } from '../../clock.ts';
import type { Config } from '../../config/settings.ts';
import { createPortalClient, type PortalClient } from '../../docspace/client.ts';
import { statusOf } from '../../docspace/schemas.ts';
import { invitationStatus } from '../../domain/invitation.ts';
import type { PlannedRow } from '../../invitations/import/plan.ts';
import type { InvitationRequest } from '../../invitations/inviter.ts';
import { inParallel } from '../../onboarding/map-concurrent.ts';
import { openSqliteReads } from '../../store/sqlite/sqlite-store.ts';
import type { StoreReads } from '../../store/store.ts';

/** What a row would come to; nothing is written, neither here nor at the portal. */
export type Verdict = {
  readonly row: number;
  readonly email: string | null;
  readonly verdict:
    | 'new'
    | 'already invited'
    | 'already a user'
    | 'disabled'
    | 'duplicate in the file'
    | 'not valid';
  readonly reason: string | null;
};

export type DryRun =
  | { readonly kind: 'judged'; readonly verdicts: readonly Verdict[] }
  | { readonly kind: 'portal_trouble'; readonly reason: string };

const longestWaitMs = 5 * 60_000;
const readTries = 5;

/** Judges each row by the log, where there is one, and by the portal. */
export async function dryRun(options: {
  readonly planned: readonly PlannedRow[];
  readonly config: Config;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onRow: () => void;
}): Promise<DryRun> {
  const { planned, config, clock, random, onRow } = options;
  const client = createPortalClient({
    origin: config.DOCSPACE_URL,
    apiKey: config.DOCSPACE_API_KEY,
    concurrency: config.DOCSPACE_CONCURRENCY,
    timeoutMs: 20_000,
    clock,
    random,
  });
  const reads = existsSync(config.databaseFile) ? openSqliteReads(config.databaseFile) : null;
  let trouble: string | null = null;

  async function judge(row: PlannedRow): Promise<Verdict | null> {
    if (trouble !== null) return null;
    if (row.kind !== 'wish') return { ...row, verdict: row.kind };
    const { request } = row;
    const { email } = request;
    const invited = reads && (await standingInvitation(reads, request, clock.now()));
    if (invited) return { row: row.row, email, verdict: 'already invited', reason: invited };
    const asked = email === null ? ({ verdict: 'new' } as const) : await ask(client, clock, email);
    if ('trouble' in asked) {
      trouble = asked.trouble;
      return null;
    }
    onRow();
    return { row: row.row, email, verdict: asked.verdict, reason: null };
  }

  try {
    const verdicts = await inParallel(planned, config.DOCSPACE_CONCURRENCY, judge);
    if (trouble !== null) return { kind: 'portal_trouble', reason: trouble };
    return { kind: 'judged', verdicts: verdicts.filter((one) => one !== null) };
  } finally {
    await reads?.close();
    await client.close();
  }
}

/** @returns the id and status of the invitation that the row would meet; null: none */
async function standingInvitation(
  reads: StoreReads,
  request: InvitationRequest,
  now: number,
): Promise<string | null> {
  const imported = await reads.imported(
    { importKey: request.importKey ?? null, email: request.email },
    now,
  );
  if (imported) return `${imported.id}, ${invitationStatus(imported, now)}`;
  if (request.email === null) return null;
  const listed = await reads.listInvitations({ email: request.email }, { limit: 10 }, now);
  const current = listed.items.find((one) =>
    ['issuing', 'issued', 'registered', 'activated'].includes(invitationStatus(one, now)),
  );
  return current ? `${current.id}, ${invitationStatus(current, now)}` : null;
}

async function ask(
  client: PortalClient,
  clock: Clock,
  email: string,
): Promise<{ readonly verdict: Verdict['verdict'] } | { readonly trouble: string }> {
  for (let tries = 1; ; tries += 1) {
    const known = await client.employeeByEmail(email);
    if (known.kind === 'ok') {
      const status = statusOf(known.value.status);
      if (status === 'terminated') return { verdict: 'disabled' };
      const isActive = status === 'active' && (known.value.activationStatus & 1) === 1;
      return { verdict: isActive ? 'already a user' : 'new' };
    }
    if (known.kind !== 'trouble') return { verdict: 'new' };
    const waitMs = client.closedForMs();
    if (waitMs === 0 || waitMs > longestWaitMs || tries === readTries) {
      return { trouble: known.detail };
    }
    await sleepUntil(clock, clock.now() + waitMs);
  }
}
