import type { DigestPeriod } from '../domain/decide-notice.ts';
import { type Invitation, invitationLifetimeMs } from '../domain/invitation.ts';
import type { Member } from '../domain/member.ts';
import type { ListedInvitation, StoreReads } from '../store/store.ts';
import { maxRows, readPages } from './pages.ts';
import type { DigestSection } from './texts.ts';

/** One line of a digest. */
export type DigestRow = {
  /** Null for an open link. */
  readonly email: string | null;
  readonly employeeType: Invitation['employeeType'] | null;
  /** When the link expires or expired (UTC ms). Null in a row that does not show this time. */
  readonly expiresAt: number | null;
  /** The path of this row's page in the dashboard. */
  readonly path: string;
};
/** The rows of each section. Each query reads at most about `maxRows` rows. */
export type Digest = Readonly<Record<DigestSection, readonly DigestRow[]>>;

/**
 * Reads who was invited, who registered, who was welcomed and whose link expired in this period. Also
 * reads who is still expected now, and whose link expires soon.
 */
export async function readDigest(
  reads: Pick<StoreReads, 'listInvitations' | 'membersByEvent'>,
  { since, until }: DigestPeriod,
  now: number,
): Promise<Digest> {
  const invitations = (filter: Parameters<typeof reads.listInvitations>[0]) =>
    readPages((paging) => reads.listInvitations(filter, paging, now));
  const members = (events: Parameters<typeof reads.membersByEvent>[0]['events']) =>
    reads.membersByEvent({ events, since, until, limit: maxRows });
  const made = (await invitations({ since, until })).filter(({ stage }) => stage === 'issued');
  const issued = (await invitations({ status: 'issued' })).map(invitationRow);
  const open = (await invitations({ status: 'open' })).map(invitationRow);
  const expired = (await invitations({ status: 'expired' })).map(invitationRow);
  const registered = (await invitations({ status: 'registered' })).map(invitationRow);
  // A link that expires before the next digest has to be in this one, while a reminder can still help.
  const nextAt = until + (until - since);
  const isSoon = ({ expiresAt }: DigestRow) => expiresAt !== null && expiresAt <= nextAt;
  return {
    invited: made.map(invitationRow).map(withoutExpiry),
    came: (await members(['registered', 'activated'])).map(memberRow),
    welcomed: (await members(['welcomed'])).map(memberRow),
    waiting: [...registered.map(withoutExpiry), ...issued.filter((row) => !isSoon(row))],
    expiring: [...issued, ...open].filter(isSoon).sort(byExpiry),
    expired: expired.filter(({ expiresAt }) => isWithin(expiresAt, since, until)).sort(byExpiry),
  };
}

function invitationRow({ id, email, employeeType, issuedAt }: ListedInvitation): DigestRow {
  const expiresAt = issuedAt === null ? null : issuedAt + invitationLifetimeMs;
  return { email, employeeType, expiresAt, path: `/invitations/${id}` };
}

function memberRow({ userId, email, employeeType }: Member): DigestRow {
  return { email, employeeType, expiresAt: null, path: `/people/${userId}` };
}

function withoutExpiry(row: DigestRow): DigestRow {
  return { ...row, expiresAt: null };
}

function isWithin(at: number | null, since: number, until: number): boolean {
  return at !== null && at > since && at <= until;
}

function byExpiry(a: DigestRow, b: DigestRow): number {
  return (a.expiresAt ?? 0) - (b.expiresAt ?? 0);
}
