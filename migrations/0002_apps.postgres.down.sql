DROP TABLE filters;
DROP TABLE idempotency_keys;
DROP TABLE markers;
DROP TABLE mutes;
DROP TABLE bookmarks;
DROP TABLE app_tokens;
DROP TABLE authorization_codes;
DROP TABLE apps;
