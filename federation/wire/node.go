package wire

import "strconv"

// node is one JSON value with its place in the bytes it was read from, so that
// any part of a document can be passed on verbatim.
type node struct {
	kind       nodeKind
	text       string   // of a string, or a number's digits
	members    []member // of an object, in order
	items      []node   // of an array
	start, end int
}

type nodeKind uint8

const (
	nullNode nodeKind = iota
	falseNode
	trueNode
	numberNode
	stringNode
	arrayNode
	objectNode
)

// member is one entry of an object; start is where its key begins.
type member struct {
	key   string
	start int
	value node
}

// null stands in for every member that is absent, so that readers may chain.
var null = &node{}

// get returns the member's value, or a null node.
func (n *node) get(key string) *node {
	for i := range n.members {
		if n.members[i].key == key {
			return &n.members[i].value
		}
	}
	return null
}

// has reports whether the member is there and not null.
func (n *node) has(key string) bool { return n.get(key).kind != nullNode }

// list returns the entries of an array, the value itself if it is a single
// one, and nothing for null: AS2 writes one value with or without brackets.
func (n *node) list() []node {
	switch n.kind {
	case arrayNode:
		return n.items
	case nullNode:
		return nil
	default:
		return []node{*n}
	}
}

// first returns the first entry of a list, or a null node.
func (n *node) first() *node {
	if n.kind != arrayNode {
		return n
	}
	if len(n.items) == 0 {
		return null
	}
	return &n.items[0]
}

// generic gives the value as encoding/json would, for go-fed, until budget is
// spent: entries beyond it are left out.
func (n *node) generic(budget *int) any {
	*budget--
	switch n.kind {
	case objectNode:
		m := make(map[string]any, len(n.members))
		for i := 0; i < len(n.members) && *budget > 0; i++ {
			m[n.members[i].key] = n.members[i].value.generic(budget)
		}
		return m
	case arrayNode:
		list := make([]any, 0, min(len(n.items), max(*budget, 0)))
		for i := 0; i < len(n.items) && *budget > 0; i++ {
			list = append(list, n.items[i].generic(budget))
		}
		return list
	case stringNode:
		return n.text
	case numberNode:
		f, _ := strconv.ParseFloat(n.text, 64) // the gate has seen that it parses
		return f
	case trueNode, falseNode:
		return n.kind == trueNode
	default:
		return nil
	}
}
