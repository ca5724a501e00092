CREATE TABLE `letters` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`invitation_id` text NOT NULL,
	`kind` text NOT NULL,
	`number` integer NOT NULL,
	`started_at` integer NOT NULL,
	`lease_until` integer NOT NULL,
	`ended_at` integer,
	`outcome` text,
	`reason` text,
	FOREIGN KEY (`invitation_id`) REFERENCES `invitations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `letters_id_unique` ON `letters` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `letters_once` ON `letters` (`invitation_id`,`kind`,`number`) WHERE "letters"."outcome" IS NULL OR "letters"."outcome" <> 'not_sent';--> statement-breakpoint
CREATE INDEX `letters_invitation` ON `letters` (`invitation_id`,`seq`);--> statement-breakpoint
CREATE INDEX `letters_open` ON `letters` (`lease_until`) WHERE "letters"."outcome" IS NULL;--> statement-breakpoint
ALTER TABLE `invitations` ADD `language` text;--> statement-breakpoint
ALTER TABLE `invitations` ADD `letter` text;--> statement-breakpoint
ALTER TABLE `invitations` ADD `letter_due_at` integer;--> statement-breakpoint
CREATE INDEX `invitations_letter` ON `invitations` (`letter`,`created_at`,`seq`,`status`,`issued_at`,`employee_type`,`mode`) WHERE "invitations"."letter" is not null;--> statement-breakpoint
CREATE INDEX `invitations_letter_due` ON `invitations` (`letter_due_at`) WHERE "invitations"."letter_due_at" is not null;