import Database from 'better-sqlite3';
import type { Invitation } from '../../src/domain/invitation.ts';
import { placeOf } from '../../src/store/place.ts';
import { endClient, openClient, openPool } from '../../src/store/postgres/connection.ts';
import { migrate } from '../../src/store/postgres/migrate.ts';
import { invitationValues } from '../../src/store/rows.ts';
import { openForWriting } from '../../src/store/sqlite/open.ts';

const rowsAStatement = 500;

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

/** The same in a PostgreSQL database. */
export async function seedDueInPostgres(options: {
  readonly url: string;
  readonly people: readonly { readonly userId: string; readonly email: string }[];
  readonly now: number;
}): Promise<void> {
  const { url, people, now } = options;
  const place = placeOf(url, 'docspace_welcome');
  const client = await openClient(place);
  await migrate(client, place);
  await endClient(client);
  const { db, tables, end } = openPool(place);
  for (let first = 0; first < people.length; first += rowsAStatement) {
    const some = people.slice(first, first + rowsAStatement);
    await db.insert(tables.invitations).values(
      some.map(({ email }, index) => ({
        ...invitationValues(invitationOf(first + index, email, now)),
        current: true,
      })),
    );
    await db.insert(tables.members).values(
      some.map(({ userId }) => ({
        ...{ userId, employeeType: 'User' as const, state: 'waiting' as const, version: 1 },
        ...{ dueAt: now, acceptedByOperator: false, searchText: '', checkCount: 0 },
        ...{ notSentCount: 0, hinted: false, sentLate: false, refusedBy: [] },
      })),
    );
  }
  await end();
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
