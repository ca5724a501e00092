-- Full-text index for the filter `q`: three or more characters anywhere in e-mail or note.
CREATE VIRTUAL TABLE invitations_text USING fts5(
  email, note, content = 'invitations', content_rowid = 'seq', tokenize = 'trigram'
);
--> statement-breakpoint
CREATE TRIGGER invitations_text_insert AFTER INSERT ON invitations BEGIN
  INSERT INTO invitations_text (rowid, email, note) VALUES (new.seq, new.email, new.note);
END;
--> statement-breakpoint
CREATE TRIGGER invitations_text_delete AFTER DELETE ON invitations BEGIN
  INSERT INTO invitations_text (invitations_text, rowid, email, note)
  VALUES ('delete', old.seq, old.email, old.note);
END;
--> statement-breakpoint
CREATE TRIGGER invitations_text_update AFTER UPDATE OF email, note ON invitations BEGIN
  INSERT INTO invitations_text (invitations_text, rowid, email, note)
  VALUES ('delete', old.seq, old.email, old.note);
  INSERT INTO invitations_text (rowid, email, note) VALUES (new.seq, new.email, new.note);
END;
