CREATE TABLE "account" ("id" SERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "password_hash" TEXT, "mobile" TEXT,
  "language" TEXT NOT NULL, "active" BOOLEAN NOT NULL, "created_at" TIMESTAMP NOT NULL, "email" TEXT, "password_by" TEXT
  NOT NULL, "approves_from_at" TIMESTAMP, "maker" TEXT NOT NULL);
CREATE UNIQUE INDEX "account_name" ON "account" ("name");
CREATE TABLE "account_role" ("id" SERIAL NOT NULL PRIMARY KEY, "account_id" INTEGER NOT NULL, "role" TEXT NOT NULL,
  "given_by" TEXT NOT NULL, "given_at" TIMESTAMP, "holds_from_at" TIMESTAMP, FOREIGN KEY ("account_id") REFERENCES
  "account" ("id") ON DELETE CASCADE);
CREATE INDEX "account_role_account_id" ON "account_role" ("account_id");
CREATE UNIQUE INDEX "account_role_account_id_role" ON "account_role" ("account_id", "role");
CREATE TABLE "account_session" ("id" SERIAL NOT NULL PRIMARY KEY, "account_id" INTEGER NOT NULL, "digest" TEXT NOT NULL,
  "address" TEXT NOT NULL, "started_at" TIMESTAMP NOT NULL, "seen_at" TIMESTAMP NOT NULL, "proven_at" TIMESTAMP, FOREIGN
  KEY ("account_id") REFERENCES "account" ("id") ON DELETE CASCADE);
CREATE INDEX "account_session_account_id" ON "account_session" ("account_id");
CREATE UNIQUE INDEX "account_session_digest" ON "account_session" ("digest");
CREATE TABLE "incident" ("id" SERIAL NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "subject" TEXT NOT NULL, "sentence"
  TEXT NOT NULL, "opened_at" TIMESTAMP NOT NULL, "ended_at" TIMESTAMP, "reopened" INTEGER NOT NULL);
CREATE INDEX "incident_opened_at" ON "incident" ("opened_at");
CREATE UNIQUE INDEX "incident_open" ON "incident" ("kind", "subject") WHERE ("ended_at" IS NULL);
CREATE TABLE "alarm_told" ("id" SERIAL NOT NULL PRIMARY KEY, "incident_id" INTEGER NOT NULL, "channel" TEXT NOT NULL,
  "told_at" TIMESTAMP NOT NULL, "end_told_at" TIMESTAMP, FOREIGN KEY ("incident_id") REFERENCES "incident" ("id") ON
  DELETE CASCADE);
CREATE INDEX "alarm_told_incident_id" ON "alarm_told" ("incident_id");
CREATE UNIQUE INDEX "alarm_told_incident_id_channel" ON "alarm_told" ("incident_id", "channel");
CREATE TABLE "alert_template" ("id" SERIAL NOT NULL PRIMARY KEY, "title" TEXT NOT NULL, "icon" TEXT NOT NULL, "kind"
  TEXT NOT NULL, "position" INTEGER NOT NULL, "texts" TEXT NOT NULL, "fields" TEXT NOT NULL, "can_wait" BOOLEAN NOT
  NULL, "changed_by" TEXT NOT NULL, "changed_at" TIMESTAMP NOT NULL);
CREATE TABLE "shared_text" ("id" SERIAL NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "digest" TEXT NOT NULL, "body" TEXT
  NOT NULL, "people" INTEGER NOT NULL, "asked_at" TIMESTAMP NOT NULL, "first_by" TEXT, "agreed_by" TEXT, "agreed_at"
  TIMESTAMP);
CREATE INDEX "shared_text_digest" ON "shared_text" ("digest");
CREATE TABLE "broadcast" ("id" SERIAL NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "lane" INTEGER NOT NULL, "stage" TEXT
  NOT NULL, "recipients" INTEGER NOT NULL, "audience" TEXT NOT NULL, "fingerprint" TEXT NOT NULL, "idempotency_key"
  TEXT, "ordered_by" TEXT NOT NULL, "override_reason" TEXT, "created_at" TIMESTAMP NOT NULL, "release_at" TIMESTAMP,
  "deadline_at" TIMESTAMP NOT NULL, "original_id" INTEGER, "digest" TEXT NOT NULL, "whom" TEXT NOT NULL, "happened" TEXT
  NOT NULL, "late_because" TEXT NOT NULL, "by_mail" TEXT NOT NULL, "quiet" INTEGER NOT NULL, "closed_at" TIMESTAMP,
  "template_id" INTEGER, "answers" TEXT NOT NULL, "shared_id" INTEGER, "hold_reason" TEXT NOT NULL, "hold_reach"
  INTEGER, FOREIGN KEY ("original_id") REFERENCES "broadcast" ("id") ON DELETE SET NULL, FOREIGN KEY ("template_id")
  REFERENCES "alert_template" ("id") ON DELETE SET NULL, FOREIGN KEY ("shared_id") REFERENCES "shared_text" ("id") ON
  DELETE SET NULL);
CREATE UNIQUE INDEX "broadcast_idempotency_key" ON "broadcast" ("idempotency_key");
CREATE INDEX "broadcast_created_at" ON "broadcast" ("created_at");
CREATE INDEX "broadcast_original_id" ON "broadcast" ("original_id");
CREATE INDEX "broadcast_template_id" ON "broadcast" ("template_id");
CREATE INDEX "broadcast_shared_id" ON "broadcast" ("shared_id");
CREATE INDEX "broadcast_fingerprint_created_at" ON "broadcast" ("fingerprint", "created_at");
CREATE INDEX "broadcast_open" ON "broadcast" ("lane", "id") WHERE ("stage" = 'queued');
CREATE INDEX "broadcast_stopped" ON "broadcast" ("id") WHERE ("stage" = 'cancelled');
CREATE TABLE "directory_entry" ("id" SERIAL NOT NULL PRIMARY KEY, "position" INTEGER NOT NULL, "service" TEXT NOT NULL,
  "purpose" TEXT NOT NULL, "contact" TEXT NOT NULL);
CREATE TABLE "neighbourhood" ("id" SERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "position" INTEGER NOT NULL,
  "reference_address" TEXT NOT NULL, "station_id" INTEGER, "officer_id" INTEGER, FOREIGN KEY ("station_id") REFERENCES
  "directory_entry" ("id") ON DELETE SET NULL, FOREIGN KEY ("officer_id") REFERENCES "directory_entry" ("id") ON DELETE
  SET NULL);
CREATE UNIQUE INDEX "neighbourhood_name" ON "neighbourhood" ("name");
CREATE INDEX "neighbourhood_position_name" ON "neighbourhood" ("position", "name");
CREATE TABLE "member" ("id" SERIAL NOT NULL PRIMARY KEY, "first_name" TEXT NOT NULL, "last_name" TEXT NOT NULL, "mobile"
  TEXT, "email" TEXT, "language" TEXT NOT NULL, "neighbourhood_id" INTEGER NOT NULL, "role" TEXT NOT NULL, "created_at"
  TIMESTAMP NOT NULL, "updated_at" TIMESTAMP NOT NULL, "welcome_requested_at" TIMESTAMP, "welcomed_at" TIMESTAMP,
  "welcome_mailed_at" TIMESTAMP, "landline" TEXT NOT NULL, "second_number" TEXT NOT NULL, "street" TEXT NOT NULL,
  "house_number" TEXT NOT NULL, "postal_code" TEXT NOT NULL, "quiet_hours" TEXT NOT NULL, "quiet_until" TEXT NOT NULL,
  "name_key" TEXT NOT NULL, "searchable" TEXT NOT NULL, "restricted_at" TIMESTAMP, FOREIGN KEY ("neighbourhood_id")
  REFERENCES "neighbourhood" ("id") ON DELETE RESTRICT);
CREATE INDEX "member_email" ON "member" ("email");
CREATE INDEX "member_neighbourhood_id_name_key" ON "member" ("neighbourhood_id", "name_key");
CREATE INDEX "member_mobile" ON "member" ("mobile", "neighbourhood_id", "restricted_at");
CREATE INDEX "member_listed" ON "member" ("name_key", "searchable");
CREATE INDEX "member_street" ON "member" ("street");
CREATE TABLE "alert_call" ("id" SERIAL NOT NULL PRIMARY KEY, "broadcast_id" INTEGER NOT NULL, "member_id" INTEGER NOT
  NULL, "called_at" TIMESTAMP NOT NULL, "called_by" TEXT NOT NULL, FOREIGN KEY ("broadcast_id") REFERENCES "broadcast"
  ("id") ON DELETE CASCADE, FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE);
CREATE INDEX "alert_call_broadcast_id" ON "alert_call" ("broadcast_id");
CREATE INDEX "alert_call_member_id" ON "alert_call" ("member_id");
CREATE UNIQUE INDEX "alert_call_broadcast_id_member_id" ON "alert_call" ("broadcast_id", "member_id");
CREATE TABLE "broadcast_text" ("id" SERIAL NOT NULL PRIMARY KEY, "broadcast_id" INTEGER NOT NULL, "language" TEXT NOT
  NULL, "body" TEXT NOT NULL, "encoding" TEXT NOT NULL, "segments" TEXT NOT NULL, FOREIGN KEY ("broadcast_id")
  REFERENCES "broadcast" ("id") ON DELETE CASCADE);
CREATE INDEX "broadcast_text_broadcast_id" ON "broadcast_text" ("broadcast_id");
CREATE TABLE "message" ("id" SERIAL NOT NULL PRIMARY KEY, "broadcast_id" INTEGER NOT NULL, "text_id" INTEGER NOT NULL,
  "member_id" INTEGER, "neighbourhood_id" INTEGER, "msisdn" TEXT NOT NULL, "reference" INTEGER NOT NULL, "imsi" TEXT,
  "modem" TEXT, FOREIGN KEY ("broadcast_id") REFERENCES "broadcast" ("id") ON DELETE CASCADE, FOREIGN KEY ("text_id")
  REFERENCES "broadcast_text" ("id") ON DELETE CASCADE, FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE
  SET NULL, FOREIGN KEY ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE SET NULL);
CREATE INDEX "message_broadcast_id" ON "message" ("broadcast_id");
CREATE INDEX "message_text_id" ON "message" ("text_id");
CREATE INDEX "message_member_id" ON "message" ("member_id");
CREATE INDEX "message_msisdn" ON "message" ("msisdn");
CREATE TABLE "alert_reply" ("id" SERIAL NOT NULL PRIMARY KEY, "message_id" INTEGER NOT NULL, "broadcast_id" INTEGER NOT
  NULL, "at" TIMESTAMP NOT NULL, "choice" INTEGER NOT NULL, FOREIGN KEY ("message_id") REFERENCES "message" ("id") ON
  DELETE CASCADE, FOREIGN KEY ("broadcast_id") REFERENCES "broadcast" ("id") ON DELETE CASCADE);
CREATE UNIQUE INDEX "alert_reply_message_id" ON "alert_reply" ("message_id");
CREATE INDEX "alert_reply_broadcast_id" ON "alert_reply" ("broadcast_id");
CREATE TABLE "alert_wording" ("id" SERIAL NOT NULL PRIMARY KEY, "language" TEXT NOT NULL, "prefix" TEXT NOT NULL,
  "closing" TEXT NOT NULL, "required" BOOLEAN NOT NULL, "answers" TEXT NOT NULL);
CREATE UNIQUE INDEX "alert_wording_language" ON "alert_wording" ("language");
CREATE TABLE "api_token" ("id" SERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "token_hash" TEXT NOT NULL, "role"
  TEXT NOT NULL, "created_at" TIMESTAMP NOT NULL, "last_used_at" TIMESTAMP, "revoked_at" TIMESTAMP, "owner" TEXT NOT
  NULL, "expires_at" TIMESTAMP, "scopes" TEXT NOT NULL);
CREATE UNIQUE INDEX "api_token_name" ON "api_token" ("name");
CREATE UNIQUE INDEX "api_token_token_hash" ON "api_token" ("token_hash");
CREATE TABLE "approval" ("id" SERIAL NOT NULL PRIMARY KEY, "broadcast_id" INTEGER NOT NULL, "outcome" TEXT NOT NULL,
  "asked_at" TIMESTAMP NOT NULL, "lapses_at" TIMESTAMP NOT NULL, "first_by" TEXT NOT NULL, "decided_by" TEXT NOT NULL,
  "decided_at" TIMESTAMP, "reason" TEXT NOT NULL, "told_at" TIMESTAMP, FOREIGN KEY ("broadcast_id") REFERENCES
  "broadcast" ("id") ON DELETE CASCADE);
CREATE UNIQUE INDEX "approval_broadcast_id" ON "approval" ("broadcast_id");
CREATE INDEX "approval_waiting" ON "approval" ("lapses_at") WHERE ("outcome" = 'waiting');
CREATE TABLE "part" ("id" SERIAL NOT NULL PRIMARY KEY, "message_id" INTEGER NOT NULL, "broadcast_id" INTEGER NOT NULL,
  "seq" INTEGER NOT NULL, "state" TEXT NOT NULL, "ring" INTEGER NOT NULL, "retries" INTEGER NOT NULL, "not_before_at"
  TIMESTAMP, "changed_at" TIMESTAMP NOT NULL, "sent_at" TIMESTAMP, "simulated" BOOLEAN NOT NULL, "reason" TEXT NOT NULL,
  "told" TEXT NOT NULL, FOREIGN KEY ("message_id") REFERENCES "message" ("id") ON DELETE CASCADE, FOREIGN KEY
  ("broadcast_id") REFERENCES "broadcast" ("id") ON DELETE CASCADE);
CREATE INDEX "part_message_id" ON "part" ("message_id");
CREATE INDEX "part_broadcast_id" ON "part" ("broadcast_id");
CREATE INDEX "part_untold" ON "part" ("changed_at", "id") WHERE ("state" != "told");
CREATE INDEX "part_queue" ON "part" ("broadcast_id", "ring", "id") WHERE ("state" = 'queued');
CREATE INDEX "part_sending" ON "part" ("broadcast_id") WHERE ("state" = 'sending');
CREATE INDEX "part_unconfirmed" ON "part" ("broadcast_id") WHERE ("state" = 'unconfirmed');
CREATE INDEX "part_counts" ON "part" ("broadcast_id", "state");
CREATE INDEX "part_simulated" ON "part" ("broadcast_id") WHERE "simulated";
CREATE TABLE "attempt" ("id" SERIAL NOT NULL PRIMARY KEY, "part_id" INTEGER NOT NULL, "host" TEXT NOT NULL, "modem" TEXT
  NOT NULL, "imsi" TEXT NOT NULL, "simulated" BOOLEAN NOT NULL, "claimed_at" TIMESTAMP NOT NULL, "lease_until" TIMESTAMP
  NOT NULL, "pdu_started_at" TIMESTAMP, "ended_at" TIMESTAMP, "outcome" TEXT NOT NULL, "reference" INTEGER, "reason"
  TEXT NOT NULL, FOREIGN KEY ("part_id") REFERENCES "part" ("id") ON DELETE CASCADE);
CREATE INDEX "attempt_part_id" ON "attempt" ("part_id");
CREATE INDEX "attempt_imsi_reference" ON "attempt" ("imsi", "reference");
CREATE INDEX "attempt_imsi_ended_at" ON "attempt" ("imsi", "ended_at");
CREATE INDEX "attempt_host_modem_ended_at" ON "attempt" ("host", "modem", "ended_at");
CREATE INDEX "attempt_open" ON "attempt" ("host") WHERE ("outcome" = 'open');
CREATE INDEX "attempt_unconfirmed" ON "attempt" ("imsi") WHERE ("outcome" = 'unconfirmed');
CREATE TABLE "audit_anchor" ("id" SERIAL NOT NULL PRIMARY KEY, "at" TIMESTAMP NOT NULL, "number" INTEGER NOT NULL,
  "hash" TEXT NOT NULL, "entry" INTEGER NOT NULL, "key" TEXT NOT NULL, "mac" TEXT NOT NULL);
CREATE TABLE "audit_entry" ("id" SERIAL NOT NULL PRIMARY KEY, "at" TIMESTAMP NOT NULL, "actor" TEXT NOT NULL, "action"
  TEXT NOT NULL, "subject" TEXT NOT NULL, "detail" TEXT NOT NULL, "typed" TEXT NOT NULL, "typed_mac" TEXT NOT NULL,
  "mac" TEXT NOT NULL, "erased" TEXT NOT NULL, "erased_by" INTEGER);
CREATE INDEX "audit_entry_at" ON "audit_entry" ("at");
CREATE INDEX "audit_entry_actor_at" ON "audit_entry" ("actor", "at");
CREATE INDEX "audit_entry_action_at" ON "audit_entry" ("action", "at");
CREATE INDEX "audit_entry_action_actor_at" ON "audit_entry" ("action", "actor", "at");
CREATE INDEX "audit_entry_subject_at" ON "audit_entry" ("subject", "at");
CREATE INDEX "audit_typed" ON "audit_entry" ("at") WHERE typed <> '';
CREATE TABLE "audit_seal" ("id" SERIAL NOT NULL PRIMARY KEY, "entry" INTEGER NOT NULL, "previous" TEXT NOT NULL, "hash"
  TEXT NOT NULL);
CREATE UNIQUE INDEX "audit_seal_entry" ON "audit_seal" ("entry");
CREATE TABLE "member_group" ("id" SERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "by_rule" BOOLEAN NOT NULL,
  "everywhere" BOOLEAN NOT NULL, "language" TEXT NOT NULL, "role" TEXT NOT NULL, "since_at" TIMESTAMP);
CREATE UNIQUE INDEX "member_group_name" ON "member_group" ("name");
CREATE TABLE "broadcast_group" ("id" SERIAL NOT NULL PRIMARY KEY, "broadcast_id" INTEGER NOT NULL, "group_id" INTEGER
  NOT NULL, FOREIGN KEY ("broadcast_id") REFERENCES "broadcast" ("id") ON DELETE CASCADE, FOREIGN KEY ("group_id")
  REFERENCES "member_group" ("id") ON DELETE CASCADE);
CREATE INDEX "broadcast_group_broadcast_id" ON "broadcast_group" ("broadcast_id");
CREATE INDEX "broadcast_group_group_id" ON "broadcast_group" ("group_id");
CREATE TABLE "broadcast_place" ("id" SERIAL NOT NULL PRIMARY KEY, "broadcast_id" INTEGER NOT NULL, "neighbourhood_id"
  INTEGER NOT NULL, "near" BOOLEAN NOT NULL, FOREIGN KEY ("broadcast_id") REFERENCES "broadcast" ("id") ON DELETE
  CASCADE, FOREIGN KEY ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE CASCADE);
CREATE INDEX "broadcast_place_broadcast_id" ON "broadcast_place" ("broadcast_id");
CREATE INDEX "broadcast_place_neighbourhood_id" ON "broadcast_place" ("neighbourhood_id");
CREATE TABLE "broadcast_street" ("id" SERIAL NOT NULL PRIMARY KEY, "broadcast_id" INTEGER NOT NULL, "name" TEXT NOT
  NULL, "neighbourhood_id" INTEGER, FOREIGN KEY ("broadcast_id") REFERENCES "broadcast" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE CASCADE);
CREATE INDEX "broadcast_street_broadcast_id" ON "broadcast_street" ("broadcast_id");
CREATE INDEX "broadcast_street_neighbourhood_id" ON "broadcast_street" ("neighbourhood_id");
CREATE TABLE "bulletin" ("id" SERIAL NOT NULL PRIMARY KEY, "nonce" TEXT NOT NULL, "category" TEXT NOT NULL, "alert_id"
  INTEGER, "everywhere" BOOLEAN NOT NULL, "texts" TEXT NOT NULL, "version" INTEGER NOT NULL, "written_by" TEXT NOT NULL,
  "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "sent_by" TEXT NOT NULL, "sent_at" TIMESTAMP,
  FOREIGN KEY ("alert_id") REFERENCES "broadcast" ("id") ON DELETE SET NULL);
CREATE UNIQUE INDEX "bulletin_nonce" ON "bulletin" ("nonce");
CREATE INDEX "bulletin_alert_id" ON "bulletin" ("alert_id");
CREATE INDEX "bulletin_sent_at" ON "bulletin" ("sent_at");
CREATE TABLE "bulletin_enclosure" ("id" SERIAL NOT NULL PRIMARY KEY, "bulletin_id" INTEGER NOT NULL, "filename" TEXT NOT
  NULL, "media_type" TEXT NOT NULL, "size_bytes" INTEGER NOT NULL, "content" BYTEA NOT NULL, FOREIGN KEY ("bulletin_id")
  REFERENCES "bulletin" ("id") ON DELETE CASCADE);
CREATE INDEX "bulletin_enclosure_bulletin_id" ON "bulletin_enclosure" ("bulletin_id");
CREATE TABLE "bulletin_group" ("id" SERIAL NOT NULL PRIMARY KEY, "bulletin_id" INTEGER NOT NULL, "group_id" INTEGER NOT
  NULL, FOREIGN KEY ("bulletin_id") REFERENCES "bulletin" ("id") ON DELETE CASCADE, FOREIGN KEY ("group_id") REFERENCES
  "member_group" ("id") ON DELETE CASCADE);
CREATE INDEX "bulletin_group_bulletin_id" ON "bulletin_group" ("bulletin_id");
CREATE INDEX "bulletin_group_group_id" ON "bulletin_group" ("group_id");
CREATE TABLE "bulletin_place" ("id" SERIAL NOT NULL PRIMARY KEY, "bulletin_id" INTEGER NOT NULL, "neighbourhood_id"
  INTEGER NOT NULL, FOREIGN KEY ("bulletin_id") REFERENCES "bulletin" ("id") ON DELETE CASCADE, FOREIGN KEY
  ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE CASCADE);
CREATE INDEX "bulletin_place_bulletin_id" ON "bulletin_place" ("bulletin_id");
CREATE INDEX "bulletin_place_neighbourhood_id" ON "bulletin_place" ("neighbourhood_id");
CREATE UNIQUE INDEX "bulletin_place_bulletin_id_neighbourhood_id" ON "bulletin_place" ("bulletin_id",
  "neighbourhood_id");
CREATE TABLE "bulletin_relay" ("id" SERIAL NOT NULL PRIMARY KEY, "bulletin_id" INTEGER NOT NULL, "neighbourhood_id"
  INTEGER, "place" TEXT NOT NULL, "member_id" INTEGER, "deputy" BOOLEAN NOT NULL, "created_at" TIMESTAMP NOT NULL,
  "owed" TEXT NOT NULL, "nudged_at" TIMESTAMP, "nudged_by" TEXT NOT NULL, "nudges" INTEGER NOT NULL, "relayed_at"
  TIMESTAMP, "relayed_how" TEXT NOT NULL, "relayed_by" TEXT NOT NULL, "at_reference" BOOLEAN, "group_id" INTEGER,
  FOREIGN KEY ("bulletin_id") REFERENCES "bulletin" ("id") ON DELETE CASCADE, FOREIGN KEY ("neighbourhood_id")
  REFERENCES "neighbourhood" ("id") ON DELETE SET NULL, FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE
  SET NULL);
CREATE INDEX "bulletin_relay_bulletin_id" ON "bulletin_relay" ("bulletin_id");
CREATE INDEX "bulletin_relay_neighbourhood_id" ON "bulletin_relay" ("neighbourhood_id");
CREATE INDEX "bulletin_relay_member_id" ON "bulletin_relay" ("member_id");
CREATE INDEX "bulletin_relay_owed" ON "bulletin_relay" ("id") WHERE ("owed" != '');
CREATE TABLE "consent" ("id" SERIAL NOT NULL PRIMARY KEY, "member_id" INTEGER NOT NULL, "channel" TEXT NOT NULL, "given"
  BOOLEAN NOT NULL, "at" TIMESTAMP NOT NULL, "how" TEXT NOT NULL, "who" TEXT NOT NULL, FOREIGN KEY ("member_id")
  REFERENCES "member" ("id") ON DELETE CASCADE);
CREATE INDEX "consent_member_id" ON "consent" ("member_id");
CREATE UNIQUE INDEX "consent_member_id_channel" ON "consent" ("member_id", "channel");
CREATE INDEX "consent_withdrawn" ON "consent" ("how", "at") WHERE NOT "given";
CREATE TABLE "dead_number" ("id" SERIAL NOT NULL PRIMARY KEY, "member_id" INTEGER NOT NULL, "mobile" TEXT NOT NULL,
  "why" TEXT NOT NULL, "broadcast" INTEGER NOT NULL, "seen_at" TIMESTAMP NOT NULL, "told_at" TIMESTAMP, "dismissed_at"
  TIMESTAMP, FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE);
CREATE UNIQUE INDEX "dead_number_member_id" ON "dead_number" ("member_id");
CREATE TABLE "disk_day" ("id" SERIAL NOT NULL PRIMARY KEY, "host" TEXT NOT NULL, "day" TEXT NOT NULL, "measured_at"
  TIMESTAMP NOT NULL, "total_bytes" BIGINT NOT NULL, "free_bytes" BIGINT NOT NULL, "taken" TEXT NOT NULL);
CREATE UNIQUE INDEX "disk_day_host_day" ON "disk_day" ("host", "day");
CREATE TABLE "drill_person" ("id" SERIAL NOT NULL PRIMARY KEY, "member_id" INTEGER, "account_id" INTEGER, "added_by"
  TEXT NOT NULL, "added_at" TIMESTAMP NOT NULL, FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE CASCADE);
CREATE UNIQUE INDEX "drill_person_member_id" ON "drill_person" ("member_id");
CREATE UNIQUE INDEX "drill_person_account_id" ON "drill_person" ("account_id");
CREATE TABLE "duty_shift" ("id" SERIAL NOT NULL PRIMARY KEY, "account_id" INTEGER NOT NULL, "days" TEXT NOT NULL,
  "from_minute" INTEGER NOT NULL, "until_minute" INTEGER NOT NULL, "first_day" TEXT NOT NULL, "last_day" TEXT NOT NULL,
  "turn" INTEGER NOT NULL, FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE CASCADE);
CREATE INDEX "duty_shift_account_id" ON "duty_shift" ("account_id");
CREATE TABLE "event" ("id" SERIAL NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "at" TIMESTAMP NOT NULL, "subject" INTEGER
  NOT NULL, "of" TEXT NOT NULL, "state" TEXT NOT NULL, "sentence" TEXT NOT NULL);
CREATE INDEX "event_at" ON "event" ("at");
CREATE TABLE "event_mark" ("id" SERIAL NOT NULL PRIMARY KEY, "receiver" TEXT NOT NULL, "event" INTEGER NOT NULL);
CREATE UNIQUE INDEX "event_mark_receiver" ON "event_mark" ("receiver");
CREATE TABLE "forgotten" ("id" SERIAL NOT NULL PRIMARY KEY, "digest" TEXT NOT NULL, "at" TIMESTAMP NOT NULL,
  "cleaned_at" TIMESTAMP);
CREATE UNIQUE INDEX "forgotten_digest" ON "forgotten" ("digest");
CREATE TABLE "group_member" ("id" SERIAL NOT NULL PRIMARY KEY, "group_id" INTEGER NOT NULL, "member_id" INTEGER NOT
  NULL, FOREIGN KEY ("group_id") REFERENCES "member_group" ("id") ON DELETE CASCADE, FOREIGN KEY ("member_id")
  REFERENCES "member" ("id") ON DELETE CASCADE);
CREATE INDEX "group_member_group_id" ON "group_member" ("group_id");
CREATE INDEX "group_member_member_id" ON "group_member" ("member_id");
CREATE UNIQUE INDEX "group_member_group_id_member_id" ON "group_member" ("group_id", "member_id");
CREATE TABLE "group_place" ("id" SERIAL NOT NULL PRIMARY KEY, "group_id" INTEGER NOT NULL, "neighbourhood_id" INTEGER
  NOT NULL, FOREIGN KEY ("group_id") REFERENCES "member_group" ("id") ON DELETE CASCADE, FOREIGN KEY
  ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE CASCADE);
CREATE INDEX "group_place_group_id" ON "group_place" ("group_id");
CREATE INDEX "group_place_neighbourhood_id" ON "group_place" ("neighbourhood_id");
CREATE TABLE "group_probe" ("id" SERIAL NOT NULL PRIMARY KEY, "neighbourhood_id" INTEGER NOT NULL, "address" TEXT NOT
  NULL, "asked_by" TEXT NOT NULL, "asked_at" TIMESTAMP NOT NULL, "arrived_at" TIMESTAMP, FOREIGN KEY
  ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE CASCADE);
CREATE INDEX "group_probe_neighbourhood_id" ON "group_probe" ("neighbourhood_id");
CREATE TABLE "group_street" ("id" SERIAL NOT NULL PRIMARY KEY, "group_id" INTEGER NOT NULL, "name" TEXT NOT NULL,
  "neighbourhood_id" INTEGER, FOREIGN KEY ("group_id") REFERENCES "member_group" ("id") ON DELETE CASCADE, FOREIGN KEY
  ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE CASCADE);
CREATE INDEX "group_street_group_id" ON "group_street" ("group_id");
CREATE INDEX "group_street_neighbourhood_id" ON "group_street" ("neighbourhood_id");
CREATE TABLE "heartbeat" ("id" SERIAL NOT NULL PRIMARY KEY, "host" TEXT NOT NULL, "process" TEXT NOT NULL, "pid" INTEGER
  NOT NULL, "seen_at" TIMESTAMP NOT NULL, "ended_at" TIMESTAMP);
CREATE UNIQUE INDEX "heartbeat_host_process" ON "heartbeat" ("host", "process");
CREATE TABLE "ims_note" ("id" SERIAL NOT NULL PRIMARY KEY, "model" TEXT NOT NULL, "operator" TEXT NOT NULL, "state" TEXT
  NOT NULL, "seen_at" TIMESTAMP NOT NULL);
CREATE UNIQUE INDEX "ims_note_model_operator" ON "ims_note" ("model", "operator");
CREATE TABLE "inbound_mail" ("id" SERIAL NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "sender" TEXT NOT NULL,
  "sender_name" TEXT NOT NULL, "reply_to" TEXT NOT NULL, "subject" TEXT NOT NULL, "text" TEXT NOT NULL, "quoted" TEXT
  NOT NULL, "message_id" TEXT NOT NULL, "answers_mail" INTEGER, "enclosures" TEXT NOT NULL, "size_bytes" BIGINT NOT
  NULL, "is_shortened" BOOLEAN NOT NULL, "sent_at" TIMESTAMP, "received_at" TIMESTAMP NOT NULL, "taken_by" TEXT NOT
  NULL, "taken_at" TIMESTAMP, "handled_by" TEXT NOT NULL, "handled_at" TIMESTAMP);
CREATE INDEX "inbound_mail_sender" ON "inbound_mail" ("sender");
CREATE INDEX "inbound_mail_answers_mail" ON "inbound_mail" ("answers_mail");
CREATE INDEX "inbound_mail_received_at" ON "inbound_mail" ("received_at");
CREATE TABLE "inbound_message" ("id" SERIAL NOT NULL PRIMARY KEY, "imsi" TEXT NOT NULL, "stick" TEXT, "sender" TEXT NOT
  NULL, "reference" INTEGER, "total" INTEGER NOT NULL, "text" TEXT NOT NULL, "sent_at" TIMESTAMP NOT NULL, "received_at"
  TIMESTAMP NOT NULL, "completed_at" TIMESTAMP, "given_up_at" TIMESTAMP, "taken_by" TEXT NOT NULL, "taken_at" TIMESTAMP,
  "handled_by" TEXT NOT NULL, "handled_at" TIMESTAMP, "simulated" BOOLEAN NOT NULL, "judged_at" TIMESTAMP, "mms_octets"
  INTEGER);
CREATE INDEX "inbound_message_received_at" ON "inbound_message" ("received_at");
CREATE INDEX "inbound_unjudged" ON "inbound_message" ("received_at") WHERE ("judged_at" IS NULL);
CREATE INDEX "inbound_unhandled" ON "inbound_message" ("sender") WHERE ("handled_at" IS NULL);
CREATE INDEX "inbound_sender" ON "inbound_message" ("sender");
CREATE INDEX "inbound_open" ON "inbound_message" ("imsi", "sender") WHERE ("completed_at" IS NULL);
CREATE TABLE "inbound_part" ("id" SERIAL NOT NULL PRIMARY KEY, "message_id" INTEGER NOT NULL, "seq" INTEGER NOT NULL,
  "text" TEXT NOT NULL, "digest" TEXT NOT NULL, FOREIGN KEY ("message_id") REFERENCES "inbound_message" ("id") ON DELETE
  CASCADE);
CREATE INDEX "inbound_part_message_id" ON "inbound_part" ("message_id");
CREATE UNIQUE INDEX "inbound_part_digest" ON "inbound_part" ("digest");
CREATE TABLE "inbound_verdict" ("id" SERIAL NOT NULL PRIMARY KEY, "inbound_id" INTEGER NOT NULL, "meaning" TEXT NOT
  NULL, "language" TEXT NOT NULL, "judged_at" TIMESTAMP NOT NULL, "broadcast_id" INTEGER, "answer" TEXT NOT NULL,
  "silence" TEXT NOT NULL, "answered_at" TIMESTAMP, FOREIGN KEY ("inbound_id") REFERENCES "inbound_message" ("id") ON
  DELETE CASCADE, FOREIGN KEY ("broadcast_id") REFERENCES "broadcast" ("id") ON DELETE SET NULL);
CREATE UNIQUE INDEX "inbound_verdict_inbound_id" ON "inbound_verdict" ("inbound_id");
CREATE INDEX "inbound_verdict_judged_at" ON "inbound_verdict" ("judged_at");
CREATE INDEX "inbound_verdict_broadcast_id" ON "inbound_verdict" ("broadcast_id");
CREATE INDEX "verdict_alarm" ON "inbound_verdict" ("inbound_id") WHERE ("meaning" = 'alarm');
CREATE INDEX "verdict_held" ON "inbound_verdict" ("inbound_id") WHERE ("silence" = 'held');
CREATE TABLE "inbox_answer" ("id" SERIAL NOT NULL PRIMARY KEY, "key" TEXT NOT NULL, "text_id" INTEGER, "mail_id"
  INTEGER, "kind" TEXT NOT NULL, "body" TEXT NOT NULL, "by" TEXT NOT NULL, "at" TIMESTAMP NOT NULL, "letter" INTEGER,
  "broadcast" INTEGER, "refused" TEXT NOT NULL, FOREIGN KEY ("text_id") REFERENCES "inbound_message" ("id") ON DELETE
  CASCADE, FOREIGN KEY ("mail_id") REFERENCES "inbound_mail" ("id") ON DELETE CASCADE);
CREATE UNIQUE INDEX "inbox_answer_key" ON "inbox_answer" ("key");
CREATE INDEX "inbox_answer_text_id" ON "inbox_answer" ("text_id");
CREATE INDEX "inbox_answer_mail_id" ON "inbox_answer" ("mail_id");
CREATE TABLE "job_run" ("id" SERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "slot" TEXT NOT NULL, "host" TEXT NOT
  NULL, "started_at" TIMESTAMP NOT NULL, "ended_at" TIMESTAMP, "outcome" TEXT NOT NULL);
CREATE UNIQUE INDEX "job_run_name_slot" ON "job_run" ("name", "slot");
CREATE TABLE "latest_time" ("id" SERIAL NOT NULL PRIMARY KEY, "at" TIMESTAMP NOT NULL);
CREATE TABLE "lineage" ("id" SERIAL NOT NULL PRIMARY KEY, "token" TEXT NOT NULL, "epoch" INTEGER NOT NULL, "progress"
  INTEGER NOT NULL);
CREATE TABLE "list_columns" ("id" SERIAL NOT NULL PRIMARY KEY, "header" TEXT NOT NULL, "columns" TEXT NOT NULL, "at"
  TIMESTAMP NOT NULL);
CREATE UNIQUE INDEX "list_columns_header" ON "list_columns" ("header");
CREATE TABLE "mail_letter" ("id" SERIAL NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "subject" TEXT NOT NULL, "reply_to"
  TEXT NOT NULL, "in_reply_to" TEXT NOT NULL, "created_at" TIMESTAMP NOT NULL);
CREATE INDEX "mail_letter_created_at" ON "mail_letter" ("created_at");
CREATE TABLE "mail" ("id" SERIAL NOT NULL PRIMARY KEY, "letter_id" INTEGER NOT NULL, "key" TEXT NOT NULL, "message_id"
  TEXT NOT NULL, "member_id" INTEGER, "address" TEXT NOT NULL, "domain" TEXT NOT NULL, "name" TEXT NOT NULL, "text" TEXT
  NOT NULL, "html" TEXT NOT NULL, "lane" INTEGER NOT NULL, "state" TEXT NOT NULL, "perhaps_twice" BOOLEAN NOT NULL,
  "doubts" INTEGER NOT NULL, "attempts" INTEGER NOT NULL, "queued_at" TIMESTAMP NOT NULL, "next_at" TIMESTAMP NOT NULL,
  "expires_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "holder" TEXT, "lease_until" TIMESTAMP, "handed_at"
  TIMESTAMP, "accepted_at" TIMESTAMP, "reason" TEXT NOT NULL, "reply" TEXT NOT NULL, "broadcast" INTEGER, "relay_id"
  INTEGER, "is_nudge" BOOLEAN NOT NULL, FOREIGN KEY ("letter_id") REFERENCES "mail_letter" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE SET NULL, FOREIGN KEY ("relay_id") REFERENCES
  "bulletin_relay" ("id") ON DELETE SET NULL);
CREATE INDEX "mail_letter_id" ON "mail" ("letter_id");
CREATE UNIQUE INDEX "mail_key" ON "mail" ("key");
CREATE UNIQUE INDEX "mail_message_id" ON "mail" ("message_id");
CREATE INDEX "mail_member_id" ON "mail" ("member_id");
CREATE INDEX "mail_changed_at" ON "mail" ("changed_at");
CREATE INDEX "mail_relay_id" ON "mail" ("relay_id");
CREATE INDEX "mail_queue" ON "mail" ("lane", "next_at", "id") WHERE ("state" = 'queued');
CREATE INDEX "mail_by_state" ON "mail" ("state", "changed_at");
CREATE INDEX "mail_about" ON "mail" ("broadcast", "member_id") WHERE ("broadcast" IS NOT NULL);
CREATE INDEX "mail_sending" ON "mail" ("lease_until") WHERE ("state" = 'sending');
CREATE TABLE "mailbox" ("id" SERIAL NOT NULL PRIMARY KEY, "account" TEXT NOT NULL, "uidvalidity" BIGINT, "last_uid"
  BIGINT NOT NULL, "read_at" TIMESTAMP, "trouble" TEXT NOT NULL, "trying_uid" BIGINT NOT NULL, "tries" INTEGER NOT NULL);
CREATE UNIQUE INDEX "mailbox_account" ON "mailbox" ("account");
CREATE TABLE "mail_domain" ("id" SERIAL NOT NULL PRIMARY KEY, "domain" TEXT NOT NULL, "next_at" TIMESTAMP NOT NULL,
  "failures" INTEGER NOT NULL, "reason" TEXT NOT NULL, "reply" TEXT NOT NULL);
CREATE UNIQUE INDEX "mail_domain_domain" ON "mail_domain" ("domain");
CREATE TABLE "mail_enclosure" ("id" SERIAL NOT NULL PRIMARY KEY, "letter_id" INTEGER NOT NULL, "position" INTEGER NOT
  NULL, "filename" TEXT NOT NULL, "media_type" TEXT NOT NULL, "content" BYTEA NOT NULL, FOREIGN KEY ("letter_id")
  REFERENCES "mail_letter" ("id") ON DELETE CASCADE);
CREATE INDEX "mail_enclosure_letter_id" ON "mail_enclosure" ("letter_id");
CREATE TABLE "mail_server" ("id" SERIAL NOT NULL PRIMARY KEY, "host" TEXT NOT NULL, "server" TEXT NOT NULL, "failures"
  INTEGER NOT NULL, "down_since_at" TIMESTAMP, "next_at" TIMESTAMP, "seen_at" TIMESTAMP NOT NULL, "reason" TEXT NOT
  NULL, "reply" TEXT NOT NULL);
CREATE UNIQUE INDEX "mail_server_host" ON "mail_server" ("host");
CREATE TABLE "mandate" ("id" SERIAL NOT NULL PRIMARY KEY, "member_id" INTEGER, "neighbourhood_id" INTEGER NOT NULL,
  "appointed_on" TEXT NOT NULL, "checked_on" TEXT NOT NULL, "ended_on" TEXT NOT NULL, FOREIGN KEY ("member_id")
  REFERENCES "member" ("id") ON DELETE SET NULL, FOREIGN KEY ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON
  DELETE CASCADE);
CREATE INDEX "mandate_member_id" ON "mandate" ("member_id");
CREATE INDEX "mandate_neighbourhood_id" ON "mandate" ("neighbourhood_id");
CREATE TABLE "member_correction" ("id" SERIAL NOT NULL PRIMARY KEY, "member_id" INTEGER NOT NULL, "field" TEXT NOT NULL,
  "value" TEXT NOT NULL, "proposed_by" TEXT NOT NULL, "proposed_at" TIMESTAMP NOT NULL, FOREIGN KEY ("member_id")
  REFERENCES "member" ("id") ON DELETE CASCADE);
CREATE INDEX "member_correction_member_id" ON "member_correction" ("member_id");
CREATE UNIQUE INDEX "member_correction_member_id_field" ON "member_correction" ("member_id", "field");
CREATE TABLE "member_place" ("id" SERIAL NOT NULL PRIMARY KEY, "member_id" INTEGER NOT NULL, "neighbourhood_id" INTEGER
  NOT NULL, "street" TEXT NOT NULL, FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE, FOREIGN KEY
  ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE RESTRICT);
CREATE INDEX "member_place_member_id" ON "member_place" ("member_id");
CREATE INDEX "member_place_neighbourhood_id" ON "member_place" ("neighbourhood_id");
CREATE TABLE "members_act" ("id" SERIAL NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "by" TEXT NOT NULL, "at" TIMESTAMP
  NOT NULL, "beat_at" TIMESTAMP NOT NULL, "finished_at" TIMESTAMP, "undone_at" TIMESTAMP, "counts" TEXT NOT NULL);
CREATE TABLE "members_act_change" ("id" SERIAL NOT NULL PRIMARY KEY, "act_id" INTEGER NOT NULL, "member_id" INTEGER NOT
  NULL, "changes" TEXT NOT NULL, FOREIGN KEY ("act_id") REFERENCES "members_act" ("id") ON DELETE CASCADE, FOREIGN KEY
  ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE);
CREATE INDEX "members_act_change_act_id" ON "members_act_change" ("act_id");
CREATE INDEX "members_act_change_member_id" ON "members_act_change" ("member_id");
CREATE UNIQUE INDEX "members_act_change_act_id_member_id" ON "members_act_change" ("act_id", "member_id");
CREATE TABLE "modem" ("id" SERIAL NOT NULL PRIMARY KEY, "host" TEXT NOT NULL, "name" TEXT NOT NULL, "label" TEXT NOT
  NULL, "device" TEXT NOT NULL, "state" TEXT NOT NULL, "sentence" TEXT NOT NULL, "next_try_at" TIMESTAMP, "model" TEXT
  NOT NULL, "imei" TEXT, "imsi" TEXT, "iccid" TEXT, "operator" TEXT, "technology" TEXT, "signal_dbm" INTEGER,
  "simulated" BOOLEAN NOT NULL, "messages_per_minute" INTEGER NOT NULL, "urgent_messages_per_minute" INTEGER NOT NULL,
  "changed_at" TIMESTAMP NOT NULL, "pin_tries" INTEGER, "lacks" TEXT NOT NULL, "unregistered" TEXT NOT NULL, "storages"
  TEXT NOT NULL, "storages_at" TIMESTAMP);
CREATE UNIQUE INDEX "modem_host_name" ON "modem" ("host", "name");
CREATE TABLE "modem_answer" ("id" SERIAL NOT NULL PRIMARY KEY, "host" TEXT NOT NULL, "modem" TEXT NOT NULL, "verb" TEXT
  NOT NULL, "imsi" TEXT NOT NULL, "state" TEXT NOT NULL, "text" TEXT NOT NULL, "answered_at" TIMESTAMP NOT NULL);
CREATE UNIQUE INDEX "modem_answer_host_modem_verb" ON "modem_answer" ("host", "modem", "verb");
CREATE TABLE "modem_request" ("id" SERIAL NOT NULL PRIMARY KEY, "host" TEXT NOT NULL, "modem" TEXT NOT NULL, "verb" TEXT
  NOT NULL, "asked_by" TEXT NOT NULL, "asked_at" TIMESTAMP NOT NULL, "done_at" TIMESTAMP, "reason" TEXT NOT NULL);
CREATE INDEX "request_open" ON "modem_request" ("host", "modem") WHERE ("done_at" IS NULL);
CREATE TABLE "modem_sample" ("id" SERIAL NOT NULL PRIMARY KEY, "host" TEXT NOT NULL, "modem" TEXT NOT NULL, "at"
  TIMESTAMP NOT NULL, "registered" BOOLEAN NOT NULL, "operator" TEXT, "technology" TEXT, "signal_dbm" INTEGER);
CREATE INDEX "modem_sample_host_modem_at" ON "modem_sample" ("host", "modem", "at");
CREATE TABLE "neighbourhood_relay" ("id" SERIAL NOT NULL PRIMARY KEY, "neighbourhood_id" INTEGER NOT NULL, "deputy_id"
  INTEGER, "group_address" TEXT NOT NULL, FOREIGN KEY ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE
  CASCADE, FOREIGN KEY ("deputy_id") REFERENCES "member" ("id") ON DELETE SET NULL);
CREATE UNIQUE INDEX "neighbourhood_relay_neighbourhood_id" ON "neighbourhood_relay" ("neighbourhood_id");
CREATE INDEX "neighbourhood_relay_deputy_id" ON "neighbourhood_relay" ("deputy_id");
CREATE TABLE "outline" ("id" SERIAL NOT NULL PRIMARY KEY, "neighbourhood_id" INTEGER NOT NULL, "shape" TEXT NOT NULL,
  "longitude" REAL NOT NULL, "latitude" REAL NOT NULL, "imported_by" TEXT NOT NULL, "imported_at" TIMESTAMP NOT NULL,
  FOREIGN KEY ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE CASCADE);
CREATE UNIQUE INDEX "outline_neighbourhood_id" ON "outline" ("neighbourhood_id");
CREATE TABLE "own_number" ("id" SERIAL NOT NULL PRIMARY KEY, "host" TEXT NOT NULL, "modem" TEXT NOT NULL, "msisdn" TEXT
  NOT NULL, "told" BOOLEAN NOT NULL);
CREATE UNIQUE INDEX "own_number_host_modem" ON "own_number" ("host", "modem");
CREATE TABLE "paper" ("id" SERIAL NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "neighbourhood_id" INTEGER, "day" TEXT NOT
  NULL, "valid_until" TEXT NOT NULL, "people" TEXT NOT NULL, "filename" TEXT NOT NULL, "media_type" TEXT NOT NULL,
  "content" BYTEA NOT NULL, "added_by" TEXT NOT NULL, "added_at" TIMESTAMP NOT NULL, FOREIGN KEY ("neighbourhood_id")
  REFERENCES "neighbourhood" ("id") ON DELETE SET NULL);
CREATE INDEX "paper_neighbourhood_id" ON "paper" ("neighbourhood_id");
CREATE TABLE "people_count" ("id" SERIAL NOT NULL PRIMARY KEY, "at" TIMESTAMP NOT NULL, "neighbourhood_id" INTEGER,
  "kind" TEXT NOT NULL, "number" INTEGER NOT NULL, FOREIGN KEY ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON
  DELETE SET NULL);
CREATE INDEX "people_count_at" ON "people_count" ("at");
CREATE INDEX "people_count_neighbourhood_id" ON "people_count" ("neighbourhood_id");
CREATE TABLE "pin_try" ("id" SERIAL NOT NULL PRIMARY KEY, "card" TEXT NOT NULL, "digest" TEXT NOT NULL, "tried_at"
  TIMESTAMP NOT NULL, "refused" BOOLEAN NOT NULL);
CREATE UNIQUE INDEX "pin_try_card_digest" ON "pin_try" ("card", "digest");
CREATE TABLE "planned" ("id" SERIAL NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "due_at" TIMESTAMP NOT NULL, "monthly"
  BOOLEAN NOT NULL, "text" TEXT NOT NULL, "bulletin_id" INTEGER, "seen" TEXT NOT NULL, "planned_by" TEXT NOT NULL,
  "planned_at" TIMESTAMP NOT NULL, "state" TEXT NOT NULL, "why" TEXT NOT NULL, "ended_at" TIMESTAMP, "broadcast_id"
  INTEGER, "others" TEXT NOT NULL, FOREIGN KEY ("bulletin_id") REFERENCES "bulletin" ("id") ON DELETE CASCADE, FOREIGN
  KEY ("broadcast_id") REFERENCES "broadcast" ("id") ON DELETE SET NULL);
CREATE INDEX "planned_bulletin_id" ON "planned" ("bulletin_id");
CREATE INDEX "planned_broadcast_id" ON "planned" ("broadcast_id");
CREATE INDEX "planned_waiting" ON "planned" ("due_at") WHERE ("state" = 'waiting');
CREATE TABLE "policy_proposal" ("id" SERIAL NOT NULL PRIMARY KEY, "changes" TEXT NOT NULL, "asked_by" TEXT NOT NULL,
  "asked_at" TIMESTAMP NOT NULL);
CREATE TABLE "proof" ("id" SERIAL NOT NULL PRIMARY KEY, "host" TEXT NOT NULL, "modem" TEXT NOT NULL, "imsi" TEXT NOT
  NULL, "slot_at" TIMESTAMP NOT NULL, "placed_at" TIMESTAMP NOT NULL, "to_seat" TEXT NOT NULL, "to_imsi" TEXT, "text"
  TEXT NOT NULL, "broadcast_id" INTEGER, "arrived_at" TIMESTAMP, FOREIGN KEY ("broadcast_id") REFERENCES "broadcast"
  ("id") ON DELETE CASCADE);
CREATE INDEX "proof_imsi" ON "proof" ("imsi");
CREATE INDEX "proof_to_imsi" ON "proof" ("to_imsi");
CREATE UNIQUE INDEX "proof_text" ON "proof" ("text");
CREATE UNIQUE INDEX "proof_broadcast_id" ON "proof" ("broadcast_id");
CREATE UNIQUE INDEX "proof_host_modem_imsi_slot_at" ON "proof" ("host", "modem", "imsi", "slot_at");
CREATE TABLE "recovery_code" ("id" SERIAL NOT NULL PRIMARY KEY, "account_id" INTEGER NOT NULL, "code_hash" TEXT NOT
  NULL, FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE CASCADE);
CREATE INDEX "recovery_code_account_id" ON "recovery_code" ("account_id");
CREATE TABLE "registration" ("id" SERIAL NOT NULL PRIMARY KEY, "token" TEXT NOT NULL, "mobile" TEXT NOT NULL, "draft"
  TEXT NOT NULL, "code" TEXT NOT NULL, "tries" INTEGER NOT NULL, "broadcast" INTEGER NOT NULL, "asked_at" TIMESTAMP NOT
  NULL, "confirmed_at" TIMESTAMP);
CREATE UNIQUE INDEX "registration_token" ON "registration" ("token");
CREATE INDEX "registration_mobile" ON "registration" ("mobile");
CREATE TABLE "renewal" ("id" SERIAL NOT NULL PRIMARY KEY, "asked_at" TIMESTAMP NOT NULL, "asked_by" TEXT NOT NULL,
  "until_at" TIMESTAMP NOT NULL, "ended_at" TIMESTAMP);
CREATE TABLE "renewal_member" ("id" SERIAL NOT NULL PRIMARY KEY, "renewal_id" INTEGER NOT NULL, "member_id" INTEGER NOT
  NULL, "channel" TEXT NOT NULL, "ordered_at" TIMESTAMP, "broadcast" INTEGER, "mail" INTEGER, "answer" TEXT NOT NULL,
  "answered_at" TIMESTAMP, "how" TEXT NOT NULL, FOREIGN KEY ("renewal_id") REFERENCES "renewal" ("id") ON DELETE
  CASCADE, FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE);
CREATE INDEX "renewal_member_renewal_id" ON "renewal_member" ("renewal_id");
CREATE INDEX "renewal_member_member_id" ON "renewal_member" ("member_id");
CREATE INDEX "renewal_member_broadcast" ON "renewal_member" ("broadcast");
CREATE INDEX "renewal_member_mail" ON "renewal_member" ("mail");
CREATE UNIQUE INDEX "renewal_member_renewal_id_member_id" ON "renewal_member" ("renewal_id", "member_id");
CREATE INDEX "renewal_member_renewal_id_answer" ON "renewal_member" ("renewal_id", "answer");
CREATE INDEX "renewal_due" ON "renewal_member" ("channel", "answer") WHERE ("ordered_at" IS NULL);
CREATE TABLE "report" ("id" SERIAL NOT NULL PRIMARY KEY, "imsi" TEXT NOT NULL, "reference" INTEGER NOT NULL, "recipient"
  TEXT NOT NULL, "submitted_at" TIMESTAMP NOT NULL, "outcome" TEXT NOT NULL, "status" INTEGER NOT NULL, "received_at"
  TIMESTAMP NOT NULL, "modem" TEXT);
CREATE INDEX "report_imsi_reference" ON "report" ("imsi", "reference");
CREATE TABLE "security_key" ("id" SERIAL NOT NULL PRIMARY KEY, "account_id" INTEGER NOT NULL, "name" TEXT NOT NULL,
  "credential" TEXT NOT NULL, "sign_count" INTEGER NOT NULL, "added_at" TIMESTAMP NOT NULL, "last_used_at" TIMESTAMP,
  FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE CASCADE);
CREATE INDEX "security_key_account_id" ON "security_key" ("account_id");
CREATE TABLE "seen_mail" ("id" SERIAL NOT NULL PRIMARY KEY, "digest" TEXT NOT NULL, "seen_at" TIMESTAMP NOT NULL);
CREATE UNIQUE INDEX "seen_mail_digest" ON "seen_mail" ("digest");
CREATE INDEX "seen_mail_seen_at" ON "seen_mail" ("seen_at");
CREATE TABLE "signing_key" ("id" SERIAL NOT NULL PRIMARY KEY, "purpose" TEXT NOT NULL, "key" TEXT NOT NULL);
CREATE UNIQUE INDEX "signing_key_purpose" ON "signing_key" ("purpose");
CREATE TABLE "sign_in_link" ("id" SERIAL NOT NULL PRIMARY KEY, "token_hash" TEXT NOT NULL, "account_id" INTEGER,
  "expires_at" TIMESTAMP NOT NULL, "used_at" TIMESTAMP, "issued_by" TEXT NOT NULL, FOREIGN KEY ("account_id") REFERENCES
  "account" ("id") ON DELETE CASCADE);
CREATE UNIQUE INDEX "sign_in_link_token_hash" ON "sign_in_link" ("token_hash");
CREATE INDEX "sign_in_link_account_id" ON "sign_in_link" ("account_id");
CREATE TABLE "sign_in_try" ("id" SERIAL NOT NULL PRIMARY KEY, "name_digest" TEXT NOT NULL, "address" TEXT NOT NULL,
  "failed" INTEGER NOT NULL, "until_at" TIMESTAMP, "changed_at" TIMESTAMP NOT NULL, "good_at" TIMESTAMP);
CREATE UNIQUE INDEX "sign_in_try_name_digest_address" ON "sign_in_try" ("name_digest", "address");
CREATE TABLE "sim_budget" ("id" SERIAL NOT NULL PRIMARY KEY, "imsi" TEXT NOT NULL, "host" TEXT NOT NULL, "modem" TEXT
  NOT NULL, "configured_day" INTEGER NOT NULL, "configured_month" INTEGER NOT NULL, "configured_recipients" INTEGER NOT
  NULL, "day" INTEGER, "month" INTEGER, "recipients" INTEGER, "changed_by" TEXT NOT NULL, "changed_at" TIMESTAMP);
CREATE UNIQUE INDEX "sim_budget_imsi" ON "sim_budget" ("imsi");
CREATE TABLE "sim_card" ("id" SERIAL NOT NULL PRIMARY KEY, "imei" TEXT NOT NULL, "imsi" TEXT NOT NULL, "iccid" TEXT,
  "host" TEXT NOT NULL, "modem" TEXT NOT NULL, "seen_at" TIMESTAMP NOT NULL, "accepted_at" TIMESTAMP, "accepted_by" TEXT
  NOT NULL);
CREATE UNIQUE INDEX "sim_card_imei_imsi" ON "sim_card" ("imei", "imsi");
CREATE INDEX "sim_card_imsi" ON "sim_card" ("imsi");
CREATE INDEX "sim_card_host_modem" ON "sim_card" ("host", "modem");
CREATE TABLE "sim_day" ("id" SERIAL NOT NULL PRIMARY KEY, "imsi" TEXT NOT NULL, "day" TEXT NOT NULL, "messages" INTEGER
  NOT NULL, "recipients" INTEGER NOT NULL);
CREATE UNIQUE INDEX "sim_day_imsi_day" ON "sim_day" ("imsi", "day");
CREATE TABLE "sim_recipient" ("id" SERIAL NOT NULL PRIMARY KEY, "imsi" TEXT NOT NULL, "month" TEXT NOT NULL, "msisdn"
  TEXT NOT NULL, "messages" INTEGER NOT NULL, "last_at" TIMESTAMP NOT NULL);
CREATE UNIQUE INDEX "sim_recipient_msisdn_imsi_month" ON "sim_recipient" ("msisdn", "imsi", "month");
CREATE INDEX "sim_recipient_msisdn_last_at" ON "sim_recipient" ("msisdn", "last_at");
CREATE TABLE "sim_ussd" ("id" SERIAL NOT NULL PRIMARY KEY, "imsi" TEXT NOT NULL, "code" TEXT NOT NULL);
CREATE UNIQUE INDEX "sim_ussd_imsi" ON "sim_ussd" ("imsi");
CREATE TABLE "street" ("id" SERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "folded" TEXT NOT NULL,
  "neighbourhood_id" INTEGER NOT NULL, FOREIGN KEY ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE
  CASCADE);
CREATE INDEX "street_folded" ON "street" ("folded");
CREATE INDEX "street_neighbourhood_id" ON "street" ("neighbourhood_id");
CREATE TABLE "summons" ("id" SERIAL NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "opened_at" TIMESTAMP NOT NULL,
  "mailed_at" TIMESTAMP, "ended_at" TIMESTAMP, "ended_by" TEXT NOT NULL, "outcome" TEXT NOT NULL);
CREATE UNIQUE INDEX "summons_open" ON "summons" ("kind") WHERE ("ended_at" IS NULL);
CREATE TABLE "summons_call" ("id" SERIAL NOT NULL PRIMARY KEY, "summons_id" INTEGER NOT NULL, "place" INTEGER NOT NULL,
  "account_id" INTEGER, "name" TEXT NOT NULL, "broadcast_id" INTEGER, "begun_at" TIMESTAMP NOT NULL, "called_at"
  TIMESTAMP, "ended_at" TIMESTAMP, "outcome" TEXT NOT NULL, "ring" TEXT NOT NULL, FOREIGN KEY ("summons_id") REFERENCES
  "summons" ("id") ON DELETE CASCADE, FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE SET NULL, FOREIGN
  KEY ("broadcast_id") REFERENCES "broadcast" ("id") ON DELETE SET NULL);
CREATE INDEX "summons_call_summons_id" ON "summons_call" ("summons_id");
CREATE INDEX "summons_call_account_id" ON "summons_call" ("account_id");
CREATE INDEX "summons_call_broadcast_id" ON "summons_call" ("broadcast_id");
CREATE UNIQUE INDEX "summons_call_summons_id_place" ON "summons_call" ("summons_id", "place");
CREATE INDEX "call_to_ring" ON "summons_call" ("id") WHERE ("ring" = 'wanted');
CREATE TABLE "summons_cause" ("id" SERIAL NOT NULL PRIMARY KEY, "summons_id" INTEGER NOT NULL, "subject" TEXT NOT NULL,
  "settled_at" TIMESTAMP, FOREIGN KEY ("summons_id") REFERENCES "summons" ("id") ON DELETE CASCADE);
CREATE INDEX "summons_cause_summons_id" ON "summons_cause" ("summons_id");
CREATE UNIQUE INDEX "summons_cause_summons_id_subject" ON "summons_cause" ("summons_id", "subject");
CREATE TABLE "suspicion" ("id" SERIAL NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL, "subject" TEXT NOT NULL, "since_at"
  TIMESTAMP NOT NULL, "fault" TEXT NOT NULL, "fault_since_at" TIMESTAMP NOT NULL);
CREATE UNIQUE INDEX "suspicion_kind_subject" ON "suspicion" ("kind", "subject");
CREATE TABLE "tip" ("id" SERIAL NOT NULL PRIMARY KEY, "key" TEXT NOT NULL, "at" TIMESTAMP NOT NULL, "told_by" TEXT NOT
  NULL, "member_id" INTEGER, "text_id" INTEGER, "mail_id" INTEGER, "neighbourhood_id" INTEGER, "street" TEXT NOT NULL,
  "kind_id" INTEGER, "words" TEXT NOT NULL, "pv" TEXT NOT NULL, "alert_id" INTEGER, "added_by" TEXT NOT NULL, "added_at"
  TIMESTAMP NOT NULL, "outcome" TEXT NOT NULL, "outcome_by" TEXT NOT NULL, "outcome_at" TIMESTAMP, FOREIGN KEY
  ("member_id") REFERENCES "member" ("id") ON DELETE SET NULL, FOREIGN KEY ("text_id") REFERENCES "inbound_message"
  ("id") ON DELETE SET NULL, FOREIGN KEY ("mail_id") REFERENCES "inbound_mail" ("id") ON DELETE SET NULL, FOREIGN KEY
  ("neighbourhood_id") REFERENCES "neighbourhood" ("id") ON DELETE SET NULL, FOREIGN KEY ("kind_id") REFERENCES
  "alert_template" ("id") ON DELETE SET NULL, FOREIGN KEY ("alert_id") REFERENCES "broadcast" ("id") ON DELETE SET NULL);
CREATE UNIQUE INDEX "tip_key" ON "tip" ("key");
CREATE INDEX "tip_at" ON "tip" ("at");
CREATE INDEX "tip_member_id" ON "tip" ("member_id");
CREATE INDEX "tip_text_id" ON "tip" ("text_id");
CREATE INDEX "tip_mail_id" ON "tip" ("mail_id");
CREATE INDEX "tip_neighbourhood_id" ON "tip" ("neighbourhood_id");
CREATE INDEX "tip_kind_id" ON "tip" ("kind_id");
CREATE INDEX "tip_alert_id" ON "tip" ("alert_id");
CREATE INDEX "tip_open" ON "tip" ("added_at") WHERE ("outcome" = '');
CREATE TABLE "totp_secret" ("id" SERIAL NOT NULL PRIMARY KEY, "account_id" INTEGER NOT NULL, "sealed" TEXT NOT NULL,
  "last_step" INTEGER NOT NULL, "confirmed_at" TIMESTAMP, FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON
  DELETE CASCADE);
CREATE UNIQUE INDEX "totp_secret_account_id" ON "totp_secret" ("account_id");
CREATE TABLE "unreadable_pdu" ("id" SERIAL NOT NULL PRIMARY KEY, "imsi" TEXT NOT NULL, "pdu" TEXT NOT NULL,
  "received_at" TIMESTAMP NOT NULL);
CREATE UNIQUE INDEX "unreadable_pdu_imsi_pdu" ON "unreadable_pdu" ("imsi", "pdu");
CREATE TABLE "year_plan" ("id" SERIAL NOT NULL PRIMARY KEY, "year" INTEGER NOT NULL, "text" TEXT NOT NULL);
CREATE UNIQUE INDEX "year_plan_year" ON "year_plan" ("year");
CREATE TABLE "zone" ("id" SERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "code" TEXT NOT NULL, "emergency" TEXT NOT
  NULL, "phone" TEXT NOT NULL);
CREATE TABLE "zone_policy" ("id" SERIAL NOT NULL PRIMARY KEY, "approval" TEXT NOT NULL, "changed_by" TEXT NOT NULL,
  "changed_at" TIMESTAMP, "mail_always" BOOLEAN NOT NULL, "second_factor" BOOLEAN NOT NULL, "deputy_after_h" INTEGER NOT
  NULL, "longer_alerts" BOOLEAN NOT NULL);
