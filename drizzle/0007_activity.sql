-- WITHOUT ROWID by hand: a span of it is read without a look at another tree for each count.
CREATE TABLE activity_former AS SELECT quarter, kind, count FROM activity;
--> statement-breakpoint
DROP TABLE activity;
--> statement-breakpoint
CREATE TABLE `activity` (
	`quarter` integer NOT NULL,
	`kind` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`quarter`, `kind`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO activity (quarter, kind, count)
SELECT quarter, kind, count FROM activity_former ORDER BY 1, 2;
--> statement-breakpoint
DROP TABLE activity_former;
