import Database from 'better-sqlite3';
import { openForWriting } from '../../src/store/sqlite/open.ts';

/**
 * Writes a database in which everybody is a welcomed member, except the last `changed`. The portal
 * already shows those as active.
 * @param now the time of the last full run (UTC ms)
 */
export function seedFollowed(options: {
  readonly file: string;
  readonly people: readonly { readonly userId: string; readonly email: string }[];
  readonly changed: number;
  readonly webhook: { readonly id: number; readonly uri: string };
  readonly now: number;
}): void {
  const { file, people, changed, webhook, now } = options;
  openForWriting(file).$client.close();
  const database = new Database(file);
  database.pragma('synchronous = OFF');
  const addInvitation = database.prepare(
    `INSERT INTO invitations (id, employee_type, mode, email, email_key, search_text, created_at, issued_at, stage, furthest_step, status, current)
     VALUES (@id, 'User', 'link', @email, @email, @email, @at, @at, 'issued', @status, @status, @current)`,
  );
  const addMember = database.prepare(
    `INSERT INTO members (user_id, state, version, invitation_id, accepted_by_operator, email, email_key, search_text, registered_at, activated_at, welcomed_at, check_count, not_sent_count, hinted, sent_late, refused_by)
     VALUES (@userId, @state, 1, @id, 0, @email, @email, @email, @at, @activatedAt, @activatedAt, 1, 0, 0, 0, '[]')`,
  );
  const remember = database.prepare('INSERT INTO key_values (key, value) VALUES (?, ?)');
  database.transaction(() => {
    people.forEach(({ userId, email }, index) => {
      const isChanged = index >= people.length - changed;
      const status = isChanged ? 'registered' : 'welcomed';
      const at = now - 3_600_000;
      const id = `inv_bench${index}`;
      const current = isChanged ? 1 : 0;
      addInvitation.run({ id, email, at, status, current });
      const state = isChanged ? 'waiting' : 'welcomed';
      addMember.run({ userId, state, id, email, at, activatedAt: isChanged ? null : at });
    });
    remember.run('swept_at', String(now));
    // The database was used before, so the checks of a first start are over.
    remember.run('first_started_at', JSON.stringify({ clock: 'portal', at: now }));
    remember.run('webhook', JSON.stringify({ ...webhook, repairs: 0 }));
  })();
  database.close();
}
