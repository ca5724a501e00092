DROP INDEX `invitations_standing`;--> statement-breakpoint
DROP INDEX `invitations_type`;--> statement-breakpoint
DROP INDEX `invitations_mode`;--> statement-breakpoint
CREATE INDEX `invitations_status` ON `invitations` (`standing`,`employee_type`,`mode`,`created_at`,`seq`,`issued_at`);--> statement-breakpoint
CREATE INDEX `invitations_kind` ON `invitations` (`employee_type`,`mode`,`created_at`,`seq`);--> statement-breakpoint
DROP INDEX `members_reason`;--> statement-breakpoint
CREATE INDEX `members_waiting` ON `members` (`seen_in_round`,`seq`) WHERE "members"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX `members_reason` ON `members` (`reason`,`seq`) WHERE "members"."reason" is not null;