CREATE TABLE `run_rows` (
	`run` text NOT NULL,
	`row` integer NOT NULL,
	`email` text,
	`request` text,
	`result` text,
	PRIMARY KEY(`run`, `row`)
);
--> statement-breakpoint
CREATE TABLE `runs` (
	`id` text PRIMARY KEY NOT NULL,
	`actor` text NOT NULL,
	`total` integer NOT NULL,
	`replica` text NOT NULL,
	`lease_until` integer NOT NULL,
	`is_stopping` integer DEFAULT false NOT NULL,
	`waiting` text,
	`end` text,
	`ended_at` integer
);
