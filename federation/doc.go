// Package federation is the road to other towns: what comes in from other servers, what goes out to them, and the documents that they
// read here (ActivityPub server to server, WebFinger, NodeInfo).
//
// In: routes.go -> inbox.go (limits, one verification, remember, 202) -> receive.go (a table of activities) -> receive_*.go, each
// verify first, then a verb of communities. Out: a verb tells the [Road] (tell.go, the same table the other way round) inside its own
// transaction -> tell_*.go writes the activity and one row per inbox -> deliver.go carries the rows out. Read: actors.go, objects.go,
// collections.go, in the dialect of who is asking.
//
// What documents look like is wire's matter, signatures are signature's, and every request that leaves the program goes through fetch.
package federation
