-- What local groups and people shared: a group's boost tells when a thread from elsewhere came into it.
CREATE INDEX posts_shared ON posts (id) WHERE local AND boost_of_id IS NOT NULL;
CREATE INDEX memberships_pending ON memberships (group_id, created_at) WHERE pending;
CREATE INDEX notifications_unread ON notifications (recipient_id) WHERE read_at IS NULL;
