CREATE SCHEMA "docspace_welcome";
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."activity" (
	"quarter" bigint NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "activity_quarter_kind_pk" PRIMARY KEY("quarter","kind")
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."attempts" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"member" bigint NOT NULL,
	"channel" text COLLATE "C" NOT NULL,
	"started_at" bigint NOT NULL,
	"ended_at" bigint,
	"outcome" text COLLATE "C",
	"reason" jsonb
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."control" (
	"id" integer PRIMARY KEY NOT NULL,
	"hurried" bigint DEFAULT 0 NOT NULL,
	"resumed_at" bigint DEFAULT 0 NOT NULL,
	"run_wanted" bigint DEFAULT 0 NOT NULL,
	"run_done" bigint DEFAULT 0 NOT NULL,
	"run_report" jsonb
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."deliveries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "docspace_welcome"."deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"received_at" bigint NOT NULL,
	"webhook_id" bigint,
	"event_id" bigint,
	"created_on" bigint,
	"trigger" text COLLATE "C",
	"user_id" text COLLATE "C",
	"shows" text COLLATE "C",
	"answer" text COLLATE "C" NOT NULL,
	"reason" jsonb,
	"repeats" integer DEFAULT 0 NOT NULL,
	"body" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."durations" (
	"kind" text COLLATE "C" NOT NULL,
	"bucket" integer NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "durations_kind_bucket_pk" PRIMARY KEY("kind","bucket")
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."ended_sessions" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"until" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."forgotten" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."idempotency_keys" (
	"key" text COLLATE "C" PRIMARY KEY NOT NULL,
	"request" text COLLATE "C" NOT NULL,
	"begun_at" bigint NOT NULL,
	"status" integer,
	"body" text COLLATE "C",
	"replica" text COLLATE "C"
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."inbox" (
	"delivery" bigint PRIMARY KEY NOT NULL,
	"replica" text COLLATE "C" NOT NULL,
	"received_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."invitations" (
	"seq" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "docspace_welcome"."invitations_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" text COLLATE "C" NOT NULL,
	"employee_type" text COLLATE "C" NOT NULL,
	"mode" text COLLATE "C" NOT NULL,
	"email" text COLLATE "C",
	"email_key" text COLLATE "C",
	"note" text COLLATE "C",
	"search_text" text COLLATE "C" NOT NULL,
	"stage" text COLLATE "C" NOT NULL,
	"reason" jsonb,
	"link" text COLLATE "C",
	"account_id" text COLLATE "C",
	"user_id" text COLLATE "C",
	"created_at" bigint NOT NULL,
	"issued_at" bigint,
	"revoked_at" bigint,
	"furthest_step" text COLLATE "C" NOT NULL,
	"status" text COLLATE "C" NOT NULL,
	"current" boolean NOT NULL,
	"idempotency_key" text COLLATE "C",
	"language" text COLLATE "C",
	"letter" text COLLATE "C",
	"letter_due_at" bigint,
	CONSTRAINT "invitations_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."key_values" (
	"key" text COLLATE "C" PRIMARY KEY NOT NULL,
	"value" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."leaders" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"replica" text COLLATE "C" NOT NULL,
	"until" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."letters" (
	"seq" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "docspace_welcome"."letters_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" text COLLATE "C" NOT NULL,
	"invitation_id" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"number" integer NOT NULL,
	"started_at" bigint NOT NULL,
	"lease_until" bigint NOT NULL,
	"ended_at" bigint,
	"outcome" text COLLATE "C",
	"reason" jsonb,
	CONSTRAINT "letters_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."member_addresses" (
	"member" bigint NOT NULL,
	"email_key" text COLLATE "C" NOT NULL,
	"search_text" text COLLATE "C" NOT NULL,
	CONSTRAINT "member_addresses_email_key_member_pk" PRIMARY KEY("email_key","member")
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."members" (
	"seq" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "docspace_welcome"."members_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"reason" jsonb,
	"reason_code" text COLLATE "C" GENERATED ALWAYS AS (reason ->> 'code') STORED,
	"version" integer NOT NULL,
	"due_at" bigint,
	"lease_until" bigint,
	"invitation_id" text COLLATE "C",
	"accepted_by_operator" boolean NOT NULL,
	"email" text COLLATE "C",
	"email_key" text COLLATE "C",
	"first_name" text COLLATE "C",
	"last_name" text COLLATE "C",
	"search_text" text COLLATE "C" NOT NULL,
	"culture_name" text COLLATE "C",
	"employee_type" text COLLATE "C",
	"invited_as" text COLLATE "C",
	"registered_at" bigint,
	"activated_at" bigint,
	"confirmed_at" bigint,
	"welcomed_at" bigint,
	"absent_since" bigint,
	"check_count" integer NOT NULL,
	"not_sent_count" integer NOT NULL,
	"hinted" boolean NOT NULL,
	"open_attempt" jsonb,
	"unknown_attempt_id" text COLLATE "C",
	"sent_late" boolean NOT NULL,
	"resend_through" text COLLATE "C",
	"refused_by" jsonb NOT NULL,
	"forgotten_at" bigint,
	"seen_in_run" bigint DEFAULT 0 NOT NULL,
	"priority" smallint,
	"lease_by" text COLLATE "C",
	CONSTRAINT "members_user_id_unique" UNIQUE("user_id")
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."pauses" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"reason" jsonb NOT NULL,
	"since" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."replicas" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"batch" bigint DEFAULT 0 NOT NULL,
	"results" jsonb,
	"intake" bigint DEFAULT 0 NOT NULL,
	"intake_results" jsonb,
	"started_at" bigint NOT NULL,
	"seen_at" bigint NOT NULL,
	"version" text COLLATE "C" NOT NULL,
	"program" bigint NOT NULL,
	"confirmed_in" text COLLATE "C",
	"holder" jsonb NOT NULL,
	"waits" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."run_rows" (
	"run" text COLLATE "C" NOT NULL,
	"row" integer NOT NULL,
	"email" text COLLATE "C",
	"request" jsonb,
	"result" jsonb,
	CONSTRAINT "run_rows_run_row_pk" PRIMARY KEY("run","row")
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."runs" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"actor" jsonb NOT NULL,
	"total" integer NOT NULL,
	"replica" text COLLATE "C" NOT NULL,
	"lease_until" bigint NOT NULL,
	"is_stopping" boolean DEFAULT false NOT NULL,
	"waiting" jsonb,
	"end" jsonb,
	"ended_at" bigint
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."timeline" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "docspace_welcome"."timeline_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" bigint NOT NULL,
	"member" bigint,
	"invitation_id" text COLLATE "C",
	"event" text COLLATE "C" NOT NULL,
	"params" jsonb,
	"actor" jsonb NOT NULL,
	"cause" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "docspace_welcome"."tokens" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"role" text COLLATE "C" NOT NULL,
	"hash" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "tokens_name_unique" UNIQUE("name")
);
--> statement-breakpoint
ALTER TABLE "docspace_welcome"."attempts" ADD CONSTRAINT "attempts_member_members_seq_fk" FOREIGN KEY ("member") REFERENCES "docspace_welcome"."members"("seq") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "docspace_welcome"."letters" ADD CONSTRAINT "letters_invitation_id_invitations_id_fk" FOREIGN KEY ("invitation_id") REFERENCES "docspace_welcome"."invitations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "docspace_welcome"."member_addresses" ADD CONSTRAINT "member_addresses_member_members_seq_fk" FOREIGN KEY ("member") REFERENCES "docspace_welcome"."members"("seq") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "docspace_welcome"."members" ADD CONSTRAINT "members_invitation_id_invitations_id_fk" FOREIGN KEY ("invitation_id") REFERENCES "docspace_welcome"."invitations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "attempts_open_or_sent" ON "docspace_welcome"."attempts" USING btree ("member") WHERE "docspace_welcome"."attempts"."outcome" IS NULL OR "docspace_welcome"."attempts"."outcome" = 'sent';--> statement-breakpoint
CREATE INDEX "attempts_member" ON "docspace_welcome"."attempts" USING btree ("member","started_at");--> statement-breakpoint
CREATE INDEX "attempts_started" ON "docspace_welcome"."attempts" USING btree ("started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "deliveries_same" ON "docspace_welcome"."deliveries" USING btree ("event_id","created_on","webhook_id");--> statement-breakpoint
CREATE INDEX "deliveries_unreadable" ON "docspace_welcome"."deliveries" USING btree ("id") WHERE "docspace_welcome"."deliveries"."answer" = 'unreadable';--> statement-breakpoint
CREATE INDEX "deliveries_trigger" ON "docspace_welcome"."deliveries" USING btree ("trigger","id") WHERE "docspace_welcome"."deliveries"."trigger" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_user" ON "docspace_welcome"."deliveries" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "idempotency_keys_begun" ON "docspace_welcome"."idempotency_keys" USING btree ("begun_at");--> statement-breakpoint
CREATE UNIQUE INDEX "invitations_current_email" ON "docspace_welcome"."invitations" USING btree ("email_key") WHERE "docspace_welcome"."invitations"."current" AND "docspace_welcome"."invitations"."email_key" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "invitations_email" ON "docspace_welcome"."invitations" USING btree ("email_key","created_at","seq");--> statement-breakpoint
CREATE INDEX "invitations_user" ON "docspace_welcome"."invitations" USING btree ("user_id") WHERE "docspace_welcome"."invitations"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "invitations_idempotency" ON "docspace_welcome"."invitations" USING btree ("idempotency_key","email_key") WHERE "docspace_welcome"."invitations"."idempotency_key" is not null;--> statement-breakpoint
CREATE INDEX "invitations_list" ON "docspace_welcome"."invitations" USING btree ("created_at","seq");--> statement-breakpoint
CREATE INDEX "invitations_status" ON "docspace_welcome"."invitations" USING btree ("status","created_at","seq");--> statement-breakpoint
CREATE INDEX "invitations_type" ON "docspace_welcome"."invitations" USING btree ("employee_type","created_at","seq");--> statement-breakpoint
CREATE INDEX "invitations_mode" ON "docspace_welcome"."invitations" USING btree ("mode","created_at","seq");--> statement-breakpoint
CREATE INDEX "invitations_open_links" ON "docspace_welcome"."invitations" USING btree ("id") WHERE "docspace_welcome"."invitations"."email_key" IS NULL;--> statement-breakpoint
CREATE INDEX "invitations_unused" ON "docspace_welcome"."invitations" USING btree ("issued_at") WHERE "docspace_welcome"."invitations"."status" IN ('issued', 'open');--> statement-breakpoint
CREATE INDEX "invitations_outstanding" ON "docspace_welcome"."invitations" USING btree ("id") WHERE "docspace_welcome"."invitations"."status" IN ('issued', 'expired') AND "docspace_welcome"."invitations"."email_key" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "invitations_letter" ON "docspace_welcome"."invitations" USING btree ("letter","created_at","seq") WHERE "docspace_welcome"."invitations"."letter" is not null;--> statement-breakpoint
CREATE INDEX "invitations_letter_due" ON "docspace_welcome"."invitations" USING btree ("letter_due_at") WHERE "docspace_welcome"."invitations"."letter_due_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "letters_once" ON "docspace_welcome"."letters" USING btree ("invitation_id","kind","number") WHERE "docspace_welcome"."letters"."outcome" IS NULL OR "docspace_welcome"."letters"."outcome" <> 'not_sent';--> statement-breakpoint
CREATE INDEX "letters_invitation" ON "docspace_welcome"."letters" USING btree ("invitation_id","seq");--> statement-breakpoint
CREATE INDEX "letters_open" ON "docspace_welcome"."letters" USING btree ("lease_until") WHERE "docspace_welcome"."letters"."outcome" IS NULL;--> statement-breakpoint
CREATE INDEX "member_addresses_member" ON "docspace_welcome"."member_addresses" USING btree ("member");--> statement-breakpoint
CREATE INDEX "members_due" ON "docspace_welcome"."members" USING btree ("due_at","state") WHERE "docspace_welcome"."members"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "members_priority" ON "docspace_welcome"."members" USING btree ("priority","due_at","state") WHERE "docspace_welcome"."members"."priority" is not null;--> statement-breakpoint
CREATE INDEX "members_state" ON "docspace_welcome"."members" USING btree ("state","seq");--> statement-breakpoint
CREATE INDEX "members_reason" ON "docspace_welcome"."members" USING btree ("reason_code","seq","state") WHERE "docspace_welcome"."members"."reason_code" is not null;--> statement-breakpoint
CREATE INDEX "members_waiting" ON "docspace_welcome"."members" USING btree ("seen_in_run","seq") WHERE "docspace_welcome"."members"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "members_email" ON "docspace_welcome"."members" USING btree ("email_key") WHERE "docspace_welcome"."members"."email_key" is not null;--> statement-breakpoint
CREATE INDEX "members_invitation" ON "docspace_welcome"."members" USING btree ("invitation_id","seq","state") WHERE "docspace_welcome"."members"."invitation_id" is not null;--> statement-breakpoint
CREATE INDEX "members_other_type" ON "docspace_welcome"."members" USING btree ("seq") WHERE "docspace_welcome"."members"."invited_as" <> "docspace_welcome"."members"."employee_type";--> statement-breakpoint
CREATE INDEX "members_lease" ON "docspace_welcome"."members" USING btree ("lease_by") WHERE "docspace_welcome"."members"."lease_until" is not null;--> statement-breakpoint
CREATE INDEX "timeline_member" ON "docspace_welcome"."timeline" USING btree ("member","id") WHERE "docspace_welcome"."timeline"."member" is not null;--> statement-breakpoint
CREATE INDEX "timeline_invitation" ON "docspace_welcome"."timeline" USING btree ("invitation_id","id") WHERE "docspace_welcome"."timeline"."invitation_id" is not null;--> statement-breakpoint
CREATE INDEX "timeline_at" ON "docspace_welcome"."timeline" USING btree ("at");