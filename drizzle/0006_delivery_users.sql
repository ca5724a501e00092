DROP INDEX `deliveries_trigger`;--> statement-breakpoint
CREATE INDEX `deliveries_trigger` ON `deliveries` (`trigger`,`id`,`user_id`) WHERE "deliveries"."trigger" is not null;