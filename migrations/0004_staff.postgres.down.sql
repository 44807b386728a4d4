DROP INDEX memberships_staff;
