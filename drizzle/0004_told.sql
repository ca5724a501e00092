-- WITHOUT ROWID by hand: the pairs are their own index.
CREATE TABLE `told` (
	`member` integer NOT NULL,
	`delivery` integer NOT NULL,
	PRIMARY KEY(`member`, `delivery`)
) WITHOUT ROWID;
--> statement-breakpoint
DROP INDEX `deliveries_user`;
--> statement-breakpoint
INSERT INTO told (member, delivery)
SELECT members.seq, deliveries.id
FROM deliveries JOIN members ON members.user_id = deliveries.user_id
WHERE deliveries.id <= (SELECT CAST(value AS INTEGER) FROM progress WHERE key = 'applied_through')
ORDER BY 1, 2;
--> statement-breakpoint
-- Whoever deletes a delivery need not know of this table.
CREATE TRIGGER told_delete AFTER DELETE ON deliveries WHEN old.user_id IS NOT NULL BEGIN
  DELETE FROM told
  WHERE member = (SELECT seq FROM members WHERE user_id = old.user_id) AND delivery = old.id;
END;
