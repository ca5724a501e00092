import Database from 'better-sqlite3';
import {
  type Invitation,
  invitationLifetimeMs,
  invitationStatus,
} from '../src/domain/invitation.ts';
import type { MemberState } from '../src/domain/member.ts';
import { skipReasons } from '../src/domain/ownership.ts';
import { employeeTypes } from '../src/domain/vocabulary.ts';
import { openForWriting } from '../src/store/sqlite/open.ts';
import { derivedColumns, isOver } from '../src/store/sqlite/rows.ts';

/** What most invitations of a year came to; the newest week is still open. */
const progresses = [
  'welcomed',
  'welcomed',
  'welcomed',
  'activated',
  'registered',
  'none',
  'welcomed',
  'failed',
] as const;
const states = {
  registered: 'waiting',
  activated: 'unknown',
  welcomed: 'welcomed',
  failed: 'failed',
} as const satisfies Partial<Record<Invitation['progress'], MemberState>>;
const minuteMs = 60_000;
/** Raw deliveries are kept for 90 days (RETENTION_DAYS). */
const deliveriesKeptMs = 89 * 24 * 60 * minuteMs;

export type Seeded = {
  readonly count: number;
  /** UTC ms. */
  readonly oldestAt: number;
  readonly openLinkId: string;
};

/**
 * Writes a log straight into the tables: a year of invitations, with each person who came, their
 * attempt, timeline and deliveries; one open link that brought thousands; and as many strangers as a
 * fifth of the invitations.
 * @param now UTC ms
 */
export function seedLog(given: {
  readonly file: string;
  readonly count: number;
  readonly now: number;
}): Seeded {
  const { file, count, now } = given;
  openForWriting(file).$client.close();
  const database = new Database(file);
  database.pragma('synchronous = OFF');
  database.pragma('cache_size = -500000');
  database.pragma('temp_store = MEMORY');
  const stepMs = (365 * 24 * 60 * minuteMs) / count;
  const oldestAt = Math.floor(now - count * stepMs);
  const write = prepareInserts(database, now);
  const openLinkId = idOf(Math.floor(count / 3) * 3);
  const comersOf = (id: string) => (id === openLinkId ? Math.min(5_000, count) : 1);
  database.transaction(() => {
    for (let i = 0; i < count; i += 1) {
      const invitation = seededInvitation(i, Math.floor(oldestAt + i * stepMs), now, openLinkId);
      write.invitation(invitation);
      if (invitation.progress === 'none' && invitation.id !== openLinkId) continue;
      for (let n = 0; n < comersOf(invitation.id); n += 1) write.comer(invitation, i * 8_192 + n);
    }
    for (let i = 0; i < count / 5; i += 1)
      write.stranger(oldestAt, (count + i) * 8_192, i % 2 === 0);
    write.applied();
  })();
  database.close();
  return { count, oldestAt, openLinkId };
}

export function idOf(i: number): string {
  return `inv_seed${i}`;
}

export function addressOf(i: number): string {
  return `person${i}@example.com`;
}

/** User ids come in no order, as the portal's do. */
export function userIdOf(n: number): string {
  const scattered = (BigInt(n) * 0x9e37_79b9_7f4bn) & 0xffff_ffff_ffffn;
  return `00000000-0000-4000-8000-${scattered.toString(16).padStart(12, '0')}`;
}

/** The user id of who came by the personal invitation with this number. */
export function comerOf(i: number): string {
  return userIdOf(i * 8_192);
}

/** Numbers of personal invitations, from all over the log, that brought somebody. */
export function comersAmong(count: number, most: number): number[] {
  const brought = (i: number) => i % 50 !== 49 && i % 97 !== 0 && i % 89 !== 0 && i % 8 !== 5;
  const step = Math.max(1, Math.floor((count * 0.95) / most));
  return Array.from({ length: most }, (_, n) => {
    let i = (n * step) % count;
    while (!brought(i)) i += 1;
    return i;
  });
}

function prepareInserts(database: Database.Database, now: number) {
  const addInvitation = database.prepare(
    `INSERT INTO invitations (id, employee_type, mode, email, email_key, note, stage, reason, link, user_id, created_at, issued_at, revoked_at, progress, standing, current)
     VALUES (@id, @employeeType, @mode, @email, @emailKey, @note, @stage, @reason, @link, @userId, @createdAt, @issuedAt, @revokedAt, @progress, @standing, @current)`,
  );
  const addMember = database.prepare(
    `INSERT INTO members (user_id, state, reason, version, invitation_id, adopted, email, email_key, first_name, last_name, culture_name, employee_type, registered_at, activated_at, welcomed_at, look_count, not_sent_count, hinted, sent_late, refused_by)
     VALUES (@userId, @state, @reason, 1, @invitationId, 0, @email, @email, 'Ann', 'Lee', 'en-US', @employeeType, @registeredAt, @activatedAt, @welcomedAt, 1, 0, 0, 0, '[]')`,
  );
  const addAttempt = database.prepare(
    `INSERT INTO attempts (id, member, channel, started_at, ended_at, outcome) VALUES (?, ?, 'docspace', ?, ?, ?)`,
  );
  const addLine = database.prepare(
    `INSERT INTO timeline (at, member, invitation_id, what, cause, actor) VALUES (?, ?, ?, ?, 'seeded', 'service')`,
  );
  const addDelivery = database.prepare(
    `INSERT INTO deliveries (received_at, webhook_id, event_id, created_on, trigger, user_id, shows, answer, body)
     VALUES (@at, 12, @eventId, @at, @trigger, @userId, 'activated', @answer, @body)`,
  );
  const body = Buffer.from(JSON.stringify({ event: 'seeded', filler: 'x'.repeat(300) }));

  return {
    invitation(invitation: Invitation): void {
      const isCurrent = invitation.email !== null && !isOver(invitation);
      // As housekeeping left it when it last looked.
      const standing = invitationStatus(invitation, now - 10 * minuteMs);
      const derived = { ...derivedColumns(invitation), standing };
      addInvitation.run({ ...invitation, ...derived, current: isCurrent ? 1 : 0 });
      addLine.run(invitation.createdAt, null, invitation.id, 'issuing');
      addLine.run(invitation.createdAt, null, invitation.id, 'issued');
    },
    comer(invitation: Invitation, n: number): void {
      const { id, createdAt, progress, employeeType } = invitation;
      const userId = userIdOf(n);
      const state = progress === 'none' ? 'welcomed' : states[progress];
      const isActive = state !== 'waiting';
      const { lastInsertRowid: member } = addMember.run({
        userId,
        state,
        reason: state === 'failed' ? 'the portal answered 400' : null,
        invitationId: id,
        email: invitation.email ?? `comer${n}@example.com`,
        employeeType,
        registeredAt: createdAt + minuteMs,
        activatedAt: isActive ? createdAt + 5 * minuteMs : null,
        welcomedAt: state === 'welcomed' ? createdAt + 6 * minuteMs : null,
      });
      const lines = [
        'seen: waiting',
        'registered',
        ...(isActive ? ['activated', 'sending', state] : []),
      ];
      for (const line of lines) addLine.run(createdAt + minuteMs, member, id, line);
      if (isActive) {
        const outcome = state === 'welcomed' ? 'sent' : state === 'failed' ? 'refused' : 'unknown';
        addAttempt.run(
          `att_${n}`,
          member,
          createdAt + 5 * minuteMs,
          createdAt + 6 * minuteMs,
          outcome,
        );
      }
      if (createdAt < now - deliveriesKeptMs) return;
      const trigger = n % 2 === 0 ? 'user.created' : 'user.updated';
      const answer = n % 9_973 === 0 ? 'unreadable' : 'accepted';
      const named = { userId: answer === 'accepted' ? userId : null, trigger };
      addDelivery.run({ at: createdAt + minuteMs, eventId: n, ...named, answer, body });
    },
    /** As if all of them had been applied. */
    applied(): void {
      database.exec(
        `INSERT INTO told (member, delivery)
         SELECT members.seq, deliveries.id
         FROM deliveries JOIN members ON members.user_id = deliveries.user_id ORDER BY 1, 2;
         INSERT INTO progress SELECT 'applied_through', ifnull(max(id), 0) FROM deliveries;`,
      );
    },
    /** Of whom only the id is kept, or who came by us under another address. */
    stranger(at: number, n: number, isByUs: boolean): void {
      const userId = userIdOf(n);
      const reason = isByUs ? skipReasons.otherAddress : skipReasons.stranger;
      const nothing = { invitationId: null, email: null, employeeType: null };
      const never = { registeredAt: null, activatedAt: null, welcomedAt: null };
      addMember.run({ userId, state: 'skipped', reason, ...nothing, ...never });
      addLine.run(at, userId, null, `skipped: ${reason}`);
    },
  };
}

function seededInvitation(i: number, at: number, now: number, openLinkId: string): Invitation {
  const id = idOf(i);
  const isOpen = id === openLinkId || i % 50 === 49;
  const isFresh = at > now - invitationLifetimeMs;
  const isFailed = !isOpen && i % 97 === 0;
  const isRevoked = i % 89 === 0;
  const isIssuing = !isOpen && isFresh && i % 1_000 === 1;
  return {
    id,
    employeeType: employeeTypes[i % employeeTypes.length] ?? 'Guest',
    mode: i % 3 === 0 ? 'email' : 'link',
    email: isOpen ? null : addressOf(i),
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
