-- Who runs a group, whatever the number of its members.
CREATE INDEX memberships_staff ON memberships (group_id) WHERE role <> 'member';
