-- Stores deliveries in the order of their arrival, and counts those that are stored already. A function,
-- because PostgreSQL plans its statements once for each session; planning took longer than running them.
-- Of a new row, xmax is 0: no transaction has locked it to change it.
--
-- $1 replica, then one value for each delivery: $2 received_at, $3 webhook_id, $4 event_id, $5 created_on,
-- $6 trigger, $7 user_id, $8 shows, $9 where its body starts in $11 (from 1), $10 how many bytes it has.
-- $12 the number of the replica's last intake. If it is another one, this fails as a division by zero.
-- Returns 'accepted' or 'duplicate' for each delivery.
CREATE FUNCTION "docspace_welcome"."accept_deliveries"(text, bigint[], bigint[], bigint[], bigint[], text[], text[], text[], int[], int[], bytea, bigint)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  answers jsonb;
  noted int;
BEGIN
  WITH given AS (
    SELECT *, count(*) OVER same AS times, row_number() OVER (same ORDER BY place) AS time
    FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) WITH ORDINALITY
      AS t(received_at, webhook_id, event_id, created_on, trigger, user_id, shows, body_at, body_bytes, place)
    WINDOW same AS (PARTITION BY event_id, created_on, webhook_id)
  ), kept AS (
    INSERT INTO "docspace_welcome"."deliveries" AS d
      (received_at, webhook_id, event_id, created_on, trigger, user_id, shows, answer, repeats, body)
    SELECT received_at, webhook_id, event_id, created_on, trigger, user_id, shows, 'accepted', times - 1,
      CASE WHEN EXISTS (SELECT FROM "docspace_welcome"."members" m WHERE m.user_id = given.user_id AND m.forgotten_at IS NOT NULL)
        THEN ''::bytea ELSE substring($11 FROM body_at FOR body_bytes) END
    FROM given WHERE time = 1 ORDER BY place
    ON CONFLICT (event_id, created_on, webhook_id) DO UPDATE SET repeats = d.repeats + excluded.repeats + 1
    RETURNING id, received_at, event_id, created_on, webhook_id, xmax = 0 AS is_new
  ), unapplied AS (
    INSERT INTO "docspace_welcome"."inbox" (delivery, replica, received_at)
    SELECT id, $1, received_at FROM kept WHERE is_new
  )
  SELECT jsonb_agg(CASE WHEN is_new AND time = 1 THEN 'accepted' ELSE 'duplicate' END ORDER BY place) INTO answers
  FROM given JOIN kept USING (event_id, created_on, webhook_id);
  UPDATE "docspace_welcome"."replicas" SET intake = intake + 1, intake_results = answers WHERE id = $1 AND intake = $12;
  GET DIAGNOSTICS noted = ROW_COUNT;
  PERFORM 1 / noted;
  RETURN answers;
END $$;
