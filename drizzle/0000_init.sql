CREATE TABLE `activity` (
	`quarter` integer NOT NULL,
	`kind` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`quarter`, `kind`)
);
--> statement-breakpoint
CREATE TABLE `attempts` (
	`id` text PRIMARY KEY NOT NULL,
	`member` integer NOT NULL,
	`channel` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`outcome` text,
	`reason` text,
	FOREIGN KEY (`member`) REFERENCES `members`(`seq`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `attempts_open_or_sent` ON `attempts` (`member`) WHERE "attempts"."outcome" IS NULL OR "attempts"."outcome" = 'sent';--> statement-breakpoint
CREATE INDEX `attempts_member` ON `attempts` (`member`,`started_at`);--> statement-breakpoint
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
CREATE TABLE `idempotency_keys` (
	`key` text PRIMARY KEY NOT NULL,
	`request` text NOT NULL,
	`begun_at` integer NOT NULL,
	`status` integer,
	`body` text
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_begun` ON `idempotency_keys` (`begun_at`);--> statement-breakpoint
CREATE TABLE `invitations` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`employee_type` text NOT NULL,
	`mode` text NOT NULL,
	`email` text,
	`email_key` text,
	`note` text,
	`search_text` text NOT NULL,
	`stage` text NOT NULL,
	`reason` text,
	`link` text,
	`account_id` text,
	`user_id` text,
	`created_at` integer NOT NULL,
	`issued_at` integer,
	`revoked_at` integer,
	`furthest_step` text NOT NULL,
	`status` text NOT NULL,
	`current` integer NOT NULL,
	`idempotency_key` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_id_unique` ON `invitations` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_current_email` ON `invitations` (`email_key`) WHERE "invitations"."current" = 1 AND "invitations"."email_key" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `invitations_email` ON `invitations` (`email_key`,`created_at`,`seq`);--> statement-breakpoint
CREATE INDEX `invitations_user` ON `invitations` (`user_id`) WHERE "invitations"."user_id" is not null;--> statement-breakpoint
CREATE INDEX `invitations_idempotency` ON `invitations` (`idempotency_key`,`email_key`) WHERE "invitations"."idempotency_key" is not null;--> statement-breakpoint
CREATE INDEX `invitations_list` ON `invitations` (`created_at`,`seq`,`search_text`,`status`,`issued_at`,`employee_type`,`mode`);--> statement-breakpoint
CREATE INDEX `invitations_status` ON `invitations` (`status`,`created_at`,`seq`,`issued_at`,`employee_type`,`mode`);--> statement-breakpoint
CREATE INDEX `invitations_type` ON `invitations` (`employee_type`,`created_at`,`seq`,`mode`);--> statement-breakpoint
CREATE INDEX `invitations_mode` ON `invitations` (`mode`,`created_at`,`seq`);--> statement-breakpoint
CREATE INDEX `invitations_open_links` ON `invitations` (`id`) WHERE "invitations"."email_key" IS NULL;--> statement-breakpoint
CREATE INDEX `invitations_unused` ON `invitations` (`issued_at`,`status`) WHERE "invitations"."status" IN ('issued', 'open');--> statement-breakpoint
CREATE INDEX `invitations_outstanding` ON `invitations` (`id`) WHERE "invitations"."status" IN ('issued', 'expired') AND "invitations"."email_key" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `key_values` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `member_deliveries` (
	`member` integer NOT NULL,
	`delivery` integer NOT NULL,
	PRIMARY KEY(`member`, `delivery`)
);
--> statement-breakpoint
CREATE TABLE `members` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` text NOT NULL,
	`state` text NOT NULL,
	`reason` text,
	`reason_code` text GENERATED ALWAYS AS (reason ->> '$.code') VIRTUAL,
	`version` integer NOT NULL,
	`due_at` integer,
	`lease_until` integer,
	`invitation_id` text,
	`accepted_by_operator` integer NOT NULL,
	`email` text,
	`email_key` text,
	`first_name` text,
	`last_name` text,
	`search_text` text NOT NULL,
	`culture_name` text,
	`employee_type` text,
	`invited_as` text,
	`registered_at` integer,
	`activated_at` integer,
	`confirmed_at` integer,
	`welcomed_at` integer,
	`absent_since` integer,
	`check_count` integer NOT NULL,
	`not_sent_count` integer NOT NULL,
	`hinted` integer NOT NULL,
	`open_attempt` text,
	`unknown_attempt_id` text,
	`sent_late` integer NOT NULL,
	`resend_through` text,
	`refused_by` text NOT NULL,
	`forgotten_at` integer,
	`seen_in_run` integer DEFAULT 0 NOT NULL,
	FOREIGN KEY (`invitation_id`) REFERENCES `invitations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `members_user_id_unique` ON `members` (`user_id`);--> statement-breakpoint
CREATE INDEX `members_due` ON `members` (`due_at`,`state`) WHERE "members"."due_at" is not null;--> statement-breakpoint
CREATE INDEX `members_state` ON `members` (`state`,`seq`);--> statement-breakpoint
CREATE INDEX `members_reason` ON `members` (`reason_code`,`seq`,`state`) WHERE "members"."reason_code" is not null;--> statement-breakpoint
CREATE INDEX `members_waiting` ON `members` (`seen_in_run`,`seq`) WHERE "members"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX `members_email` ON `members` (`email_key`) WHERE "members"."email_key" is not null;--> statement-breakpoint
CREATE INDEX `members_invitation` ON `members` (`invitation_id`,`seq`,`state`) WHERE "members"."invitation_id" is not null;--> statement-breakpoint
CREATE INDEX `members_search` ON `members` (`seq`,`search_text`);--> statement-breakpoint
CREATE INDEX `members_other_type` ON `members` (`seq`) WHERE "members"."invited_as" <> "members"."employee_type";--> statement-breakpoint
CREATE TABLE `pauses` (
	`name` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`since` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `timeline` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`member` integer,
	`invitation_id` text,
	`event` text NOT NULL,
	`params` text,
	`actor` text NOT NULL,
	`cause` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `timeline_member` ON `timeline` (`member`,`id`) WHERE "timeline"."member" is not null;--> statement-breakpoint
CREATE INDEX `timeline_invitation` ON `timeline` (`invitation_id`,`id`) WHERE "timeline"."invitation_id" is not null;