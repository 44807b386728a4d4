//go:build unix

package clients

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/mattn/go-mastodon"

	"meent/e2e/node"
	"meent/e2e/workshop"
)

// painting is a picture, large enough to be looked at.
func painting() []byte {
	p := image.NewRGBA(image.Rect(0, 0, 800, 400))
	for y := range 400 {
		for x := range 800 {
			p.Set(x, y, color.RGBA{R: uint8(x / 4), G: uint8(y / 2), A: 0xff})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// A picture goes from an app into a status, a page and a file of its own, and out of the world with the status.
func TestAPictureWithAnApp(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		w.run("group", "add", "fietsen", "--title", "Fietsen", "--owner", "anna")
		anna := w.app("anna")
		file := got[*mastodon.Attachment](t)(anna.UploadMediaFromMedia(w.ctx, &mastodon.Media{
			File: bytes.NewReader(painting()), Description: "een fiets", Focus: "0.5,0.25",
		}))
		if file.Type != "image" || file.Description != "een fiets" || file.Meta.Original.Width != 800 || file.Meta.Small.Width != 678 || file.BlurHash == "" {
			t.Errorf("the file became %+v", file)
		}
		status := got[*mastodon.Status](t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "@fietsen Kijk\n\nMijn fiets", MediaIDs: []mastodon.ID{file.ID}}))
		if len(status.MediaAttachments) != 1 || status.MediaAttachments[0].ID != file.ID || status.MediaAttachments[0].URL != file.URL {
			t.Fatalf("the status became %+v", status)
		}
		page := w.page(w.node.Client.Get(status.URL))
		if !strings.Contains(page, `src="`+file.PreviewURL+`"`) || !strings.Contains(page, `alt="een fiets"`) {
			t.Errorf("the page shows no picture: %s", page)
		}
		w.handedOut(file.URL, "image/png")
		w.must(anna.DeleteStatus(w.ctx, status.ID))
		again := got[*mastodon.Status](t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "anders", MediaIDs: []mastodon.ID{file.ID}})) // written anew
		w.handedOut(again.MediaAttachments[0].URL, "image/png")
		w.run("post", "delete", "--person", "anna", string(again.ID))
		w.goes(file.URL)
		w.goes(file.PreviewURL)
	})
}

// handedOut fetches a file, whole and in part, and looks at what it is said to be.
func (w town) handedOut(url, mediaType string) {
	w.t.Helper()
	answer, err := w.node.Client.Get(url)
	w.must(err)
	defer answer.Body.Close()
	whole, err := io.ReadAll(answer.Body)
	w.must(err)
	h := answer.Header
	if answer.StatusCode != http.StatusOK || h.Get("Content-Type") != mediaType || h.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || !strings.Contains(h.Get("Cache-Control"), "immutable") {
		w.t.Errorf("%s: %d %v", url, answer.StatusCode, h)
	}
	request, err := http.NewRequestWithContext(w.ctx, http.MethodGet, url, nil)
	w.must(err)
	request.Header.Set("Range", "bytes=10-19")
	part, err := w.node.Client.Do(request)
	w.must(err)
	defer part.Body.Close()
	some, err := io.ReadAll(part.Body)
	w.must(err)
	if part.StatusCode != http.StatusPartialContent || !bytes.Equal(some, whole[10:20]) {
		w.t.Errorf("a part: %d %q", part.StatusCode, some)
	}
}

// goes waits until a file is no longer handed out.
func (w town) goes(url string) {
	w.t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		answer, err := w.node.Client.Get(url)
		w.must(err)
		w.must(answer.Body.Close())
		if answer.StatusCode == http.StatusNotFound {
			return
		}
		if time.Since(began) > 20*time.Second {
			w.t.Fatalf("%s is still there", url)
		}
	}
}

// Pictures of people come by app, those of groups by command.
func TestPicturesOfActors(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		w.run("group", "add", "fietsen", "--title", "Fietsen", "--owner", "anna")
		anna := w.app("anna")
		name := filepath.Join(t.TempDir(), "fiets.png")
		w.must(os.WriteFile(name, painting(), 0o600))
		w.run("group", "edit", "fietsen", "--icon", name, "--header", name, "--icon-alt", "een fiets")
		group := got[*mastodon.Account](t)(anna.AccountLookup(w.ctx, "fietsen"))
		w.handedOut(group.Avatar, "image/png")
		w.handedOut(group.Header, "image/png")
		_, document, err := w.node.Read(w.ctx, w.node.Base+"/g/fietsen", "application/activity+json")
		w.must(err)
		if text := string(document); !strings.Contains(text, group.Avatar) || !strings.Contains(text, `"mediaType":"image/png"`) || !strings.Contains(text, "een fiets") {
			t.Errorf("other servers read %s", text)
		}
		w.run("group", "edit", "fietsen", "--icon", name)
		w.goes(group.Avatar)
	})
}

// A film is worked on after the answer, and then it is there.
func TestAFilmWithAnApp(t *testing.T) {
	t.Parallel()
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		workshop.Lacking(t, err)
	}
	name := filepath.Join(t.TempDir(), "film.mp4")
	if out, err := exec.CommandContext(t.Context(), ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=10:duration=1", "-pix_fmt", "yuv420p", name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		anna := w.app("anna")
		file := got[*mastodon.Attachment](t)(anna.UploadMedia(w.ctx, name))
		if file.URL != "" || file.Type != "video" {
			t.Errorf("it was ready at once: %+v", file)
		}
		for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
			err := anna.GetMediaStatus(w.ctx, file) // an error until it is ready
			if err == nil {
				break
			}
			if time.Since(began) > 30*time.Second {
				w.t.Fatalf("it is never ready: %v\n%s", err, w.node.Log())
			}
		}
		status := got[*mastodon.Status](t)(anna.PostStatus(w.ctx, &mastodon.Toot{Status: "film", MediaIDs: []mastodon.ID{file.ID}}))
		*file = status.MediaAttachments[0]
		if file.PreviewURL == "" || file.Meta.Original.Width != 320 {
			t.Errorf("the file became %+v", file)
		}
		w.handedOut(file.URL, "video/mp4")
		if page := w.page(w.node.Client.Get(status.URL)); !strings.Contains(page, "<video src=\""+file.URL) {
			t.Errorf("the page shows no film: %s", page)
		}
	})
}

// A node that keeps its files in a bucket hands them out itself, or sends on to where the bucket is open to all; the address stays the same.
func TestAPictureInABucket(t *testing.T) {
	t.Parallel()
	backend := s3mem.New()
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	if err := backend.CreateBucket("stad"); err != nil {
		t.Fatal(err)
	}
	flags := []string{"--s3-endpoint", server.URL, "--s3-bucket", "stad", "--s3-key", "sleutel", "--s3-secret", "geheim", "--s3-region", "us-east-1"}
	o := node.Options{Host: "stad.example", Dir: filepath.Join(t.TempDir(), "node"), Flags: flags}
	w := town{t, t.Context(), node.ForTest(t, o, (*node.Node).Stop)}
	w.run("person", "add", "anna", "--email", "anna@stad.example")
	anna := w.app("anna")
	file := got[*mastodon.Attachment](t)(anna.UploadMediaFromBytes(w.ctx, painting()))
	w.handedOut(file.URL, "image/png")
	if list, err := backend.ListBucket("stad", nil, gofakes3.ListBucketPage{}); err != nil || len(list.Contents) != 2 {
		t.Errorf("the bucket holds %+v, %v", list, err)
	}
	w.must(w.node.Stop())
	w.node.Flags = append(flags, "--s3-public", server.URL+"/stad")
	w.must(w.node.Start(w.ctx))
	w.node.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := w.node.Client.Get(file.URL)
	w.must(err)
	w.must(answer.Body.Close())
	at := answer.Header.Get("Location")
	if answer.StatusCode != http.StatusFound || !strings.HasPrefix(at, server.URL+"/stad/own/") {
		t.Errorf("the node sends on with %d to %q", answer.StatusCode, at)
	}
	if object, err := backend.GetObject("stad", strings.TrimPrefix(at, server.URL+"/stad/"), nil); err != nil || object.Metadata["Content-Type"] != "image/png" {
		t.Errorf("there lies %+v, %v", object, err)
	}
	page, err := w.node.Client.Get(w.node.Base + "/about")
	w.must(err)
	w.must(page.Body.Close())
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "img-src 'self' "+server.URL+";") {
		t.Errorf("a page may show %q", policy)
	}
}
