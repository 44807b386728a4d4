DROP INDEX notifications_unread;
DROP INDEX memberships_pending;
DROP INDEX posts_shared;
