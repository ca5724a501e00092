-- Stores deliveries in the order of their arrival, and counts those that are stored already. This is
-- a function, because PostgreSQL then plans its statements only once for each session; planning took longer
-- than running them.
--
-- $1 replica, then one value for each delivery: $2 received_at, $3 webhook_id, $4 event_id, $5 created_on,
-- $6 trigger, $7 user_id, $8 shows, $9 where its body starts in $11 (from 1), $10 how many bytes it has.
-- $12 the number of the replica's last intake. If its row has another one, this fails: a division by zero.
-- Returns 'accepted' or 'duplicate' for each delivery.
CREATE FUNCTION "docspace_welcome"."accept_deliveries"(text, bigint[], bigint[], bigint[], bigint[], text[], text[], text[], int[], int[], bytea, bigint)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  answers jsonb;
  stored int;
  noted int;
BEGIN
  WITH kept AS (
    INSERT INTO "docspace_welcome"."deliveries"
      (received_at, webhook_id, event_id, created_on, trigger, user_id, shows, answer, body)
    SELECT received_at, webhook_id, event_id, created_on, trigger, user_id, shows, 'accepted',
      -- Not EXISTS, for which PostgreSQL would read the whole table each time.
      CASE WHEN (SELECT m.forgotten_at FROM "docspace_welcome"."members" m WHERE m.user_id = given.user_id) IS NOT NULL
        THEN ''::bytea ELSE substring($11 FROM body_at FOR body_bytes) END
    FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10)
      AS given(received_at, webhook_id, event_id, created_on, trigger, user_id, shows, body_at, body_bytes)
    ON CONFLICT (event_id, created_on, webhook_id) DO NOTHING
    RETURNING id, received_at
  )
  INSERT INTO "docspace_welcome"."inbox" (delivery, replica, received_at) SELECT id, $1, received_at FROM kept;
  GET DIAGNOSTICS stored = ROW_COUNT;
  IF stored = cardinality($2) THEN
    answers := to_jsonb(array_fill('accepted'::text, ARRAY[stored]));
  ELSE
    -- The delivery is new if this transaction made its row, and only the first time that it is given.
    WITH given AS (
      SELECT place, d.id,
        d.xmin = pg_current_xact_id()::xid AND row_number() OVER (PARTITION BY d.id ORDER BY place) = 1 AS is_new
      FROM unnest($3, $4, $5) WITH ORDINALITY AS t(webhook_id, event_id, created_on, place)
      LEFT JOIN "docspace_welcome"."deliveries" d USING (event_id, created_on, webhook_id)
    ), counted AS (
      UPDATE "docspace_welcome"."deliveries" d SET repeats = d.repeats + again.times
      FROM (SELECT id, count(*) AS times FROM given WHERE NOT is_new GROUP BY id) AS again
      WHERE d.id = again.id
    )
    SELECT jsonb_agg(CASE WHEN is_new THEN 'accepted' ELSE 'duplicate' END ORDER BY place) INTO answers FROM given;
  END IF;
  UPDATE "docspace_welcome"."replicas" SET intake = intake + 1, intake_results = answers WHERE id = $1 AND intake = $12;
  GET DIAGNOSTICS noted = ROW_COUNT;
  PERFORM 1 / noted;
  RETURN answers;
END $$;
