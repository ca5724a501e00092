-- By hand: an invitation is saved as a whole, but what it says seldom changes. To take the same text
-- out of the index and put it in again was an eighth of what settling an invitation takes.
DROP TRIGGER invitations_text_update;
--> statement-breakpoint
CREATE TRIGGER invitations_text_update AFTER UPDATE OF email, note ON invitations
WHEN old.email IS NOT new.email OR old.note IS NOT new.note BEGIN
  INSERT INTO invitations_text (invitations_text, rowid, email, note)
  VALUES ('delete', old.seq, old.email, old.note);
  INSERT INTO invitations_text (rowid, email, note) VALUES (new.seq, new.email, new.note);
END;
