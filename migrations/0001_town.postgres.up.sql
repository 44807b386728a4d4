-- Moments are milliseconds since 1970-01-01 UTC; NULL where a moment never came. Lists and records that nobody searches in are JSON text.

CREATE TABLE actors (
  id              BIGINT PRIMARY KEY,
  kind            TEXT NOT NULL,
  name            TEXT NOT NULL,
  host            TEXT NOT NULL DEFAULT '',
  inbox_host      TEXT NOT NULL DEFAULT '', -- of the box that is delivered to: another than host where handles have their own domain
  uri             TEXT NOT NULL UNIQUE,
  url             TEXT NOT NULL DEFAULT '',
  display_name    TEXT NOT NULL DEFAULT '',
  summary         TEXT NOT NULL DEFAULT '',
  source          TEXT NOT NULL DEFAULT '',
  fields          TEXT NOT NULL DEFAULT '[]',
  icon            TEXT NOT NULL DEFAULT '{}',
  header          TEXT NOT NULL DEFAULT '{}',
  language        TEXT NOT NULL DEFAULT '',
  inbox           TEXT NOT NULL DEFAULT '',
  shared_inbox    TEXT NOT NULL DEFAULT '',
  outbox          TEXT NOT NULL DEFAULT '',
  followers_url   TEXT NOT NULL DEFAULT '',
  following_url   TEXT NOT NULL DEFAULT '',
  featured_url    TEXT NOT NULL DEFAULT '',
  moderators_url  TEXT NOT NULL DEFAULT '',
  locked          BOOLEAN NOT NULL DEFAULT FALSE,
  discoverable    BOOLEAN NOT NULL DEFAULT TRUE,
  indexable       BOOLEAN NOT NULL DEFAULT TRUE,
  also_known_as   TEXT NOT NULL DEFAULT '[]',
  moved_to        TEXT NOT NULL DEFAULT '',
  joining         TEXT NOT NULL DEFAULT '',
  posting         TEXT NOT NULL DEFAULT '',
  style           TEXT NOT NULL DEFAULT '',
  closed          BOOLEAN NOT NULL DEFAULT FALSE,
  followers_count BIGINT NOT NULL DEFAULT 0,
  following_count BIGINT NOT NULL DEFAULT 0,
  posts_count     BIGINT NOT NULL DEFAULT 0,
  last_post_at    BIGINT,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  fetched_at      BIGINT,
  suspended_at    BIGINT,
  deleted_at      BIGINT
);
CREATE UNIQUE INDEX actors_local_name ON actors (name) WHERE host = '';
CREATE INDEX actors_name ON actors (name, host);
CREATE INDEX actors_host ON actors (host, id);
CREATE INDEX actors_local ON actors (kind, id) WHERE host = '';

CREATE TABLE accounts (
  actor_id      BIGINT PRIMARY KEY REFERENCES actors (id),
  email         TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL DEFAULT '',
  role          TEXT NOT NULL,
  locale        TEXT NOT NULL DEFAULT '',
  created_at    BIGINT NOT NULL,
  disabled_at   BIGINT
);

-- Secrets are kept as hashes only.
CREATE TABLE sign_in_links (
  hash       TEXT PRIMARY KEY,
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE TABLE sessions (
  hash       TEXT PRIMARY KEY,
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_actor ON sessions (actor_id);
CREATE TABLE access_tokens (
  hash       TEXT PRIMARY KEY,
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  app        TEXT NOT NULL DEFAULT '',
  scopes     TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at    BIGINT,
  revoked_at BIGINT
);
CREATE INDEX access_tokens_actor ON access_tokens (actor_id);

CREATE TABLE follows (
  id             BIGINT PRIMARY KEY,
  follower_id    BIGINT NOT NULL REFERENCES actors (id),
  followee_id    BIGINT NOT NULL REFERENCES actors (id),
  follower_local BOOLEAN NOT NULL,
  uri            TEXT NOT NULL DEFAULT '',
  accepted       BOOLEAN NOT NULL,
  created_at     BIGINT NOT NULL,
  UNIQUE (follower_id, followee_id)
);
CREATE INDEX follows_followee ON follows (followee_id, accepted, follower_local, follower_id);
CREATE INDEX follows_followers ON follows (followee_id, accepted, id);
CREATE INDEX follows_following ON follows (follower_id, accepted, id);
CREATE INDEX follows_uri ON follows (uri);

CREATE TABLE memberships (
  group_id   BIGINT NOT NULL REFERENCES actors (id),
  person_id  BIGINT NOT NULL REFERENCES actors (id),
  role       TEXT NOT NULL,
  pending    BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (group_id, person_id)
);
CREATE INDEX memberships_person ON memberships (person_id);

CREATE TABLE bans (
  group_id   BIGINT NOT NULL, -- 0: the whole node
  person_id  BIGINT NOT NULL REFERENCES actors (id),
  by_id      BIGINT NOT NULL,
  reason     TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  until      BIGINT,
  PRIMARY KEY (group_id, person_id)
);

CREATE TABLE blocks (
  blocker_id BIGINT NOT NULL REFERENCES actors (id),
  blocked_id BIGINT NOT NULL REFERENCES actors (id),
  uri        TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (blocker_id, blocked_id)
);
CREATE INDEX blocks_blocked ON blocks (blocked_id, blocker_id);

CREATE TABLE posts (
  id                BIGINT PRIMARY KEY,
  uri               TEXT NOT NULL UNIQUE,
  url               TEXT NOT NULL DEFAULT '',
  kind              TEXT NOT NULL,
  author_id         BIGINT NOT NULL REFERENCES actors (id),
  local             BOOLEAN NOT NULL, -- the author lives here
  group_id          BIGINT,
  thread_id         BIGINT NOT NULL,
  in_reply_to_id    BIGINT,
  in_reply_to_uri   TEXT NOT NULL DEFAULT '',
  boost_of_id       BIGINT,
  conversation      TEXT NOT NULL DEFAULT '',
  title             TEXT NOT NULL DEFAULT '',
  source            TEXT NOT NULL DEFAULT '',
  content           TEXT NOT NULL DEFAULT '',
  warning           TEXT NOT NULL DEFAULT '',
  sensitive         BOOLEAN NOT NULL DEFAULT FALSE,
  language          TEXT NOT NULL DEFAULT '',
  visibility        TEXT NOT NULL,
  attachments       TEXT NOT NULL DEFAULT '[]',
  mentions          TEXT NOT NULL DEFAULT '[]',
  hashtags          TEXT NOT NULL DEFAULT '[]',
  replies_count     BIGINT NOT NULL DEFAULT 0,
  favourites_count  BIGINT NOT NULL DEFAULT 0,
  dislikes_count    BIGINT NOT NULL DEFAULT 0,
  boosts_count      BIGINT NOT NULL DEFAULT 0,
  created_at        BIGINT NOT NULL,
  edited_at         BIGINT,
  last_activity_at  BIGINT NOT NULL,
  pinned_at         BIGINT,
  locked_at         BIGINT,
  deleted_at        BIGINT,
  removed_at        BIGINT,
  removed_by        BIGINT,
  removal_reason    TEXT NOT NULL DEFAULT ''
);
-- Each timeline has its own index, so that a page costs the same whatever the archive holds.
CREATE INDEX posts_author ON posts (author_id, id);
CREATE INDEX posts_thread ON posts (thread_id, id);
CREATE INDEX posts_replies ON posts (in_reply_to_id, id) WHERE in_reply_to_id IS NOT NULL;
CREATE INDEX posts_waiting ON posts (in_reply_to_uri) WHERE in_reply_to_id IS NULL AND in_reply_to_uri <> '';
CREATE INDEX posts_boosts ON posts (boost_of_id, author_id) WHERE boost_of_id IS NOT NULL;
CREATE INDEX posts_group_new ON posts (group_id, id) WHERE in_reply_to_uri = '' AND boost_of_id IS NULL;
CREATE INDEX posts_group_active ON posts (group_id, last_activity_at, id) WHERE in_reply_to_uri = '' AND boost_of_id IS NULL;
CREATE INDEX posts_group_pinned ON posts (group_id, pinned_at) WHERE pinned_at IS NOT NULL;
CREATE INDEX posts_public ON posts (id) WHERE visibility = 'public' AND in_reply_to_uri = '' AND boost_of_id IS NULL AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_public_local ON posts (id) WHERE local AND visibility = 'public' AND in_reply_to_uri = '' AND boost_of_id IS NULL AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_local_replies ON posts (id) WHERE local AND in_reply_to_uri <> '' AND deleted_at IS NULL;

CREATE TABLE post_revisions (
  post_id     BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  number      BIGINT NOT NULL,
  title       TEXT NOT NULL,
  source      TEXT NOT NULL,
  content     TEXT NOT NULL,
  warning     TEXT NOT NULL,
  sensitive   BOOLEAN NOT NULL,
  attachments TEXT NOT NULL,
  options     TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  PRIMARY KEY (post_id, number)
);

CREATE TABLE mentions (
  actor_id BIGINT NOT NULL REFERENCES actors (id),
  post_id  BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  PRIMARY KEY (actor_id, post_id)
);
CREATE INDEX mentions_post ON mentions (post_id);

CREATE TABLE hashtags (
  name    TEXT NOT NULL,
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  PRIMARY KEY (name, post_id)
);
CREATE INDEX hashtags_post ON hashtags (post_id);

CREATE TABLE polls (
  post_id      BIGINT PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  multiple     BOOLEAN NOT NULL,
  voters_count BIGINT NOT NULL DEFAULT 0,
  closes_at    BIGINT
);
CREATE INDEX polls_closing ON polls (closes_at) WHERE closes_at IS NOT NULL;
CREATE TABLE poll_options (
  post_id  BIGINT NOT NULL REFERENCES polls (post_id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  title    TEXT NOT NULL,
  votes    BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (post_id, position)
);
CREATE TABLE poll_votes (
  post_id    BIGINT NOT NULL REFERENCES polls (post_id) ON DELETE CASCADE,
  voter_id   BIGINT NOT NULL REFERENCES actors (id),
  position   BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (post_id, voter_id, position)
);

CREATE TABLE events (
  post_id   BIGINT PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  starts_at BIGINT NOT NULL,
  ends_at   BIGINT,
  timezone  TEXT NOT NULL DEFAULT '',
  place     TEXT NOT NULL DEFAULT '',
  address   TEXT NOT NULL DEFAULT '',
  url       TEXT NOT NULL DEFAULT '',
  status    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX events_start ON events (starts_at);

CREATE TABLE reactions (
  post_id    BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  kind       TEXT NOT NULL,
  emoji      TEXT NOT NULL DEFAULT '',
  uri        TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (post_id, actor_id, kind)
);
CREATE INDEX reactions_actor ON reactions (actor_id, kind, post_id);

CREATE TABLE home_entries (
  owner_id BIGINT NOT NULL,
  post_id  BIGINT NOT NULL,
  PRIMARY KEY (owner_id, post_id)
);
CREATE INDEX home_entries_post ON home_entries (post_id);

CREATE TABLE notifications (
  id           BIGINT PRIMARY KEY,
  recipient_id BIGINT NOT NULL REFERENCES actors (id),
  kind         TEXT NOT NULL,
  from_id      BIGINT NOT NULL,
  post_id      BIGINT NOT NULL DEFAULT 0,
  group_id     BIGINT NOT NULL DEFAULT 0,
  report_id    BIGINT NOT NULL DEFAULT 0,
  created_at   BIGINT NOT NULL,
  read_at      BIGINT,
  UNIQUE (recipient_id, kind, from_id, post_id, group_id, report_id)
);
CREATE INDEX notifications_recipient ON notifications (recipient_id, id);
CREATE INDEX notifications_post ON notifications (post_id) WHERE post_id <> 0;

CREATE TABLE reports (
  id          BIGINT PRIMARY KEY,
  uri         TEXT NOT NULL UNIQUE,
  reporter_id BIGINT NOT NULL REFERENCES actors (id),
  target_id   BIGINT NOT NULL REFERENCES actors (id),
  group_id    BIGINT,
  category    TEXT NOT NULL,
  comment     TEXT NOT NULL,
  forward     BOOLEAN NOT NULL,
  posts       TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  resolved_at BIGINT,
  resolved_by BIGINT
);
CREATE INDEX reports_open ON reports (id) WHERE resolved_at IS NULL;

-- The road to other towns.

CREATE TABLE hosts (
  name             TEXT PRIMARY KEY,
  software         TEXT NOT NULL DEFAULT '',
  version          TEXT NOT NULL DEFAULT '',
  dialect          TEXT NOT NULL DEFAULT '', -- the form of our activities that its software reads; '': not known
  checked_at       BIGINT,          -- when the software was last asked for
  signature        TEXT NOT NULL DEFAULT '', -- the scheme that this host was last seen to take
  policy           TEXT NOT NULL DEFAULT '', -- '', blocked, limited
  policy_reason    TEXT NOT NULL DEFAULT '',
  due_at           BIGINT,          -- when its oldest delivery is to be tried; NULL: nothing waits
  claimed_by       TEXT NOT NULL DEFAULT '',
  claimed_until    BIGINT NOT NULL DEFAULT 0,
  failures         BIGINT NOT NULL DEFAULT 0, -- in a row
  failing_since    BIGINT,
  last_success_at  BIGINT,
  last_error       TEXT NOT NULL DEFAULT '',
  last_received_at BIGINT
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02); -- hosts change all the time: room beside each row for its next version
CREATE INDEX hosts_due ON hosts (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE keys (
  uri        TEXT PRIMARY KEY,
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  kind       TEXT NOT NULL,     -- rsa, ed25519
  public     BYTEA NOT NULL,    -- SubjectPublicKeyInfo, DER
  private    BYTEA,             -- PKCS #8, DER; of local actors only
  created_at BIGINT NOT NULL,
  retired_at BIGINT
);
CREATE INDEX keys_actor ON keys (actor_id);

-- What others sent: remembered by id for good, with its bytes as long as they are needed. It is its own queue.
CREATE TABLE received (
  id            BIGINT PRIMARY KEY,
  uri           TEXT NOT NULL UNIQUE,
  host          TEXT NOT NULL,
  actor_uri     TEXT NOT NULL,
  kind          TEXT NOT NULL,
  outcome       TEXT NOT NULL DEFAULT '', -- '' while it waits; done, refused, ignored, failed
  reason        TEXT NOT NULL DEFAULT '',
  attempts      BIGINT NOT NULL DEFAULT 0,
  due_at        BIGINT,                   -- when it is to be worked on; NULL once it has an outcome
  claimed_until BIGINT NOT NULL DEFAULT 0,
  received_at   BIGINT NOT NULL,
  done_at       BIGINT,
  body          BYTEA
);
CREATE INDEX received_due ON received (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX received_kept ON received (done_at) WHERE body IS NOT NULL AND done_at IS NOT NULL;

-- What this node says, fetchable under its uri when public.
CREATE TABLE activities (
  id         BIGINT PRIMARY KEY,
  uri        TEXT NOT NULL,
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  kind       TEXT NOT NULL,
  object_uri TEXT NOT NULL,
  dialect    TEXT NOT NULL,      -- '' for all; else the receivers that this form is for
  public     BOOLEAN NOT NULL,
  body       BYTEA NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX activities_uri ON activities (uri, dialect);
CREATE INDEX activities_object ON activities (object_uri);

CREATE TABLE deliveries (
  id          BIGSERIAL PRIMARY KEY,
  host        TEXT NOT NULL,
  inbox       TEXT NOT NULL,
  activity_id BIGINT NOT NULL,
  object_uri  TEXT NOT NULL,     -- deliveries of one object to one inbox keep their order
  attempts    BIGINT NOT NULL DEFAULT 0,
  due_at      BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,
  last_error  TEXT NOT NULL DEFAULT ''
) WITH (autovacuum_vacuum_scale_factor = 0.02); -- rows come and go
CREATE INDEX deliveries_host ON deliveries (host, id);
CREATE INDEX deliveries_retried ON deliveries (object_uri, inbox, id) WHERE attempts > 0;

-- Who got what: a Delete goes to all of them.
CREATE TABLE holders (
  object_uri TEXT NOT NULL,
  inbox      TEXT NOT NULL,
  host       TEXT NOT NULL,
  PRIMARY KEY (object_uri, inbox)
);

-- Everything that a group announced, numbered and chained by hash.
CREATE TABLE group_log (
  group_id     BIGINT NOT NULL REFERENCES actors (id),
  number       BIGINT NOT NULL,
  activity_uri TEXT NOT NULL,
  object_uri   TEXT NOT NULL,
  content_hash TEXT NOT NULL, -- SHA-256 of the announced bytes
  hash         TEXT NOT NULL, -- SHA-256 over the hash before, the number and content_hash
  created_at   BIGINT NOT NULL,
  PRIMARY KEY (group_id, number)
);
CREATE INDEX group_log_object ON group_log (object_uri);
CREATE TABLE group_heads (
  group_id BIGINT PRIMARY KEY REFERENCES actors (id),
  number   BIGINT NOT NULL,
  hash     TEXT NOT NULL
);

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- One row per running process: its number makes its ids its own.
CREATE TABLE processes (
  number     BIGINT PRIMARY KEY,
  holder     TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- Full-text search: words in any language, cut and folded by the program so that both databases find the same.
CREATE TABLE post_texts (
  post_id BIGINT PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  words   TSVECTOR NOT NULL
);
CREATE INDEX post_texts_words ON post_texts USING GIN (words);
