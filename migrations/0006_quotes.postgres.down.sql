DROP TABLE quotes;
ALTER TABLE posts DROP COLUMN quotes_count;
ALTER TABLE posts DROP COLUMN quotable;
ALTER TABLE posts DROP COLUMN quoting;
