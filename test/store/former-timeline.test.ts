import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { formerFile } from './files.ts';

test('whoever was welcomed under the version before keeps their timeline and attempts, and is not welcomed again', async () => {
  const file = await formerFile(5, (client) => {
    client.exec(
      `INSERT INTO invitations (id, employee_type, mode, email, email_key, stage, created_at, issued_at, progress, standing, current)
       VALUES ('inv_1', 'User', 'link', 'ann@example.com', 'ann@example.com', 'issued', 1, 1, 'welcomed', 'welcomed', 0);
       INSERT INTO members (seq, user_id, state, invitation_id, version, adopted, look_count, not_sent_count, hinted, sent_late, refused_by)
       VALUES (7, 'bob', 'waiting', NULL, 1, 0, 0, 0, 0, 0, '[]'), (9, 'ann', 'welcomed', 'inv_1', 1, 0, 0, 0, 0, 0, '[]');
       INSERT INTO attempts (id, user_id, channel, started_at, ended_at, outcome, detail)
       VALUES ('att_1', 'ann', 'docspace', 2, 3, 'not_sent', 'slow'), ('att_2', 'ann', 'docspace', 4, 5, 'sent', NULL);
       INSERT INTO timeline (at, user_id, invitation_id, what, cause, actor)
       VALUES (1, NULL, 'inv_1', 'issued', 'api', 'operator'), (2, 'bob', NULL, 'registered', 'portal API', 'service'),
              (3, 'ann', 'inv_1', 'welcomed', 'attempt att_2', 'service');`,
    );
  });
  const store = openSqliteStore(file);
  onTestFinished(() => store.close());

  const ann = await store.memberStory('ann');
  expect(ann?.attempts.map((one) => [one.id, one.outcome])).toEqual([
    ['att_1', 'not_sent'],
    ['att_2', 'sent'],
  ]);
  expect(ann?.timeline.map((line) => [line.userId, line.what])).toEqual([['ann', 'welcomed']]);
  expect((await store.memberStory('bob'))?.timeline.map((line) => line.what)).toEqual([
    'registered',
  ]);
  expect(
    (await store.invitationStory('inv_1'))?.timeline.map((line) => [line.userId, line.what]),
  ).toEqual([
    [null, 'issued'],
    ['ann', 'welcomed'],
  ]);

  if (!ann) throw new Error('ann is not in the store');
  const begin = store.commit({
    member: ann.member,
    before: ann.member,
    madeOn: ann.member.version,
    entries: [],
    attempts: [{ kind: 'begin', id: 'att_3', channel: 'docspace' }],
    at: 6,
  });
  await expect(begin).rejects.toThrow(/UNIQUE/);
});
