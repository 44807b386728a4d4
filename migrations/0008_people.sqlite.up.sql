-- What people want of whom they follow, lists, hashtags, and what they say of themselves.

-- Of a follow: with boosts, told of each post, only in some languages, off home because the group's own list is exclusive. plain: nothing of
-- that, and the followee is in no exclusive list either, so that a post finds most homes without reading the rest of the row.
ALTER TABLE follows ADD COLUMN reblogs BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE follows ADD COLUMN notify BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE follows ADD COLUMN languages TEXT NOT NULL DEFAULT '[]';
ALTER TABLE follows ADD COLUMN exclusive BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE follows ADD COLUMN plain BOOLEAN NOT NULL DEFAULT TRUE;
DROP INDEX follows_followee;
CREATE INDEX follows_followee ON follows (followee_id, accepted, follower_local, plain, follower_id);
CREATE INDEX follows_notify ON follows (followee_id) WHERE notify;

-- What is in a list stands in home_entries, under the list's id as owner_id: ids of lists and actors are of one space.
CREATE TABLE lists (
  id             INTEGER PRIMARY KEY,
  owner_id       BIGINT NOT NULL REFERENCES actors (id),
  title          TEXT NOT NULL,
  replies_policy TEXT NOT NULL,
  exclusive      BOOLEAN NOT NULL
);
CREATE INDEX lists_owner ON lists (owner_id, id);
CREATE TABLE list_members (
  list_id   BIGINT NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
  member_id BIGINT NOT NULL REFERENCES actors (id),
  owner_id  BIGINT NOT NULL, -- of the list
  PRIMARY KEY (list_id, member_id)
) WITHOUT ROWID;
CREATE INDEX list_members_member ON list_members (member_id, owner_id, list_id);

CREATE TABLE followed_tags (
  id       INTEGER PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id),
  name     TEXT NOT NULL,
  UNIQUE (actor_id, name)
);
CREATE INDEX followed_tags_name ON followed_tags (name, actor_id);
CREATE TABLE featured_tags (
  id       INTEGER PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id),
  name     TEXT NOT NULL,
  UNIQUE (actor_id, name)
);

CREATE TABLE notes (
  actor_id BIGINT NOT NULL REFERENCES actors (id),
  about_id BIGINT NOT NULL REFERENCES actors (id),
  text     TEXT NOT NULL,
  PRIMARY KEY (actor_id, about_id)
) WITHOUT ROWID;
CREATE TABLE endorsements (
  id          INTEGER PRIMARY KEY,
  actor_id    BIGINT NOT NULL REFERENCES actors (id),
  endorsed_id BIGINT NOT NULL REFERENCES actors (id),
  UNIQUE (actor_id, endorsed_id)
);
CREATE INDEX endorsements_endorsed ON endorsements (endorsed_id);
CREATE TABLE host_blocks (
  actor_id BIGINT NOT NULL REFERENCES actors (id),
  host     TEXT NOT NULL,
  id       BIGINT NOT NULL,
  PRIMARY KEY (actor_id, host)
) WITHOUT ROWID;
CREATE INDEX host_blocks_actor ON host_blocks (actor_id, id);

ALTER TABLE actors ADD COLUMN automated BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE actors ADD COLUMN hides_follows BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE actors ADD COLUMN hides_media BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE actors ADD COLUMN hides_media_replies BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE actors ADD COLUMN hides_featured BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE actors ADD COLUMN attribution_domains TEXT NOT NULL DEFAULT '[]';

-- How a person's posts begin, unless they say otherwise.
ALTER TABLE accounts ADD COLUMN visibility TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN sensitive BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN quote_policy TEXT NOT NULL DEFAULT '';

-- Whom people recommend. Of a notification about a collection, report_id names it.
CREATE TABLE collections (
  id           INTEGER PRIMARY KEY,
  owner_id     BIGINT NOT NULL REFERENCES actors (id),
  name         TEXT NOT NULL,
  description  TEXT NOT NULL,
  language     TEXT NOT NULL,
  tag          TEXT NOT NULL,
  sensitive    BOOLEAN NOT NULL,
  discoverable BOOLEAN NOT NULL,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL
);
CREATE INDEX collections_owner ON collections (owner_id, id);
CREATE TABLE collection_items (
  id            INTEGER PRIMARY KEY,
  collection_id BIGINT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
  actor_id      BIGINT NOT NULL REFERENCES actors (id),
  created_at    BIGINT NOT NULL,
  revoked_at    BIGINT,
  UNIQUE (collection_id, actor_id)
);
CREATE INDEX collection_items_actor ON collection_items (actor_id, collection_id);
ALTER TABLE reports ADD COLUMN collections TEXT NOT NULL DEFAULT '[]';
