//go:build unix

package journeys_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mattn/go-mastodon"

	"meent/e2e/fedify"
	"meent/storage/storagetest"
)

// A picture that a resident gives is an attachment to the foreign server, with all that is known of it, and can be fetched from there.
func TestPicturesAcrossTowns(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, database string) {
		s := meet(t, guises[1], database)
		c := mastodon.NewClient(&mastodon.Config{
			Server: s.water.Base, AccessToken: s.water.MustRun(t, "token", "create", "--person", "anna", "--scopes", "read write"),
		})
		c.Client = *s.water.Client
		var picture bytes.Buffer
		if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 300, 200))); err != nil {
			t.Fatal(err)
		}
		file, err := c.UploadMediaFromMedia(t.Context(), &mastodon.Media{File: &picture, Description: "een bankje", Focus: "0.5,-0.5"})
		if err != nil {
			t.Fatal(err)
		}
		status, err := c.PostStatus(t.Context(), &mastodon.Toot{Status: "@plein Kijk\n\nEen bankje.", MediaIDs: []mastodon.ID{file.ID}})
		if err != nil {
			t.Fatal(err)
		}
		s.peer.Receives(t, fedify.Filter{Type: "Announce", Actor: s.group, Object: status.URI, Wait: patience})
		s.attached(t, status.URI, file)
	})
}

// attached looks at the post as the foreign server reads it.
func (s *scene) attached(t *testing.T, uri string, file *mastodon.Attachment) {
	t.Helper()
	var seen struct {
		Attachment []struct {
			Type, MediaType, URL, Name, Blurhash string
			Width, Height                        int
			FocalPoint                           []float64
		}
	}
	raw := s.peer.Lookup(t, uri).Raw
	if one := []byte(strings.Replace(string(raw), `"attachment":{`, `"attachment":[{`, 1)); !bytes.Equal(one, raw) {
		t.Fatalf("a single attachment is no list: %s", raw)
	}
	if err := json.Unmarshal(raw, &seen); err != nil || len(seen.Attachment) != 1 {
		t.Fatalf("the foreign server reads %s, %v", raw, err)
	}
	a := seen.Attachment[0]
	if a.Type != "Image" || a.MediaType != "image/png" || a.URL != file.URL || a.Name != "een bankje" || a.Blurhash != file.BlurHash ||
		a.Width != 300 || a.Height != 200 || len(a.FocalPoint) != 2 || a.FocalPoint[1] != -0.5 {
		t.Errorf("the attachment is %+v", a)
	}
	answer, err := s.water.Client.Get(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if content, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK || !bytes.HasPrefix(content, []byte("\x89PNG")) {
		t.Errorf("the file is %d %.8q, %v", answer.StatusCode, content, err)
	}
}
