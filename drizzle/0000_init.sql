CREATE TABLE `attempts` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`channel` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`outcome` text,
	`detail` text,
	FOREIGN KEY (`user_id`) REFERENCES `members`(`user_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `attempts_open_or_sent` ON `attempts` (`user_id`) WHERE "attempts"."outcome" IS NULL OR "attempts"."outcome" = 'sent';--> statement-breakpoint
CREATE INDEX `attempts_user` ON `attempts` (`user_id`,`started_at`);--> statement-breakpoint
CREATE INDEX `attempts_started` ON `attempts` (`started_at`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`received_at` integer NOT NULL,
	`webhook_id` integer,
	`event_id` integer,
	`created_on` integer,
	`trigger` text,
	`user_id` text,
	`shows` text,
	`answer` text NOT NULL,
	`reason` text,
	`repeats` integer DEFAULT 0 NOT NULL,
	`body` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deliveries_same` ON `deliveries` (`event_id`,`created_on`,`webhook_id`);--> statement-breakpoint
CREATE INDEX `deliveries_unreadable` ON `deliveries` (`id`) WHERE "deliveries"."answer" = 'unreadable';--> statement-breakpoint
CREATE INDEX `deliveries_user` ON `deliveries` (`user_id`,`id`) WHERE "deliveries"."user_id" is not null;--> statement-breakpoint
CREATE INDEX `deliveries_trigger` ON `deliveries` (`trigger`,`id`) WHERE "deliveries"."trigger" is not null;--> statement-breakpoint
CREATE TABLE `durations` (
	`kind` text NOT NULL,
	`bucket` integer NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`kind`, `bucket`)
);
--> statement-breakpoint
CREATE TABLE `forgotten` (
	`hash` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `invitations` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`employee_type` text NOT NULL,
	`mode` text NOT NULL,
	`email` text,
	`email_key` text,
	`note` text,
	`stage` text NOT NULL,
	`reason` text,
	`link` text,
	`user_id` text,
	`created_at` integer NOT NULL,
	`issued_at` integer,
	`revoked_at` integer,
	`progress` text NOT NULL,
	`standing` text NOT NULL,
	`current` integer NOT NULL,
	`import_key` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_id_unique` ON `invitations` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_current_email` ON `invitations` (`email_key`) WHERE "invitations"."current" = 1 AND "invitations"."email_key" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `invitations_email` ON `invitations` (`email_key`,`created_at`,`seq`);--> statement-breakpoint
CREATE INDEX `invitations_user` ON `invitations` (`user_id`) WHERE "invitations"."user_id" is not null;--> statement-breakpoint
CREATE INDEX `invitations_standing` ON `invitations` (`standing`,`created_at`,`seq`,`issued_at`);--> statement-breakpoint
CREATE INDEX `invitations_type` ON `invitations` (`employee_type`,`created_at`,`seq`);--> statement-breakpoint
CREATE INDEX `invitations_mode` ON `invitations` (`mode`,`created_at`,`seq`);--> statement-breakpoint
CREATE INDEX `invitations_created` ON `invitations` (`created_at`,`seq`);--> statement-breakpoint
CREATE INDEX `invitations_import` ON `invitations` (`import_key`,`email_key`) WHERE "invitations"."import_key" is not null;--> statement-breakpoint
CREATE INDEX `invitations_open` ON `invitations` (`created_at`) WHERE "invitations"."email_key" IS NULL;--> statement-breakpoint
CREATE INDEX `invitations_link` ON `invitations` (`issued_at`) WHERE "invitations"."link" is not null;--> statement-breakpoint
CREATE TABLE `keyed_answers` (
	`key` text PRIMARY KEY NOT NULL,
	`request` text NOT NULL,
	`begun_at` integer NOT NULL,
	`status` integer,
	`body` text
);
--> statement-breakpoint
CREATE INDEX `keyed_answers_begun` ON `keyed_answers` (`begun_at`);--> statement-breakpoint
CREATE TABLE `members` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` text NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`version` integer NOT NULL,
	`due_at` integer,
	`lease_until` integer,
	`invitation_id` text,
	`adopted` integer NOT NULL,
	`email` text,
	`email_key` text,
	`first_name` text,
	`last_name` text,
	`culture_name` text,
	`employee_type` text,
	`registered_at` integer,
	`activated_at` integer,
	`confirmed_at` integer,
	`welcomed_at` integer,
	`absent_since` integer,
	`look_count` integer NOT NULL,
	`not_sent_count` integer NOT NULL,
	`hinted` integer NOT NULL,
	`open_attempt` text,
	`unknown_attempt_id` text,
	`sent_late` integer NOT NULL,
	`resend_through` text,
	`refused_by` text NOT NULL,
	`forgotten_at` integer,
	`seen_in_round` integer DEFAULT 0 NOT NULL,
	FOREIGN KEY (`invitation_id`) REFERENCES `invitations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `members_user_id_unique` ON `members` (`user_id`);--> statement-breakpoint
CREATE INDEX `members_due` ON `members` (`due_at`,`state`) WHERE "members"."due_at" is not null;--> statement-breakpoint
CREATE INDEX `members_state` ON `members` (`state`,`seq`);--> statement-breakpoint
CREATE INDEX `members_email` ON `members` (`email_key`) WHERE "members"."email_key" is not null;--> statement-breakpoint
CREATE INDEX `members_invitation` ON `members` (`invitation_id`) WHERE "members"."invitation_id" is not null;--> statement-breakpoint
CREATE TABLE `pauses` (
	`name` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`since` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `progress` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `timeline` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`user_id` text,
	`invitation_id` text,
	`what` text NOT NULL,
	`cause` text NOT NULL,
	`actor` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `timeline_user` ON `timeline` (`user_id`,`id`) WHERE "timeline"."user_id" is not null;--> statement-breakpoint
CREATE INDEX `timeline_invitation` ON `timeline` (`invitation_id`,`id`) WHERE "timeline"."invitation_id" is not null;