// Package storagetest hands tests a real database, empty and their own, so that no room of the house needs to pretend one.
//
// A database is named by its connection string, in the two forms that the program takes: sqlite:PATH and postgres://...
//
// PostgreSQL comes from MEENT_TEST_POSTGRES (the connection string of a superuser), else from a throw-away cluster that all
// test processes of this machine share. The first one starts it; a guardian process ends it a little after the last one is
// gone, whichever way it went: each user holds a shared file lock, and the kernel drops the locks of the killed. Nothing has
// to be started or stopped by hand, and nothing survives that the next start would not sweep away.
//
// The shared cluster never waits for a disk. Tests that crash the database on purpose take their own with [NewDurable].
package storagetest
