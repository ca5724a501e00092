CREATE TABLE `ended_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`until` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `run_rows` (
	`run` text NOT NULL,
	`row` integer NOT NULL,
	`email` text,
	`email_key` text,
	`request` text,
	`result` text,
	PRIMARY KEY(`run`, `row`)
);
--> statement-breakpoint
CREATE INDEX `run_rows_email` ON `run_rows` (`email_key`) WHERE "run_rows"."email_key" is not null;--> statement-breakpoint
CREATE TABLE `runs` (
	`id` text PRIMARY KEY NOT NULL,
	`replica` text,
	`actor` text NOT NULL,
	`total` integer NOT NULL,
	`started_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	`ended_at` integer,
	`is_stopping` integer DEFAULT false NOT NULL,
	`waiting` text,
	`end` text
);
--> statement-breakpoint
CREATE INDEX `runs_ended` ON `runs` (`ended_at`);--> statement-breakpoint
INSERT INTO `ended_sessions` SELECT `key`, `value` FROM json_each((SELECT `value` FROM `key_values` WHERE `key` = 'signed_out_sessions'));--> statement-breakpoint
DELETE FROM `key_values` WHERE `key` = 'signed_out_sessions';
