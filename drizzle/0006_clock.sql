-- How far the clock of the log was ever set back, in ms: lists that go by time find by it what is in
-- the order of seq, and the other way round (see `invitation-readers.ts`).
INSERT INTO progress (key, value)
SELECT 'clock_set_back', max(newest - created_at) FROM (
  SELECT created_at, max(created_at) OVER (ORDER BY seq) AS newest FROM invitations
) HAVING max(newest - created_at) > 0;
--> statement-breakpoint
CREATE TRIGGER invitations_clock AFTER INSERT ON invitations
WHEN new.created_at < (SELECT max(created_at) FROM invitations) BEGIN
  INSERT INTO progress
  VALUES ('clock_set_back', (SELECT max(created_at) FROM invitations) - new.created_at)
  ON CONFLICT DO UPDATE SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER));
END;
