//go:build unix

package node

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Thread is a thread as its page shows it.
type Thread struct {
	Title string
	Posts []Said // the first post, then the answers from top to bottom
	More  string // leads to the next page of a long thread
}

// Said is a post on a page.
type Said struct {
	ID     string
	Author string
	Text   string
	Gone   bool // deleted or removed; of a removed post its author and moderators still read the text
}

// Line is a thread in a list.
type Line struct{ Path, Title string }

// Texts lists what the posts say, without those that are gone.
func (t Thread) Texts() []string {
	var texts []string
	for _, post := range t.Posts {
		if !post.Gone {
			texts = append(texts, post.Text)
		}
	}
	return texts
}

// Says tells how often the thread has a post with this text.
func (t Thread) Says(text string) int {
	count := 0
	for _, said := range t.Texts() {
		if said == text {
			count++
		}
	}
	return count
}

func parseThread(page string) (Thread, error) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return Thread{}, fmt.Errorf("read a thread's page: %w", err)
	}
	var t Thread
	var last *Said
	walk(root, func(n *html.Node) {
		switch {
		case n.Data == "h1" && t.Title == "":
			t.Title = textOf(n)
		case hasClass(n, "post"):
			t.Posts = append(t.Posts, Said{ID: strings.TrimPrefix(attribute(n, "id"), "p-")})
			last = &t.Posts[len(t.Posts)-1]
		case last == nil:
		case hasClass(n, "name") && last.Author == "":
			last.Author = textOf(n)
		case hasClass(n, "gone"), hasClass(n, "error"):
			last.Gone = true
		case hasClass(n, "text"):
			last.Text = textOf(n)
		}
		if n.Data == "a" && attribute(n, "rel") == "next" {
			t.More = attribute(n, "href")
		}
	})
	return t, nil
}

// List reads the threads that a page lists.
func List(page string) ([]Line, error) {
	lines, _, err := parseList(page)
	return lines, err
}

func parseList(page string) (lines []Line, next string, err error) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil, "", fmt.Errorf("read a list of threads: %w", err)
	}
	walk(root, func(n *html.Node) {
		href := attribute(n, "href")
		switch {
		case n.Data != "a":
		case attribute(n, "rel") == "next":
			next = href
		case n.Parent.Data == "h3" && strings.HasPrefix(href, "/p/"):
			lines = append(lines, Line{Path: href, Title: textOf(n)})
		}
	})
	return lines, next, nil
}

// walk visits every element in the order of the page.
func walk(n *html.Node, visit func(*html.Node)) {
	for child := range n.Descendants() {
		if child.Type == html.ElementNode {
			visit(child)
		}
	}
}

func textOf(n *html.Node) string {
	var text strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			text.WriteString(child.Data + " ")
		}
	}
	return strings.Join(strings.Fields(text.String()), " ")
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), class)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
