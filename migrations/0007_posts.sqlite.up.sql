-- What is to be published later, as an app asked for it. A row goes when its post comes, or when its author is told why it does not.
CREATE TABLE scheduled_posts (
  id         INTEGER PRIMARY KEY,
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  app_id     BIGINT NOT NULL DEFAULT 0,
  due_at     BIGINT NOT NULL,
  params     TEXT NOT NULL, -- the request's fields, JSON
  created_at BIGINT NOT NULL
);
CREATE INDEX scheduled_posts_actor ON scheduled_posts (actor_id, id);
CREATE INDEX scheduled_posts_day ON scheduled_posts (actor_id, due_at);

-- Threads of direct posts, as each local person in them has them, and the posts of each.
CREATE TABLE conversations (
  owner_id     BIGINT NOT NULL,
  thread_id    BIGINT NOT NULL,
  last_post_id BIGINT NOT NULL,
  unread       BOOLEAN NOT NULL,
  PRIMARY KEY (owner_id, thread_id)
) WITHOUT ROWID;
CREATE INDEX conversations_recent ON conversations (owner_id, last_post_id);
CREATE TABLE direct_entries (
  owner_id  BIGINT NOT NULL,
  post_id   BIGINT NOT NULL,
  thread_id BIGINT NOT NULL,
  PRIMARY KEY (owner_id, post_id)
) WITHOUT ROWID;
CREATE INDEX direct_entries_thread ON direct_entries (thread_id, owner_id, post_id);
CREATE INDEX direct_entries_post ON direct_entries (post_id);

INSERT INTO direct_entries (owner_id, post_id, thread_id)
SELECT a.id, p.id, p.thread_id FROM posts AS p JOIN actors AS a ON a.id = p.author_id
  WHERE p.visibility = 'direct' AND p.boost_of_id IS NULL AND p.deleted_at IS NULL AND a.host = '' AND a.kind = 'Person'
UNION
SELECT a.id, p.id, p.thread_id FROM posts AS p JOIN mentions AS m ON m.post_id = p.id JOIN actors AS a ON a.id = m.actor_id
  WHERE p.visibility = 'direct' AND p.deleted_at IS NULL AND a.host = '' AND a.kind = 'Person';
INSERT INTO conversations (owner_id, thread_id, last_post_id, unread)
SELECT owner_id, thread_id, MAX(post_id), FALSE FROM direct_entries GROUP BY owner_id, thread_id;

-- Threads that somebody wants to hear no more of.
CREATE TABLE thread_mutes (
  actor_id   BIGINT NOT NULL REFERENCES actors (id),
  thread_id  BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (actor_id, thread_id)
) WITHOUT ROWID;

-- What the pages say of themselves that posts link to, each address once; of one that says nothing only when it was asked.
CREATE TABLE cards (
  id            INTEGER PRIMARY KEY,
  url           TEXT NOT NULL UNIQUE,
  kind          TEXT NOT NULL DEFAULT '', -- link, photo; '': there is nothing to show
  title         TEXT NOT NULL DEFAULT '',
  description   TEXT NOT NULL DEFAULT '',
  language      TEXT NOT NULL DEFAULT '',
  author_name   TEXT NOT NULL DEFAULT '',
  author_url    TEXT NOT NULL DEFAULT '',
  provider_name TEXT NOT NULL DEFAULT '',
  provider_url  TEXT NOT NULL DEFAULT '',
  image         TEXT NOT NULL DEFAULT '',
  image_alt     TEXT NOT NULL DEFAULT '',
  width         BIGINT NOT NULL DEFAULT 0,
  height        BIGINT NOT NULL DEFAULT 0,
  published_at  BIGINT,
  fetched_at    BIGINT NOT NULL
);
ALTER TABLE posts ADD COLUMN card_id BIGINT;
CREATE INDEX posts_card ON posts (card_id, id) WHERE card_id IS NOT NULL;

-- Results that nobody sees before the end.
ALTER TABLE polls ADD COLUMN hide_totals BOOLEAN NOT NULL DEFAULT FALSE;

-- What a translation service made of a post, for a while.
CREATE TABLE translations (
  post_id    BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  language   TEXT NOT NULL,
  of_at      BIGINT NOT NULL, -- the version of the post: when it was edited, or written
  body       TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (post_id, language)
) WITHOUT ROWID;
CREATE INDEX translations_created ON translations (created_at);

-- When a thread was last looked for elsewhere, and how far that is.
CREATE TABLE thread_refreshes (
  thread_id   INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE, -- by which apps ask
  started_at  BIGINT NOT NULL,
  finished_at BIGINT,
  found       BIGINT NOT NULL DEFAULT 0
);

-- Favourites and bookmarks in the order in which they were made: a number for each, made as ids are.
ALTER TABLE reactions ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
UPDATE reactions SET number = 1000000000000000000 + created_at * 65536 + post_id % 65536;
DROP INDEX reactions_actor;
CREATE INDEX reactions_actor ON reactions (actor_id, kind, number);
ALTER TABLE bookmarks ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
UPDATE bookmarks SET number = 1000000000000000000 + created_at * 65536 + post_id % 65536;
CREATE INDEX bookmarks_recent ON bookmarks (actor_id, number);

-- Timelines that leave most posts out, each with its index.
CREATE INDEX posts_public_remote ON posts (id) WHERE NOT local AND visibility = 'public' AND in_reply_to_uri = '' AND boost_of_id IS NULL AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_public_media ON posts (id) WHERE length(attachments) > 2 AND visibility = 'public' AND in_reply_to_uri = '' AND boost_of_id IS NULL AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_public_media_home ON posts (local, id) WHERE length(attachments) > 2 AND visibility = 'public' AND in_reply_to_uri = '' AND boost_of_id IS NULL AND deleted_at IS NULL AND removed_at IS NULL;
CREATE INDEX posts_author_own ON posts (author_id, id) WHERE boost_of_id IS NULL;
CREATE INDEX posts_author_media ON posts (author_id, id) WHERE length(attachments) > 2;
CREATE INDEX posts_author_pinned ON posts (author_id, pinned_at) WHERE pinned_at IS NOT NULL AND group_id IS NULL;
