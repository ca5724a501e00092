import Database from 'better-sqlite3';
import {
  type FurthestStep,
  type Invitation,
  invitationLifetimeMs,
  invitationStatus,
} from '../src/domain/invitation.ts';
import type { MemberState } from '../src/domain/member.ts';
import { employeeTypes } from '../src/domain/vocabulary.ts';
import { invitationValues } from '../src/store/rows.ts';
import { makesRoom, memberSearchText } from '../src/store/rules.ts';
import { openForWriting } from '../src/store/sqlite/open.ts';

/** The results of most invitations in a year. The newest week is still open. */
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
  gone: 'gone',
} as const satisfies Partial<Record<FurthestStep, MemberState>>;
const minuteMs = 60_000;
/** Raw deliveries are kept for 90 days (RETENTION_DAYS). */
const deliveriesKeptMs = 89 * 24 * 60 * minuteMs;

export type Seeded = {
  readonly count: number;
  /** The time of the oldest row (UTC ms). */
  readonly oldestAt: number;
  readonly openLinkId: string;
};

/**
 * Writes a database directly into its tables: a year of invitations, with each person who came and
 * their attempt, timeline and deliveries; an open link that brought thousands of people; and
 * strangers, one for every five invitations.
 * @param now UTC ms
 */
export function seedLog(options: {
  readonly file: string;
  readonly count: number;
  readonly now: number;
}): Seeded {
  const { file, count, now } = options;
  openForWriting(file).$client.close();
  const database = new Database(file);
  database.pragma('synchronous = OFF');
  database.pragma('cache_size = -500000');
  database.pragma('temp_store = MEMORY');
  const stepMs = (365 * 24 * 60 * minuteMs) / count;
  const oldestAt = Math.floor(now - count * stepMs);
  const write = prepareInserts(database, now);
  const openLinkId = idOf(Math.floor(count / 3) * 3);
  const joinedCountOf = (id: string) => (id === openLinkId ? Math.min(5_000, count) : 1);
  database.transaction(() => {
    for (let i = 0; i < count; i += 1) {
      const invitation = seededInvitation(i, Math.floor(oldestAt + i * stepMs), now, openLinkId);
      write.invitation(invitation);
      if (invitation.furthestStep === 'none' && invitation.id !== openLinkId) continue;
      for (let n = 0; n < joinedCountOf(invitation.id); n += 1)
        write.comer(invitation, i * 8_192 + n);
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

/** User ids have no order, like those of the portal. */
export function userIdOf(n: number): string {
  const scattered = (BigInt(n) * 0x9e37_79b9_7f4bn) & 0xffff_ffff_ffffn;
  return `00000000-0000-4000-8000-${scattered.toString(16).padStart(12, '0')}`;
}

/** The user id of the person who came by the personal invitation with this number. */
export function joinedUserOf(i: number): string {
  return userIdOf(i * 8_192);
}

/** The numbers of personal invitations that brought a person, from all parts of the database. */
export function joinedNumbers(count: number, most: number): number[] {
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
    `INSERT INTO invitations (id, employee_type, mode, email, email_key, note, search_text, stage, reason, link, user_id, created_at, issued_at, revoked_at, furthest_step, status, current)
     VALUES (@id, @employeeType, @mode, @email, @emailKey, @note, @searchText, @stage, @reason, @link, @userId, @createdAt, @issuedAt, @revokedAt, @furthestStep, @status, @current)`,
  );
  const addMember = database.prepare(
    `INSERT INTO members (user_id, state, reason, version, invitation_id, accepted_by_operator, email, email_key, first_name, last_name, search_text, culture_name, employee_type, registered_at, activated_at, welcomed_at, check_count, not_sent_count, hinted, sent_late, refused_by)
     VALUES (@userId, @state, @reason, 1, @invitationId, 0, @email, @email, 'Ann', 'Lee', @searchText, 'en-US', @employeeType, @registeredAt, @activatedAt, @welcomedAt, 1, 0, 0, 0, '[]')`,
  );
  const addAttempt = database.prepare(
    `INSERT INTO attempts (id, member, channel, started_at, ended_at, outcome) VALUES (?, ?, 'docspace', ?, ?, ?)`,
  );
  const addLine = database.prepare(
    `INSERT INTO timeline (at, member, invitation_id, event, params, cause, actor) VALUES (?, ?, ?, ?, ?, '{"kind":"restart"}', '{"kind":"service"}')`,
  );
  const addDelivery = database.prepare(
    `INSERT INTO deliveries (received_at, webhook_id, event_id, created_on, trigger, user_id, shows, answer, body)
     VALUES (@at, 12, @eventId, @at, @trigger, @userId, 'activated', @answer, @body)`,
  );
  const body = Buffer.from(JSON.stringify({ event: 'seeded', filler: 'x'.repeat(300) }));

  return {
    invitation(invitation: Invitation): void {
      const isCurrent = invitation.email !== null && !makesRoom(invitation);
      // The status that housekeeping left at its last run.
      const status = invitationStatus(invitation, now - 10 * minuteMs);
      const reason = invitation.reason && JSON.stringify(invitation.reason);
      addInvitation.run({
        ...invitationValues(invitation),
        reason,
        status,
        current: isCurrent ? 1 : 0,
      });
      addLine.run(invitation.createdAt, null, invitation.id, 'invitation_requested', null);
      addLine.run(invitation.createdAt, null, invitation.id, 'invitation_issued', null);
    },
    comer(invitation: Invitation, n: number): void {
      const { id, createdAt, furthestStep, employeeType } = invitation;
      const userId = userIdOf(n);
      const state = furthestStep === 'none' ? 'welcomed' : states[furthestStep];
      const isActive = state !== 'waiting';
      const email = invitation.email ?? `comer${n}@example.com`;
      const { lastInsertRowid: member } = addMember.run({
        userId,
        state,
        reason: state === 'failed' ? JSON.stringify({ code: 'portal_refused', status: 400 }) : null,
        invitationId: id,
        email,
        searchText: memberSearchText({ firstName: 'Ann', lastName: 'Lee', email }),
        employeeType,
        registeredAt: createdAt + minuteMs,
        activatedAt: isActive ? createdAt + 5 * minuteMs : null,
        welcomedAt: state === 'welcomed' ? createdAt + 6 * minuteMs : null,
      });
      const events = [
        'poll_hint',
        'registered',
        ...(isActive ? ['activated', 'attempt_started', 'welcomed'] : []),
      ];
      for (const event of events) addLine.run(createdAt + minuteMs, member, id, event, null);
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
    /** Marks all deliveries as applied. */
    applied(): void {
      database.exec(
        `INSERT INTO member_deliveries (member, delivery)
         SELECT members.seq, deliveries.id
         FROM deliveries JOIN members ON members.user_id = deliveries.user_id ORDER BY 1, 2;
         INSERT INTO key_values SELECT 'applied_through', ifnull(max(id), 0) FROM deliveries;
         INSERT INTO activity SELECT issued_at - issued_at % 900000, 'invited', count(*)
         FROM invitations WHERE issued_at IS NOT NULL GROUP BY 1;
         INSERT INTO activity SELECT activated_at - activated_at % 900000, 'activated', count(*)
         FROM members WHERE activated_at IS NOT NULL GROUP BY 1;
         INSERT INTO activity SELECT welcomed_at - welcomed_at % 900000, 'welcomed', count(*)
         FROM members WHERE welcomed_at IS NOT NULL GROUP BY 1;`,
      );
    },
    /**
     * Adds a stranger, of whom only the id is kept, or a person who came by this account with
     * another address.
     */
    stranger(at: number, n: number, isByUs: boolean): void {
      const userId = userIdOf(n);
      const reason = JSON.stringify({ code: isByUs ? 'address_not_invited' : 'not_invited' });
      const nothing = { invitationId: null, email: null, searchText: '', employeeType: null };
      const never = { registeredAt: null, activatedAt: null, welcomedAt: null };
      const added = { userId, state: 'skipped', reason, ...nothing, ...never };
      const { lastInsertRowid: member } = addMember.run(added);
      addLine.run(at, member, null, 'skipped', JSON.stringify({ reason: JSON.parse(reason) }));
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
    accountId: 'account',
    stage: isFailed ? 'failed' : isIssuing ? 'issuing' : 'issued',
    reason: isFailed ? { code: 'no_seat_left' } : null,
    link: null,
    userId: null,
    createdAt: at,
    issuedAt: isFailed || isIssuing ? null : at,
    revokedAt: isRevoked ? at : null,
    furthestStep:
      isOpen || isFailed || isIssuing || isFresh
        ? 'none'
        : (progresses[i % progresses.length] ?? 'none'),
    language: null,
    letter: null,
    letterDueAt: null,
  };
}
