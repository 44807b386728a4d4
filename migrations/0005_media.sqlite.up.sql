-- Files that people of this node gave: each goes with a post, is the picture of an actor, or waits for either until it expires.
CREATE TABLE media (
  id         INTEGER PRIMARY KEY,
  owner_id   BIGINT NOT NULL REFERENCES actors (id),
  purpose    TEXT NOT NULL,
  state      TEXT NOT NULL,
  post_id    BIGINT REFERENCES posts (id),
  name       TEXT NOT NULL,
  original   TEXT NOT NULL,
  preview    TEXT NOT NULL,
  file       TEXT NOT NULL,
  reason     TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT
);
CREATE UNIQUE INDEX media_name ON media (name);
CREATE INDEX media_owner ON media (owner_id);
CREATE INDEX media_post ON media (post_id) WHERE post_id IS NOT NULL;
CREATE INDEX media_expiry ON media (expires_at) WHERE expires_at IS NOT NULL;

-- Files of other nodes, kept for a while so that nobody here has to ask for them there.
CREATE TABLE remote_files (
  name       TEXT PRIMARY KEY,
  url        TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size       BIGINT NOT NULL,
  going      BOOLEAN NOT NULL,
  fetched_at BIGINT NOT NULL,
  used_at    BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX remote_files_used ON remote_files (used_at, size);
