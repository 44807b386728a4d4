-- Posts that show another within (FEP-044f), and who may do that with a post.
ALTER TABLE posts ADD COLUMN quoting BOOLEAN NOT NULL DEFAULT FALSE; -- has a row in quotes
ALTER TABLE posts ADD COLUMN quotable BIGINT NOT NULL DEFAULT 0; -- a set: whose quotes are accepted at once, and from bit 8 on those that the author looks at
ALTER TABLE posts ADD COLUMN quotes_count BIGINT NOT NULL DEFAULT 0; -- accepted ones

CREATE TABLE quotes (
  post_id           BIGINT PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  quoted_id         BIGINT, -- NULL: not known here
  quoted_uri        TEXT NOT NULL,
  state             TEXT NOT NULL,
  authorization_uri TEXT NOT NULL DEFAULT '',
  legacy            BOOLEAN NOT NULL DEFAULT FALSE -- told in a way that knows no consent
);
CREATE INDEX quotes_accepted ON quotes (quoted_id, post_id) WHERE state = 'accepted';
CREATE INDEX quotes_authorization ON quotes (authorization_uri) WHERE authorization_uri <> '';
