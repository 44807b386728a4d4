-- What the node decided about people, and about hosts, which is copied to whoever lives there so that nothing has to look for it.
ALTER TABLE actors ADD COLUMN limited_at BIGINT;
ALTER TABLE actors ADD COLUMN sensitive_at BIGINT;
ALTER TABLE actors ADD COLUMN host_policy TEXT NOT NULL DEFAULT '';
ALTER TABLE actors ADD COLUMN emojis TEXT NOT NULL DEFAULT '[]';
ALTER TABLE posts ADD COLUMN emojis TEXT NOT NULL DEFAULT '[]';
ALTER TABLE hosts ADD COLUMN policy_id BIGINT;
ALTER TABLE hosts ADD COLUMN policy_at BIGINT;
ALTER TABLE hosts ADD COLUMN policy_comment TEXT NOT NULL DEFAULT ''; -- for anybody to read; policy_reason is for the staff
ALTER TABLE hosts ADD COLUMN reject_media BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE hosts ADD COLUMN reject_reports BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE hosts SET policy_id = (SELECT count(*) FROM hosts AS other WHERE other.policy <> '' AND other.name <= hosts.name) WHERE policy <> '';
UPDATE actors SET host_policy = (SELECT policy FROM hosts WHERE hosts.name = actors.host)
  WHERE host IN (SELECT name FROM hosts WHERE policy <> '');
CREATE INDEX hosts_policy ON hosts (policy, policy_id) WHERE policy <> '';
CREATE INDEX actors_blocked ON actors (id) WHERE host_policy = 'blocked';

ALTER TABLE reports ADD COLUMN rules TEXT NOT NULL DEFAULT '[]';
ALTER TABLE reports ADD COLUMN assigned_to BIGINT;
CREATE INDEX reports_target ON reports (target_id, id);

-- Every decision of those who look after the node: who, what, about whom or what, why, when.
CREATE TABLE audit (
  id         BIGINT PRIMARY KEY,
  actor_id   BIGINT NOT NULL,
  action     TEXT NOT NULL,
  kind       TEXT NOT NULL,           -- of what it is about
  target_id  BIGINT NOT NULL DEFAULT 0,
  target     TEXT NOT NULL DEFAULT '', -- its name at that moment
  reason     TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL
);
CREATE INDEX audit_target ON audit (kind, target_id, id);

-- How one comes to live here.
ALTER TABLE accounts ADD COLUMN unconfirmed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN unapproved BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN invite_id BIGINT;
ALTER TABLE accounts ADD COLUMN app_id BIGINT;
CREATE INDEX accounts_unapproved ON accounts (actor_id) WHERE unapproved;
CREATE TABLE invites (
  id         BIGINT PRIMARY KEY,
  hash       TEXT NOT NULL UNIQUE,
  by_id      BIGINT NOT NULL,
  note       TEXT NOT NULL DEFAULT '',
  max_uses   BIGINT NOT NULL DEFAULT 0, -- 0: no limit
  uses       BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT
);
CREATE TABLE confirmations (
  hash       TEXT PRIMARY KEY,
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  email      TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX confirmations_actor ON confirmations (actor_id);

CREATE TABLE announcements (
  id           BIGINT PRIMARY KEY,
  by_id        BIGINT NOT NULL,
  source       TEXT NOT NULL,
  content      TEXT NOT NULL,
  starts_at    BIGINT,
  ends_at      BIGINT,
  all_day      BOOLEAN NOT NULL,
  published_at BIGINT,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL
);
CREATE INDEX announcements_published ON announcements (id) WHERE published_at IS NOT NULL;
CREATE TABLE announcement_reads (
  announcement_id BIGINT NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
  actor_id        BIGINT NOT NULL REFERENCES actors (id),
  PRIMARY KEY (announcement_id, actor_id)
);
CREATE INDEX announcement_reads_actor ON announcement_reads (actor_id);
CREATE TABLE announcement_reactions (
  announcement_id BIGINT NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
  name            TEXT NOT NULL,
  actor_id        BIGINT NOT NULL REFERENCES actors (id),
  created_at      BIGINT NOT NULL,
  PRIMARY KEY (announcement_id, name, actor_id)
);
CREATE INDEX announcement_reactions_actor ON announcement_reactions (actor_id);

-- Pictures in texts, of this node.
CREATE TABLE emojis (
  name       TEXT PRIMARY KEY,
  category   TEXT NOT NULL DEFAULT '',
  hidden     BOOLEAN NOT NULL DEFAULT FALSE, -- from the list to choose from
  media_type TEXT NOT NULL,
  picture    BYTEA NOT NULL,
  version    TEXT NOT NULL, -- of the picture, so that its address changes with it
  updated_at BIGINT NOT NULL
);

-- What the node says of itself, by language and from when on.
CREATE TABLE texts (
  name       TEXT NOT NULL,
  language   TEXT NOT NULL,
  since      BIGINT NOT NULL DEFAULT 0,
  source     TEXT NOT NULL,
  content    TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (name, language, since)
);
CREATE TABLE rules (
  id           BIGINT PRIMARY KEY,
  position     BIGINT NOT NULL,
  text         TEXT NOT NULL,
  hint         TEXT NOT NULL DEFAULT '',
  translations TEXT NOT NULL DEFAULT '{}',
  retired_at   BIGINT -- a rule that reports name stays known
);

CREATE TABLE dismissed_suggestions (
  actor_id BIGINT NOT NULL REFERENCES actors (id),
  other_id BIGINT NOT NULL REFERENCES actors (id),
  PRIMARY KEY (actor_id, other_id)
);
CREATE INDEX dismissed_suggestions_other ON dismissed_suggestions (other_id);
CREATE INDEX sign_in_links_actor ON sign_in_links (actor_id);
