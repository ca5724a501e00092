import pLimit from 'p-limit';
import { type Clock, sleepUntil } from '../../clock.ts';
import { createPortalClient, type PortalClient } from '../../docspace/client.ts';
import {
  type Invitation,
  invitationStatus,
  type RowReason,
  reminderDueAt,
} from '../../domain/invitation.ts';
import { switchedOff } from '../../domain/invitation-permissions.ts';
import type { CommandReason, PortalFault } from '../../domain/reason.ts';
import { hasDatabase, openReads } from '../../store/database.ts';
import type { Database } from '../../store/place.ts';
import type { StoreReads } from '../../store/store.ts';
import type { InvitationRequest } from '../inviter.ts';
import { formerAddressConflict, judgeLookUp } from '../look-up.ts';
import type { PlannedRow } from './plan.ts';
import { type RowResult, resultOfCode } from './row-result.ts';

/** What an import would do with a row. `id`: the id of the existing invitation. */
export type Verdict = {
  readonly row: number;
  readonly email: string | null;
  readonly verdict:
    | 'new'
    | Extract<
        RowResult['result'],
        | 'already invited'
        | 'already a user'
        | 'disabled'
        | 'duplicate in the file'
        | 'not valid'
        | 'refused'
        | 'failed'
      >;
  readonly id: string | null;
  readonly reason: RowReason | null;
};

export type DryRun =
  | { readonly kind: 'done'; readonly verdicts: readonly Verdict[] }
  | { readonly kind: 'portal_trouble'; readonly fault: PortalFault };

const bothAllowed = { allowInvitingMembers: true, allowInvitingGuests: true };
const timeoutMs = 20_000;
const longestWaitMs = 5 * 60_000;
const maxTries = 5;

/** Compares each row with the portal, and with the database if there is one. Writes nothing. */
export async function dryRun(options: {
  readonly planned: readonly PlannedRow[];
  readonly settings: {
    readonly DOCSPACE_URL: string;
    readonly DOCSPACE_API_KEY: string;
    readonly DOCSPACE_CONCURRENCY: number;
    readonly database: Database;
  };
  readonly clock: Clock;
  readonly random: () => number;
  readonly onRow: () => void;
}): Promise<DryRun> {
  const { planned, settings, clock, random, onRow } = options;
  const concurrency = settings.DOCSPACE_CONCURRENCY;
  const client = createPortalClient({
    origin: settings.DOCSPACE_URL,
    apiKey: settings.DOCSPACE_API_KEY,
    concurrency,
    timeoutMs,
    clock,
    random,
  });
  const { database } = settings;
  const reads = (await hasDatabase(database)) ? await openReads(database) : null;
  let fault: PortalFault | null = null;
  const found = await client.invitationSwitches();
  const switches = found.kind === 'ok' ? found.value : bothAllowed;

  async function judge(planned: PlannedRow): Promise<Verdict | null> {
    if (fault !== null) return null;
    const { row } = planned;
    if (planned.kind !== 'request') {
      return { row, email: planned.email, verdict: planned.kind, id: null, reason: planned.reason };
    }
    const { request } = planned;
    const { email } = request;
    const existing = reads && (await existingInvitation(reads, request, clock.now()));
    if (existing) {
      const { id } = existing;
      const reason = { code: 'already_invited', text: existingText(existing, clock.now()) };
      return { row, email, verdict: 'already invited', id, reason };
    }
    const asked = email === null ? null : await ask(client, clock, { ...request, email });
    if (asked?.kind === 'trouble') {
      fault = asked.fault;
      return null;
    }
    onRow();
    const isUnknown = reads !== null && email !== null && asked?.isUnknown === true;
    const former = isUnknown ? await formerAddressConflict(reads, email) : null;
    const reason = asked?.reason ?? former ?? switchedOff(switches, request.employeeType);
    const verdict = reason === null ? 'new' : resultOfCode(reason.code);
    return { row, email, verdict, id: null, reason };
  }

  try {
    const verdicts = await pLimit(concurrency).map(planned, judge);
    if (fault !== null) return { kind: 'portal_trouble', fault };
    return { kind: 'done', verdicts: verdicts.filter((one) => one !== null) };
  } finally {
    await reads?.close();
    await client.close();
  }
}

/** Returns the invitation that exists for this request already. Null if there is none. */
async function existingInvitation(
  reads: StoreReads,
  { idempotencyKey = null, email }: InvitationRequest,
  now: number,
): Promise<Invitation | null> {
  const imported = await reads.findByIdempotencyKey({ idempotencyKey, email }, now);
  if (imported) return imported;
  if (email === null) return null;
  const { items } = await reads.listInvitations({ email }, { limit: 10 }, now);
  const current = items.find((one) =>
    ['issuing', 'issued', 'registered', 'activated'].includes(invitationStatus(one, now)),
  );
  return current ?? null;
}

function existingText(invitation: Invitation, now: number): string {
  const reminderAt = reminderDueAt(invitation, now);
  const reminder =
    reminderAt === null ? '' : `, next reminder ${new Date(reminderAt).toISOString()}`;
  return `${invitation.id}, ${invitationStatus(invitation, now)}${reminder}`;
}

/** @returns `reason`: why the portal's user with this address cannot be invited, or null */
async function ask(
  client: PortalClient,
  clock: Clock,
  request: InvitationRequest & { readonly email: string },
): Promise<
  | {
      readonly kind: 'answer';
      readonly reason: CommandReason | null;
      /** Whether the portal has nobody with this address. */
      readonly isUnknown: boolean;
    }
  | { readonly kind: 'trouble'; readonly fault: PortalFault }
> {
  for (let tries = 1; ; tries += 1) {
    const found = await client.employeeByEmail(request.email);
    if (found.kind !== 'trouble') {
      const lookUp = judgeLookUp(found, request);
      const reason = lookUp.kind === 'forbidden' ? lookUp.reason : null;
      return { kind: 'answer', reason, isUnknown: lookUp.kind === 'nobody' };
    }
    const waitMs = client.backoffMs('read');
    if (waitMs === 0 || waitMs > longestWaitMs || tries === maxTries) return found;
    await sleepUntil(clock, clock.now() + waitMs);
  }
}
