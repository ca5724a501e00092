-- By hand: the text index holds each four characters of a text instead of each three (and by its own
-- prefix index the first three of them), so that what somebody looks for is in lists a tenth as long.
-- Each piece stands beside its neighbours only in the text itself, so no positions are kept.
DROP TRIGGER invitations_text_insert;
--> statement-breakpoint
DROP TRIGGER invitations_text_delete;
--> statement-breakpoint
DROP TRIGGER invitations_text_update;
--> statement-breakpoint
DROP TABLE invitations_text;
--> statement-breakpoint
-- No piece goes from the address into the note; the last of each has three characters. Of both in one
-- text it took twice the time: SQLite would put them together for each piece anew.
CREATE VIEW invitations_pieces AS
SELECT seq, ifnull((
  WITH RECURSIVE place (n) AS (
    SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < length(email) - 2
  )
  SELECT group_concat(substr(email, n, 4), '␟') FROM place
), '') || '␟' || ifnull((
  WITH RECURSIVE place (n) AS (
    SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < length(note) - 2
  )
  SELECT group_concat(substr(note, n, 4), '␟') FROM place
), '') AS pieces
FROM invitations;
--> statement-breakpoint
-- Every character but the one between pieces is part of a word.
CREATE VIRTUAL TABLE invitations_text USING fts5(
  pieces, content = 'invitations_pieces', content_rowid = 'seq',
  tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Z* C*' separators '␟'",
  prefix = 3, detail = 'none', columnsize = 0
);
--> statement-breakpoint
INSERT INTO invitations_text (invitations_text) VALUES ('rebuild');
--> statement-breakpoint
CREATE TRIGGER invitations_text_insert AFTER INSERT ON invitations BEGIN
  INSERT INTO invitations_text (rowid, pieces)
  SELECT seq, pieces FROM invitations_pieces WHERE seq = new.seq;
END;
--> statement-breakpoint
CREATE TRIGGER invitations_text_delete BEFORE DELETE ON invitations BEGIN
  INSERT INTO invitations_text (invitations_text, rowid, pieces)
  SELECT 'delete', seq, pieces FROM invitations_pieces WHERE seq = old.seq;
END;
--> statement-breakpoint
-- An invitation is saved as a whole, but what it says seldom changes: without this condition an eighth
-- of settling one was to take the same text out and put it in again. After the change, of the old
-- columns: by the view it would take a trigger before, which costs each save.
CREATE TRIGGER invitations_text_update AFTER UPDATE OF email, note ON invitations
WHEN old.email IS NOT new.email OR old.note IS NOT new.note BEGIN
  INSERT INTO invitations_text (invitations_text, rowid, pieces)
  VALUES ('delete', old.seq, ifnull((
    WITH RECURSIVE place (n) AS (
      SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < length(old.email) - 2
    )
    SELECT group_concat(substr(old.email, n, 4), '␟') FROM place
  ), '') || '␟' || ifnull((
    WITH RECURSIVE place (n) AS (
      SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < length(old.note) - 2
    )
    SELECT group_concat(substr(old.note, n, 4), '␟') FROM place
  ), ''));
  INSERT INTO invitations_text (rowid, pieces)
  SELECT seq, pieces FROM invitations_pieces WHERE seq = new.seq;
END;
