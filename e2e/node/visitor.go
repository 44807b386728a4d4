//go:build unix

package node

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// Visitor is a person of the node in a browser without script.
type Visitor struct {
	Node   *Node
	Name   string
	client *http.Client
}

// signInLink is what `person add` prints for a newcomer.
var signInLink = regexp.MustCompile(`https?://\S+/sign-in\S*`)

// Resident makes a person of the node by command, and signs in with the link that the command prints.
func (n *Node) Resident(ctx context.Context, name string, flags ...string) (*Visitor, error) {
	said, err := n.Run(ctx, append([]string{"person", "add", name, "--email", name + "@" + n.Host}, flags...)...)
	if err != nil {
		return nil, err
	}
	link := signInLink.FindString(said)
	if link == "" {
		return nil, fmt.Errorf("person add %s printed no link to sign in: %s", name, said)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	v := &Visitor{Node: n, Name: name, client: &http.Client{Transport: n.Client.Transport, Timeout: n.Client.Timeout, Jar: jar}}
	return v, v.signIn(ctx, link)
}

var secretField = regexp.MustCompile(`name="secret" value="([^"]+)"`)

func (v *Visitor) signIn(ctx context.Context, link string) error {
	page, err := v.Open(ctx, link)
	if err != nil {
		return err
	}
	secret := secretField.FindStringSubmatch(page)
	if secret == nil {
		return fmt.Errorf("the page of %s has no form to sign in", link)
	}
	_, err = v.Send(ctx, "/sign-in/link", url.Values{"secret": {secret[1]}})
	return err
}

// Open reads a page: a URL, or a path of the node.
func (v *Visitor) Open(ctx context.Context, page string) (string, error) {
	body, _, err := v.do(ctx, http.MethodGet, page, nil)
	return body, err
}

// Send posts a form and returns the path that the node leads to.
func (v *Visitor) Send(ctx context.Context, page string, fields url.Values) (string, error) {
	_, landed, err := v.do(ctx, http.MethodPost, page, fields)
	return landed, err
}

func (v *Visitor) do(ctx context.Context, method, page string, fields url.Values) (body, landed string, err error) {
	if strings.HasPrefix(page, "/") {
		page = v.Node.Base + page
	}
	request, err := http.NewRequestWithContext(ctx, method, page, strings.NewReader(fields.Encode()))
	if err != nil {
		return "", "", err
	}
	request.Header.Set("Accept", "text/html")
	if fields != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := v.client.Do(request)
	if err != nil {
		return "", "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s as %s: %s\n%s", method, page, v.Name, answer.Status, text)
	}
	return string(text), answer.Request.URL.RequestURI(), err
}

// Start starts a thread in a group of the node or, as name@host, of another, and returns the thread's path.
func (v *Visitor) Start(ctx context.Context, group, title, text string) (thread string, err error) {
	return v.Send(ctx, "/g/"+group+"/posts", url.Values{"title": {title}, "text": {text}})
}

// Reply answers the post at a path.
func (v *Visitor) Reply(ctx context.Context, post, text string) (string, error) {
	return v.Send(ctx, post+"/replies", url.Values{"text": {text}})
}

// Favourite says that the visitor likes the post at a path.
func (v *Visitor) Favourite(ctx context.Context, post string) error {
	_, err := v.Send(ctx, post+"/favourite", url.Values{"on": {"1"}})
	return err
}

// Delete takes a post of the visitor's back.
func (v *Visitor) Delete(ctx context.Context, post string) error {
	_, err := v.Send(ctx, post+"/delete", url.Values{})
	return err
}

// Thread reads the thread at a path.
func (v *Visitor) Thread(ctx context.Context, thread string) (Thread, error) {
	page, err := v.Open(ctx, thread)
	if err != nil {
		return Thread{}, err
	}
	return parseThread(page)
}

// Threads lists all threads of a group, the newest first, through all pages.
func (v *Visitor) Threads(ctx context.Context, group string) ([]Line, error) {
	var all []Line
	for next := "/g/" + group; next != ""; {
		page, err := v.Open(ctx, next)
		if err != nil {
			return nil, err
		}
		var lines []Line
		if lines, next, err = parseList(page); err != nil {
			return nil, err
		}
		all = append(all, lines...)
	}
	return all, nil
}

// Find returns the path of the thread of a group that bears a title, once it is there.
func (v *Visitor) Find(ctx context.Context, group, title string) (thread string, err error) {
	err = Await(ctx, fmt.Sprintf("%s shows %q in %s", v.Node.Host, title, group), func() bool {
		lines, err := v.Threads(ctx, group)
		if err != nil {
			return false
		}
		for _, line := range lines {
			if line.Title == title {
				thread = line.Path
			}
		}
		return thread != ""
	})
	return thread, err
}

// ID is the number in a post's path.
func ID(post string) string { return path.Base(post) }
