CREATE TABLE `ended_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`until` integer NOT NULL
);
--> statement-breakpoint
INSERT INTO `ended_sessions` SELECT `key`, `value` FROM json_each((SELECT `value` FROM `key_values` WHERE `key` = 'signed_out_sessions'));--> statement-breakpoint
DELETE FROM `key_values` WHERE `key` = 'signed_out_sessions';
