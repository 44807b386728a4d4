// Package communities is what a node is for: the people and groups of a town, what they write to one another, and the rules
// they do it by. It holds the nouns ([Actor], [Post], [Follow] ...), the two questions that every door asks ("may A do X to O",
// may.go; "may V see O", see.go) and the verbs ([Town.Publish], [Town.Join] ...), which each work inside one transaction.
//
// It knows no HTTP, no SQL and no ActivityPub: faces translate requests into verbs, the archive implements [Store], and the road
// to other towns implements [Herald]. So a rule that stands here holds for a browser, an app, a command and a foreign server alike.
package communities
