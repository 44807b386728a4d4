-- What apps need beside the town: who they are, and what people keep with their help for themselves alone.

CREATE TABLE apps (
  id            INTEGER PRIMARY KEY,
  client_id     TEXT NOT NULL UNIQUE,
  secret_hash   TEXT NOT NULL,
  name          TEXT NOT NULL,
  website       TEXT NOT NULL DEFAULT '',
  redirect_uris TEXT NOT NULL,
  scopes        TEXT NOT NULL,
  created_at    BIGINT NOT NULL
);

-- A code is kept after its use, until its tokens are gone, to notice when it is used again.
CREATE TABLE authorization_codes (
  hash         TEXT PRIMARY KEY,
  app_id       BIGINT NOT NULL REFERENCES apps (id),
  actor_id     BIGINT NOT NULL REFERENCES actors (id),
  redirect_uri TEXT NOT NULL,
  scopes       TEXT NOT NULL,
  challenge    TEXT NOT NULL DEFAULT '', -- PKCE S256
  expires_at   BIGINT NOT NULL,
  used_at      BIGINT
);
CREATE INDEX authorization_codes_expires ON authorization_codes (expires_at);

-- Which app has which token. That of a person (actor_id) is in access_tokens as well; without a person the app acts for itself.
CREATE TABLE app_tokens (
  hash       TEXT PRIMARY KEY,
  app_id     BIGINT NOT NULL REFERENCES apps (id),
  actor_id   BIGINT NOT NULL DEFAULT 0,
  code_hash  TEXT NOT NULL DEFAULT '',
  scopes     TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX app_tokens_app ON app_tokens (app_id, actor_id);
CREATE INDEX app_tokens_code ON app_tokens (code_hash) WHERE code_hash <> '';

CREATE TABLE bookmarks (
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  post_id    BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (actor_id, post_id)
) WITHOUT ROWID;

CREATE TABLE mutes (
  muter_id      BIGINT NOT NULL REFERENCES actors (id),
  muted_id      BIGINT NOT NULL REFERENCES actors (id),
  notifications BOOLEAN NOT NULL, -- muted as well
  created_at    BIGINT NOT NULL,
  expires_at    BIGINT,
  PRIMARY KEY (muter_id, muted_id)
) WITHOUT ROWID;

CREATE TABLE markers (
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  timeline   TEXT NOT NULL,
  last_read  BIGINT NOT NULL,
  version    BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (actor_id, timeline)
) WITHOUT ROWID;

CREATE TABLE idempotency_keys (
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  name       TEXT NOT NULL,
  post_id    BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (actor_id, name)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

CREATE TABLE filters (
  id         INTEGER PRIMARY KEY,
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  title      TEXT NOT NULL,
  contexts   TEXT NOT NULL,
  action     TEXT NOT NULL,
  expires_at BIGINT,
  keywords   TEXT NOT NULL,
  statuses   TEXT NOT NULL
);
CREATE INDEX filters_actor ON filters (actor_id, id);
