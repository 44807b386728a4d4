-- Telling people: what they would rather see apart, and the devices that are called (Web Push).

-- Set aside by the recipient's policy, until they let the sender in.
ALTER TABLE notifications ADD COLUMN filtered BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX notifications_filtered ON notifications (recipient_id, from_id, id) WHERE filtered;

-- Who has none, is told everything.
CREATE TABLE notification_policies (
  actor_id         INTEGER PRIMARY KEY REFERENCES actors (id),
  not_following    TEXT NOT NULL,
  not_followers    TEXT NOT NULL,
  new_accounts     TEXT NOT NULL,
  private_mentions TEXT NOT NULL,
  limited_accounts TEXT NOT NULL
);

-- Whom a person let in, whatever the policy says.
CREATE TABLE notification_permissions (
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  from_id    BIGINT NOT NULL REFERENCES actors (id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (actor_id, from_id)
) WITHOUT ROWID;

-- One for each access token, which is named by its hash and kept sealed besides: the app wants it back with what it is told. Ids are small,
-- as apps keep them in 32 bits.
CREATE TABLE push_subscriptions (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash   TEXT NOT NULL UNIQUE,
  actor_id     BIGINT NOT NULL REFERENCES actors (id),
  endpoint     TEXT NOT NULL,
  public_key   BLOB NOT NULL,
  auth         BLOB NOT NULL,
  standard     BOOLEAN NOT NULL, -- RFC 8291, not the draft before it
  audience     TEXT NOT NULL,
  alerts       TEXT NOT NULL,
  sealed_token BLOB NOT NULL,
  created_at   BIGINT NOT NULL
);
CREATE INDEX push_subscriptions_actor ON push_subscriptions (actor_id);
