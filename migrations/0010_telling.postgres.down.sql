DROP TABLE push_subscriptions;
DROP TABLE notification_permissions;
DROP TABLE notification_policies;
DROP INDEX notifications_filtered;
ALTER TABLE notifications DROP COLUMN filtered;
