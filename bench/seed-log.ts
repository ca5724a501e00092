import Database from 'better-sqlite3';
import type { Invitation } from '../src/onboarding/invitation.ts';
import { employeeTypes } from '../src/onboarding/words.ts';
import { openForWriting } from '../src/store/sqlite/open.ts';
import { derivedColumns, isOver } from '../src/store/sqlite/rows.ts';

/** What most invitations of a year came to; the newest week is still open. */
const progresses = ['welcomed', 'welcomed', 'welcomed', 'activated', 'registered', 'none'] as const;
const minuteMs = 60_000;

/**
 * Writes a log straight into the tables: a year of invitations, a member and two lines for each one
 * that brought somebody, and one open link that brought a thousand.
 * @param now UTC ms
 */
export function seedLog(given: {
  readonly file: string;
  readonly count: number;
  readonly now: number;
}): { readonly oldestAt: number; readonly openLinkId: string } {
  const { file, count, now } = given;
  openForWriting(file).$client.close();
  const database = new Database(file);
  database.pragma('synchronous = OFF');
  const stepMs = (365 * 24 * 60 * minuteMs) / count;
  const oldestAt = Math.floor(now - count * stepMs);
  const addInvitation = database.prepare(
    `INSERT INTO invitations (id, employee_type, mode, email, email_key, note, stage, reason, link, user_id, created_at, issued_at, revoked_at, progress, standing, current)
     VALUES (@id, @employeeType, @mode, @email, @emailKey, @note, @stage, @reason, @link, @userId, @createdAt, @issuedAt, @revokedAt, @progress, @standing, @current)`,
  );
  const addMember = database.prepare(
    `INSERT INTO members (user_id, state, version, invitation_id, adopted, email, email_key, look_count, not_sent_count, hinted, sent_late, refused_by)
     VALUES (@userId, @state, 1, @invitationId, 0, @email, @email, 1, 0, 0, 0, '[]')`,
  );
  const addLine = database.prepare(
    `INSERT INTO timeline (at, user_id, invitation_id, what, cause, actor) VALUES (?, ?, ?, ?, 'seeded', 'service')`,
  );
  const openLinkId = `inv_seed${Math.floor(count / 3) * 3}`;
  database.transaction(() => {
    for (let i = 0; i < count; i += 1) {
      const invitation = seededInvitation(i, Math.floor(oldestAt + i * stepMs), now, openLinkId);
      const isCurrent = invitation.email !== null && !isOver(invitation);
      const derived = derivedColumns(invitation);
      addInvitation.run({ ...invitation, ...derived, current: isCurrent ? 1 : 0 });
      addLine.run(invitation.createdAt, null, invitation.id, 'issuing');
      addLine.run(invitation.createdAt, null, invitation.id, 'issued');
      const comers = invitation.id === openLinkId ? 1_000 : invitation.progress === 'none' ? 0 : 1;
      for (let n = 0; n < comers; n += 1) {
        const userId = `user-${i}-${n}`;
        const state = invitation.progress === 'activated' ? 'ready' : 'welcomed';
        const email = n === 0 ? invitation.email : null;
        addMember.run({ userId, state, invitationId: invitation.id, email });
        addLine.run(invitation.createdAt, userId, invitation.id, 'registered');
      }
    }
  })();
  database.close();
  return { oldestAt, openLinkId };
}

function seededInvitation(i: number, at: number, now: number, openLinkId: string): Invitation {
  const id = `inv_seed${i}`;
  const isOpen = id === openLinkId || i % 50 === 49;
  const isFresh = at > now - 7 * 24 * 60 * minuteMs;
  const isFailed = !isOpen && i % 97 === 0;
  const isRevoked = i % 89 === 0;
  const isIssuing = !isOpen && isFresh && i % 1_000 === 1;
  return {
    id,
    employeeType: employeeTypes[i % employeeTypes.length] ?? 'Guest',
    mode: i % 3 === 0 ? 'email' : 'link',
    email: isOpen ? null : `person${i}@example.com`,
    note: i % 4 === 0 ? `team ${i % 200}` : null,
    stage: isFailed ? 'failed' : isIssuing ? 'issuing' : 'issued',
    reason: isFailed ? 'the portal refused' : null,
    link: null,
    userId: null,
    createdAt: at,
    issuedAt: isFailed || isIssuing ? null : at,
    revokedAt: isRevoked ? at : null,
    progress:
      isOpen || isFailed || isIssuing || isFresh
        ? 'none'
        : (progresses[i % progresses.length] ?? 'none'),
  };
}
