import Database from 'better-sqlite3';
import type { Invitation } from '../../src/domain/invitation.ts';
import { invitationValues } from '../../src/store/rows.ts';
import { openForWriting } from '../../src/store/sqlite/open.ts';

/**
 * Writes people directly into the tables, as deliveries would have left them: invited by address,
 * `waiting`, of known type (a person is first read when they register), and due.
 * @param now UTC ms
 */
export function seedDue(options: {
  readonly file: string;
  readonly people: readonly { readonly userId: string; readonly email: string }[];
  readonly now: number;
}): void {
  const { file, people, now } = options;
  openForWriting(file).$client.close();
  const database = new Database(file);
  database.pragma('synchronous = OFF');
  const addInvitation = database.prepare(
    `INSERT INTO invitations (id, employee_type, mode, email, email_key, search_text, created_at, issued_at, stage, furthest_step, status, current)
     VALUES (@id, @employeeType, @mode, @email, @emailKey, @searchText, @createdAt, @issuedAt, @stage, @furthestStep, @status, 1)`,
  );
  const addMember = database.prepare(
    `INSERT INTO members (user_id, employee_type, state, version, due_at, accepted_by_operator, search_text, check_count, not_sent_count, hinted, sent_late, refused_by)
     VALUES (?, 'User', 'waiting', 1, ?, 0, '', 0, 0, 0, 0, '[]')`,
  );
  database.transaction(() => {
    people.forEach(({ userId, email }, index) => {
      const invitation = invitationOf(index, email, now);
      addInvitation.run(invitationValues(invitation));
      addMember.run(userId, now);
    });
  })();
  database.close();
}

function invitationOf(index: number, email: string, now: number): Invitation {
  return {
    id: `inv_bench${index}`,
    employeeType: 'User',
    mode: 'link',
    email,
    note: null,
    stage: 'issued',
    reason: null,
    link: null,
    accountId: 'account',
    userId: null,
    createdAt: now - 3_600_000,
    issuedAt: now - 3_600_000,
    revokedAt: null,
    furthestStep: 'none',
    language: null,
    letter: null,
    letterDueAt: null,
  };
}
