-- By hand: attempts and lines name their member by its key, and keep their own keys.
CREATE TABLE `new_attempts` (
	`id` text PRIMARY KEY NOT NULL,
	`member` integer NOT NULL,
	`channel` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`outcome` text,
	`detail` text,
	FOREIGN KEY (`member`) REFERENCES `members`(`seq`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
INSERT INTO new_attempts (id, member, channel, started_at, ended_at, outcome, detail)
SELECT attempts.id, members.seq, channel, started_at, ended_at, outcome, detail
FROM attempts JOIN members ON members.user_id = attempts.user_id
ORDER BY attempts.id;
--> statement-breakpoint
DROP TABLE `attempts`;--> statement-breakpoint
ALTER TABLE `new_attempts` RENAME TO `attempts`;--> statement-breakpoint
CREATE UNIQUE INDEX `attempts_open_or_sent` ON `attempts` (`member`) WHERE "attempts"."outcome" IS NULL OR "attempts"."outcome" = 'sent';--> statement-breakpoint
CREATE INDEX `attempts_member` ON `attempts` (`member`,`started_at`);--> statement-breakpoint
CREATE INDEX `attempts_started` ON `attempts` (`started_at`);--> statement-breakpoint
CREATE TABLE `new_timeline` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`member` integer,
	`invitation_id` text,
	`what` text NOT NULL,
	`cause` text NOT NULL,
	`actor` text NOT NULL
);
--> statement-breakpoint
INSERT INTO new_timeline (id, at, member, invitation_id, what, cause, actor)
SELECT timeline.id, at, members.seq, timeline.invitation_id, what, cause, actor
FROM timeline LEFT JOIN members ON members.user_id = timeline.user_id
ORDER BY timeline.id;
--> statement-breakpoint
DROP TABLE `timeline`;--> statement-breakpoint
ALTER TABLE `new_timeline` RENAME TO `timeline`;--> statement-breakpoint
CREATE INDEX `timeline_member` ON `timeline` (`member`,`id`) WHERE "timeline"."member" is not null;--> statement-breakpoint
CREATE INDEX `timeline_invitation` ON `timeline` (`invitation_id`,`id`) WHERE "timeline"."invitation_id" is not null;
