//go:build unix

package pages

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"meent/e2e/node"
)

// rule writes the rules and texts of the house, and tells everybody something.
func (f *Fair) rule(ctx context.Context) error {
	picture := filepath.Join(f.Node.Dir, "boom.png")
	if err := os.WriteFile(picture, Painting(32, 32), 0o600); err != nil {
		return err
	}
	tomorrow := time.Now().AddDate(0, 0, 1).Format(time.DateOnly)
	for _, command := range [][]string{
		{"emoji", "add", "boom", picture},
		{"announce", "add", "Morgen is de website **even weg** :boom:. Vragen? Lees [de regels](/rules).", "--from", tomorrow, "--until", tomorrow, "--all-day"},
		{"announce", "add", "Vanaf nu kunt u hier ook films laten zien."},
		{"rule", "add", "Wees vriendelijk.", "--hint", "U kent elkaar, of u leert elkaar hier kennen.", "--translate", "en=Be kind."},
		{"rule", "add", "Geen reclame."},
	} {
		if _, err := f.Node.Run(ctx, command...); err != nil {
			return err
		}
	}
	for _, name := range []string{"about", "terms", "accessibility"} {
		text := "Waterstad schreef dit.\n\n## Waarom\n\n- Omdat het *hoort*.\n- Omdat [de wet](https://wetten.overheid.nl/) het vraagt.\n"
		if _, err := f.Node.Type(ctx, text, "text", "set", name, "-"); err != nil {
			return err
		}
	}
	return nil
}

// show lets people show and recommend things with an app.
func (f *Fair) show(ctx context.Context) error {
	anna, err := f.Phone(ctx, "anna")
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context, *Phone) error{f.exhibit, f.film, f.quote, f.link, f.recommend} {
		if err := step(ctx, anna); err != nil {
			return err
		}
	}
	return nil
}

// Publish starts a thread on the square with an app, and returns its path.
func (p *Phone) Publish(ctx context.Context, title string, fields url.Values) (path string, err error) {
	fields.Set("status", "@"+square+" "+title+"\n\n"+fields.Get("status"))
	var made struct{ ID string }
	err = p.Send(ctx, "/api/v1/statuses", fields, &made)
	return "/p/" + made.ID, err
}

func (f *Fair) exhibit(ctx context.Context, p *Phone) error {
	var files []string
	for _, words := range []string{"Een schets van het plein met vier bomen", ""} {
		id, err := p.Give(ctx, Painting(1600, 900), words)
		if err != nil {
			return err
		}
		files = append(files, id)
	}
	var err error
	if f.Pictures, err = p.Publish(ctx, "De eerste schetsen", url.Values{"status": {"Wat vindt u ervan? :boom:"}, "media_ids[]": files}); err != nil {
		return err
	}
	again, err := p.Give(ctx, Painting(600, 900), "De schets waar niet iedereen blij van wordt")
	if err != nil {
		return err
	}
	f.Sensitive, err = p.Publish(ctx, "Een schets met een waarschuwing", url.Values{"media_ids[]": {again}, "sensitive": {"true"}, "spoiler_text": {"Gaat over kappen"}})
	return err
}

// Painting is a picture (PNG).
func Painting(width, height int) []byte {
	canvas := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			canvas.Set(x, y, color.RGBA{uint8(x * 255 / width), uint8(y * 255 / height), 120, 255}) //nolint:gosec // at most 255
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, canvas); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

// film shows a second of moving picture. Without ffmpeg to make one the error is [exec.ErrNotFound].
func (f *Fair) film(ctx context.Context, p *Phone) error {
	name := filepath.Join(f.Node.Dir, "film.mp4")
	shoot := exec.CommandContext(ctx, "ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=10:duration=1", "-pix_fmt", "yuv420p", name)
	if said, err := shoot.CombinedOutput(); err != nil {
		return fmt.Errorf("make a film: %w: %s", err, said)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	id, err := p.Give(ctx, content, "Een vlucht over het plein")
	if err != nil {
		return err
	}
	f.Film, err = p.Publish(ctx, "Het plein van boven", url.Values{"media_ids[]": {id}})
	return err
}

func (f *Fair) quote(ctx context.Context, p *Phone) error {
	said, err := p.Publish(ctx, "De bomen blijven staan", url.Values{})
	if err != nil {
		return err
	}
	if f.Quote, err = p.Publish(ctx, "Dit staat in de krant", url.Values{"quoted_status_id": {node.ID(said)}}); err != nil {
		return err
	}
	gone, err := p.Publish(ctx, "Dit klopte niet", url.Values{})
	if err != nil {
		return err
	}
	if f.QuoteGone, err = p.Publish(ctx, "Dit stond in de krant", url.Values{"quoted_status_id": {node.ID(gone)}}); err != nil {
		return err
	}
	return f.Anna.Delete(ctx, gone)
}

// link writes about a page that says what it is.
func (f *Fair) link(ctx context.Context, p *Phone) error {
	site, err := Open(ctx, func(*http.Request) string { return "De brug gaat open" })
	if err != nil {
		return err
	}
	defer site.Close()
	f.Card, err = p.Carded(ctx, site.URL+"/brug")
	return err
}

// Carded writes about a page, and waits until what that says of itself is known.
func (p *Phone) Carded(ctx context.Context, page string) (path string, err error) {
	path, err = p.Publish(ctx, "Dit las ik", url.Values{"status": {"Het staat op " + page}})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return path, node.Await(ctx, "a page is looked at", func() bool {
		var status struct{ Card *struct{} }
		return p.Read(ctx, "/api/v1/statuses/"+node.ID(path), &status) == nil && status.Card != nil
	})
}

// Elsewhere is somebody else's site.
type Elsewhere struct {
	URL    string
	server *http.Server
}

// Open opens one whose pages are called what title says.
func Open(ctx context.Context, title func(*http.Request) string) (*Elsewhere, error) {
	socket, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	site := &Elsewhere{URL: "http://" + socket.Addr().String(), server: &http.Server{ReadHeaderTimeout: time.Minute}}
	site.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		called := html.EscapeString(title(r))
		fmt.Fprintf(w, `<html lang="nl"><title>%s</title><meta property="og:title" content="%[1]s"><meta property="og:site_name" content="%[1]s"><meta property="og:description" content="%[1]s">`, called)
	})
	go func() { _ = site.server.Serve(socket) }() // until it is closed
	return site, nil
}

// Close ends it.
func (e *Elsewhere) Close() { _ = e.server.Close() }

// recommend collects people to follow.
func (f *Fair) recommend(ctx context.Context, p *Phone) error {
	var anna struct{ ID string }
	err := p.Read(ctx, "/api/v1/accounts/lookup?acct=anna", &anna)
	if err != nil {
		return err
	}
	fields := url.Values{"name": {"Wie meedenkt over het plein"}, "description": {"Buren met goede ideeën."}, "tag_name": {"plein"}, "discoverable": {"true"}}
	if f.Empty, err = p.Collect(ctx, "anna", fields); err != nil {
		return err
	}
	fields.Set("account_ids[]", anna.ID)
	f.Collection, err = p.Collect(ctx, "anna", fields)
	return err
}

// Collect makes a collection of somebody's, and returns the path of its page.
func (p *Phone) Collect(ctx context.Context, owner string, fields url.Values) (path string, err error) {
	var made struct{ Collection struct{ ID string } }
	err = p.Send(ctx, "/api/v1/collections", fields, &made)
	return "/u/" + owner + "/collections/" + made.Collection.ID, err
}
