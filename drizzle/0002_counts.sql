CREATE TABLE `activity` (
	`quarter` integer NOT NULL,
	`kind` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`quarter`, `kind`)
);
--> statement-breakpoint
CREATE TABLE `invitation_counts` (
	`standing` text PRIMARY KEY NOT NULL,
	`count` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `member_counts` (
	`state` text NOT NULL,
	`open_link` integer NOT NULL,
	`other_address` integer NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`state`, `open_link`, `other_address`)
);
--> statement-breakpoint
CREATE TABLE `open_link_counts` (
	`invitation_id` text NOT NULL,
	`state` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`invitation_id`, `state`)
);
--> statement-breakpoint
DROP INDEX `invitations_link`;--> statement-breakpoint
CREATE INDEX `invitations_open_id` ON `invitations` (`id`) WHERE "invitations"."email_key" IS NULL;--> statement-breakpoint
CREATE INDEX `invitations_outstanding` ON `invitations` (`standing`,`issued_at`,`created_at`) WHERE "invitations"."standing" IN ('issued', 'open');--> statement-breakpoint
CREATE INDEX `invitations_awaited` ON `invitations` (`id`) WHERE "invitations"."standing" IN ('issued', 'expired') AND "invitations"."email_key" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `members_reason` ON `members` (`reason`,`state`,`seq`) WHERE "members"."reason" is not null;
--> statement-breakpoint
-- Written by hand from here on: what was counted so far, and the triggers that go on counting.
-- 'expired' is noted from now on by housekeeping; a link lives 7 days (wire 3.1).
UPDATE invitations SET standing = 'expired', link = NULL
WHERE standing IN ('issued', 'open') AND issued_at <= unixepoch() * 1000 - 604800000;
--> statement-breakpoint
INSERT INTO invitation_counts (standing, count)
SELECT standing, count(*) FROM invitations GROUP BY standing;
--> statement-breakpoint
INSERT INTO open_link_counts (invitation_id, state, count)
SELECT invitation_id, state, count(*) FROM members
WHERE invitation_id IN (SELECT id FROM invitations WHERE email_key IS NULL)
GROUP BY invitation_id, state;
--> statement-breakpoint
INSERT INTO member_counts (state, open_link, other_address, count)
SELECT
  state,
  invitation_id IS NOT NULL AND invitation_id IN (SELECT id FROM invitations WHERE email_key IS NULL),
  state = 'skipped' AND reason IS 'came by this account, no invitation has this address',
  count(*)
FROM members GROUP BY 1, 2, 3;
--> statement-breakpoint
INSERT INTO activity (quarter, kind, count)
SELECT issued_at - issued_at % 900000, 'invited', count(*) FROM invitations
WHERE issued_at IS NOT NULL GROUP BY 1;
--> statement-breakpoint
INSERT INTO activity (quarter, kind, count)
SELECT activated_at - activated_at % 900000, 'activated', count(*) FROM members
WHERE activated_at IS NOT NULL GROUP BY 1;
--> statement-breakpoint
INSERT INTO activity (quarter, kind, count)
SELECT welcomed_at - welcomed_at % 900000, 'welcomed', count(*) FROM members
WHERE welcomed_at IS NOT NULL GROUP BY 1;
--> statement-breakpoint
CREATE TRIGGER invitation_counts_insert AFTER INSERT ON invitations BEGIN
  INSERT INTO invitation_counts VALUES (new.standing, 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;
--> statement-breakpoint
CREATE TRIGGER invitation_counts_delete AFTER DELETE ON invitations BEGIN
  UPDATE invitation_counts SET count = count - 1 WHERE standing = old.standing;
END;
--> statement-breakpoint
CREATE TRIGGER invitation_counts_update AFTER UPDATE OF standing ON invitations
WHEN old.standing <> new.standing BEGIN
  UPDATE invitation_counts SET count = count - 1 WHERE standing = old.standing;
  INSERT INTO invitation_counts VALUES (new.standing, 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;
--> statement-breakpoint
CREATE TRIGGER member_counts_insert AFTER INSERT ON members BEGIN
  INSERT INTO member_counts VALUES (
    new.state,
    EXISTS (SELECT 1 FROM invitations WHERE id = new.invitation_id AND email_key IS NULL),
    new.state = 'skipped' AND new.reason IS 'came by this account, no invitation has this address',
    1
  ) ON CONFLICT DO UPDATE SET count = count + 1;
  INSERT INTO open_link_counts
  SELECT id, new.state, 1 FROM invitations WHERE id = new.invitation_id AND email_key IS NULL
  ON CONFLICT DO UPDATE SET count = count + 1;
END;
--> statement-breakpoint
CREATE TRIGGER member_counts_delete AFTER DELETE ON members BEGIN
  UPDATE member_counts SET count = count - 1
  WHERE state = old.state
  AND open_link = EXISTS (SELECT 1 FROM invitations WHERE id = old.invitation_id AND email_key IS NULL)
  AND other_address = (
    old.state = 'skipped' AND old.reason IS 'came by this account, no invitation has this address'
  );
  UPDATE open_link_counts SET count = count - 1
  WHERE invitation_id = old.invitation_id AND state = old.state;
END;
--> statement-breakpoint
CREATE TRIGGER member_counts_update AFTER UPDATE OF state, reason, invitation_id ON members
WHEN old.state <> new.state
OR old.reason IS NOT new.reason
OR old.invitation_id IS NOT new.invitation_id BEGIN
  UPDATE member_counts SET count = count - 1
  WHERE state = old.state
  AND open_link = EXISTS (SELECT 1 FROM invitations WHERE id = old.invitation_id AND email_key IS NULL)
  AND other_address = (
    old.state = 'skipped' AND old.reason IS 'came by this account, no invitation has this address'
  );
  UPDATE open_link_counts SET count = count - 1
  WHERE invitation_id = old.invitation_id AND state = old.state;
  INSERT INTO member_counts VALUES (
    new.state,
    EXISTS (SELECT 1 FROM invitations WHERE id = new.invitation_id AND email_key IS NULL),
    new.state = 'skipped' AND new.reason IS 'came by this account, no invitation has this address',
    1
  ) ON CONFLICT DO UPDATE SET count = count + 1;
  INSERT INTO open_link_counts
  SELECT id, new.state, 1 FROM invitations WHERE id = new.invitation_id AND email_key IS NULL
  ON CONFLICT DO UPDATE SET count = count + 1;
END;
--> statement-breakpoint
-- An invitation is issued once, however often it is sent again; a person is activated and welcomed once.
CREATE TRIGGER activity_invited AFTER UPDATE OF stage ON invitations
WHEN new.stage = 'issued' AND old.stage <> 'issued' BEGIN
  INSERT INTO activity VALUES (new.issued_at - new.issued_at % 900000, 'invited', 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;
--> statement-breakpoint
CREATE TRIGGER activity_invited_at_once AFTER INSERT ON invitations
WHEN new.issued_at IS NOT NULL BEGIN
  INSERT INTO activity VALUES (new.issued_at - new.issued_at % 900000, 'invited', 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;
--> statement-breakpoint
CREATE TRIGGER activity_activated AFTER UPDATE OF activated_at ON members
WHEN old.activated_at IS NULL AND new.activated_at IS NOT NULL BEGIN
  INSERT INTO activity VALUES (new.activated_at - new.activated_at % 900000, 'activated', 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;
--> statement-breakpoint
CREATE TRIGGER activity_activated_at_once AFTER INSERT ON members
WHEN new.activated_at IS NOT NULL BEGIN
  INSERT INTO activity VALUES (new.activated_at - new.activated_at % 900000, 'activated', 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;
--> statement-breakpoint
CREATE TRIGGER activity_welcomed AFTER UPDATE OF welcomed_at ON members
WHEN old.welcomed_at IS NULL AND new.welcomed_at IS NOT NULL BEGIN
  INSERT INTO activity VALUES (new.welcomed_at - new.welcomed_at % 900000, 'welcomed', 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;
--> statement-breakpoint
CREATE TRIGGER activity_welcomed_at_once AFTER INSERT ON members
WHEN new.welcomed_at IS NOT NULL BEGIN
  INSERT INTO activity VALUES (new.welcomed_at - new.welcomed_at % 900000, 'welcomed', 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;
