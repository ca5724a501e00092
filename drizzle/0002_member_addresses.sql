CREATE TABLE `member_addresses` (
	`member` integer NOT NULL,
	`email_key` text NOT NULL,
	`search_text` text NOT NULL,
	PRIMARY KEY(`email_key`, `member`),
	FOREIGN KEY (`member`) REFERENCES `members`(`seq`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `member_addresses_member` ON `member_addresses` (`member`);--> statement-breakpoint
ALTER TABLE `members` ADD `priority` integer;--> statement-breakpoint
CREATE INDEX `members_priority` ON `members` (`priority`,`due_at`,`state`) WHERE "members"."priority" is not null;--> statement-breakpoint
UPDATE OR IGNORE `invitations` SET `email_key` = key_of_email(`email`) WHERE `email_key` GLOB '*@*[^ -~]*';--> statement-breakpoint
UPDATE `members` SET `email_key` = key_of_email(`email`) WHERE `email_key` GLOB '*@*[^ -~]*';--> statement-breakpoint
INSERT OR IGNORE INTO `member_addresses` (`member`, `email_key`, `search_text`)
SELECT `members`.`seq`, `address`.`value` ->> 'key', fold_for_search(`address`.`value` ->> 'email')
FROM `members`
JOIN `invitations` ON `invitations`.`id` = `members`.`invitation_id`
JOIN json_each(json_array(
	json_object('key', `members`.`email_key`, 'email', `members`.`email`),
	json_object('key', `invitations`.`email_key`, 'email', `invitations`.`email`)
)) AS `address`
WHERE `members`.`email_key` <> `invitations`.`email_key` AND `invitations`.`email_key` NOT LIKE 'forgotten:%';
