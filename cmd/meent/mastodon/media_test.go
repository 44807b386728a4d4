package mastodon

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"meent/communities"
	"meent/storage/media"
)

func TestMain(m *testing.M) {
	if media.Called() {
		os.Exit(media.Work())
	}
	os.Exit(m.Run())
}

// openDepot gives the world a place for files, and returns the seal of the addresses of others'.
func (w *world) openDepot(base string) *media.Seal {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	disk, err := media.OpenDisk(w.t.TempDir())
	w.must(err)
	w.t.Cleanup(func() { w.must(disk.Close()) })
	workshop, err := media.NewWorkshop(w.t.TempDir(), media.FindTools(), log)
	w.must(err)
	w.depot = media.NewDepot(media.Options{
		Town: w.town, Archive: w.archive, Store: disk, Workshop: workshop, Log: log, Now: time.Now,
		Fetch:  func(context.Context, string) ([]byte, error) { return nil, errors.New("nobody is there") },
		Permit: func(string) error { return nil },
	})
	return media.NewSeal(base, []byte("secret"))
}

// painting is a picture of its own.
func painting(width, height int) string {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			p.Set(x, y, color.RGBA{R: uint8(x), G: uint8(y), B: 0x80, A: 0xff})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		panic(err)
	}
	return b.String()
}

// give sends a form with files.
func (a app) give(method, path string, fields url.Values, files map[string]string) reply {
	a.w.t.Helper()
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	for name, values := range fields {
		for _, value := range values {
			a.w.must(parts.WriteField(name, value))
		}
	}
	for name, content := range files {
		part, err := parts.CreateFormFile(name, "photo.jpg")
		a.w.must(err)
		_, err = part.Write([]byte(content))
		a.w.must(err)
	}
	a.w.must(parts.Close())
	return a.send(method, path, parts.FormDataContentType(), b.String(), nil)
}

// try sends a form; a field that is @ comes with a picture.
func (a app) try(method, path string, fields url.Values) reply {
	a.w.t.Helper()
	for name, values := range fields {
		if values[0] == "@" {
			fields.Del(name)
			return a.give(method, path, fields, map[string]string{name: painting(64, 48)})
		}
	}
	return a.call(method, path, fields)
}

type attachmentAnswer struct {
	ID          string
	Type        string
	URL         *string
	PreviewURL  *string `json:"preview_url"`
	RemoteURL   *string `json:"remote_url"`
	Description *string
	Blurhash    *string
	Meta        struct {
		Original, Small struct{ Width, Height int }
		Focus           struct{ X, Y float64 }
	}
}

type statusAnswer struct {
	ID    string
	Media []attachmentAnswer `json:"media_attachments"`
}

func TestGiveAndPost(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert := w.app(w.anna), w.app(w.bert)
		var file attachmentAnswer
		anna.give("POST", "/api/v2/media", url.Values{"description": {"een fiets"}, "focus": {"0.5,-0.25"}}, map[string]string{"file": painting(1200, 600)}).ok(&file)
		if file.Type != "image" || file.URL == nil || file.PreviewURL == nil || file.RemoteURL != nil || file.Blurhash == nil || *file.Description != "een fiets" ||
			file.Meta.Original.Width != 1200 || file.Meta.Small.Width != 678 || file.Meta.Focus.Y != -0.25 || len(file.ID) != len(id(w.thread.ID)) {
			t.Errorf("file %+v", file)
		}
		anna.get("/api/v1/media/" + file.ID).ok(nil)
		bert.get("/api/v1/media/" + file.ID).refused(http.StatusNotFound)
		bert.post("/api/v1/statuses", url.Values{"status": {"van mij"}, "media_ids[]": {file.ID}}).refused(http.StatusUnprocessableEntity)
		anna.call("PUT", "/api/v1/media/"+file.ID, url.Values{"description": {"twee fietsen"}, "focus": {"0,1"}}).ok(&file)
		if *file.Description != "twee fietsen" || file.Meta.Focus.Y != 1 {
			t.Errorf("file %+v", file)
		}
		anna.call("PUT", "/api/v1/media/"+file.ID, url.Values{"focus": {"2,1"}}).refused(http.StatusUnprocessableEntity)

		var status statusAnswer
		anna.post("/api/v1/statuses", url.Values{"status": {"kijk"}, "media_ids[]": {file.ID}}).ok(&status)
		if len(status.Media) != 1 || status.Media[0].ID != file.ID || *status.Media[0].Description != "twee fietsen" {
			t.Errorf("status %+v", status)
		}
		anna.get("/api/v1/media/" + file.ID).refused(http.StatusNotFound)
		anna.call("DELETE", "/api/v1/media/"+file.ID, nil).refused(http.StatusUnprocessableEntity)
		anna.post("/api/v1/statuses", url.Values{"status": {"nog eens"}, "media_ids[]": {file.ID}}).refused(http.StatusUnprocessableEntity)
		w.editFiles(anna, status, file)
	})
}

// editFiles edits a post that has one: says something else of it, adds one, then drops the first, which is deleted.
func (w *world) editFiles(anna app, status statusAnswer, first attachmentAnswer) {
	w.t.Helper()
	var second attachmentAnswer
	anna.give("POST", "/api/v1/media", nil, map[string]string{"file": painting(20, 10)}).ok(&second)
	path := "/api/v1/statuses/" + status.ID
	anna.call("PUT", path, url.Values{
		"status": {"kijk"}, "media_ids[]": {first.ID, second.ID}, "media_attributes[0][id]": {first.ID}, "media_attributes[0][description]": {"drie"},
	}).ok(&status)
	if len(status.Media) != 2 || *status.Media[0].Description != "drie" || status.Media[1].ID != second.ID {
		w.t.Errorf("status %+v", status)
	}
	var source struct{ Text string }
	anna.get(path + "/source").ok(&source)
	anna.call("PUT", path, url.Values{"status": {source.Text}, "media_ids[]": {second.ID}}).ok(&status)
	if len(status.Media) != 1 || status.Media[0].ID != second.ID {
		w.t.Errorf("status %+v", status)
	}
	w.forget()
	w.gone(first.ID)
	var history []statusAnswer
	anna.get(path + "/history").ok(&history)
	for _, version := range history[:2] {
		for _, file := range version.Media {
			if file.ID == first.ID {
				w.t.Error("the history shows a file that is gone")
			}
		}
	}
}

// forget does the task that deletes what has expired.
func (w *world) forget() {
	w.t.Helper()
	w.must(w.depot.ForgetMedia(w.t.Context(), communities.ForgetMedia{}))
}

func (w *world) gone(id string) {
	w.t.Helper()
	known, err := parseID[communities.MediaID](id)
	w.must(err)
	if m, err := w.archive.Media(w.t.Context(), known); !communities.IsNotFound(err) {
		w.t.Errorf("file %+v is still there, %v", m, err)
	}
}

// A post that is deleted to be written anew keeps its files for that; one that is deleted for good does not.
func TestRedraftKeepsFiles(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		var file attachmentAnswer
		var status statusAnswer
		anna.give("POST", "/api/v2/media", nil, map[string]string{"file": painting(30, 30)}).ok(&file)
		anna.post("/api/v1/statuses", url.Values{"status": {"kijk"}, "media_ids[]": {file.ID}}).ok(&status)
		anna.call("DELETE", "/api/v1/statuses/"+status.ID, nil).ok(&status)
		if len(status.Media) != 1 {
			t.Errorf("status %+v", status)
		}
		w.forget()
		anna.post("/api/v1/statuses", url.Values{"status": {"anders"}, "media_ids[]": {file.ID}}).ok(&status)
		anna.call("DELETE", "/api/v1/statuses/"+status.ID+"?delete_media=true", nil).ok(nil)
		w.forget()
		w.gone(file.ID)
	})
}

// A file that was taken back is gone at once, though its bytes go a little later.
func TestFileTakenBackIsGone(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	anna := w.app(w.anna)
	var file attachmentAnswer
	anna.give("POST", "/api/v2/media", nil, map[string]string{"file": painting(30, 30)}).ok(&file)
	path := "/api/v1/media/" + file.ID
	anna.get(path).ok(nil)
	anna.call(http.MethodDelete, path, nil).ok(nil)
	anna.get(path).refused(http.StatusNotFound)
}

func TestPicturesOfAProfile(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		type account struct {
			Avatar, Header    string
			AvatarDescription string `json:"avatar_description"`
		}
		var first, next, none account
		anna.give("PATCH", "/api/v1/accounts/update_credentials", url.Values{"avatar_description": {"ik"}},
			map[string]string{"avatar": painting(900, 300), "header": painting(900, 300)}).ok(&first)
		if first.Avatar == w.town.Base+avatarPath || first.Header == w.town.Base+headerPath || first.AvatarDescription != "ik" {
			t.Errorf("account %+v", first)
		}
		var later account
		anna.give("PATCH", "/api/v1/profile", nil, map[string]string{"avatar": painting(90, 30)}).ok(&later)
		if later.Avatar == "" || later.Avatar == first.Avatar || later.Header != first.Header {
			t.Errorf("profile %+v, which was %+v", later, first)
		}
		first.Avatar = later.Avatar
		anna.give("PATCH", "/api/v1/accounts/update_credentials", url.Values{"avatar_description": {"nog steeds ik"}}, nil).ok(&next)
		if next.Avatar != first.Avatar || next.AvatarDescription != "nog steeds ik" {
			t.Errorf("account %+v", next)
		}
		was := w.reread(w.anna).Icon.Media
		anna.call("DELETE", "/api/v1/profile/avatar", nil).ok(&none)
		if none.Avatar != w.town.Base+avatarPath || none.Header != first.Header {
			t.Errorf("account %+v", none)
		}
		anna.call("DELETE", "/api/v1/profile/header", nil).ok(nil)
		w.forget()
		w.gone(id(was))
		anna.give("PATCH", "/api/v1/accounts/update_credentials", nil, map[string]string{"avatar": "<svg/>"}).refused(http.StatusUnprocessableEntity)
	})
}

func (w *world) reread(actor *communities.Actor) *communities.Actor {
	w.t.Helper()
	found, err := w.archive.Actor(w.t.Context(), actor.ID)
	w.must(err)
	return found
}

// What cannot be shown is refused in words, and nothing is left of it (SECURITY D11, H13, H14, I3).
func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	anna := w.app(w.anna)
	for name, content := range map[string]string{
		"html": "<!doctype html><script>alert(1)</script>", "svg": `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`,
		"pdf": "%PDF-1.7", "actor": `{"@context":"https://www.w3.org/ns/activitystreams","type":"Person","id":"https://evil.example/a"}`,
		"heic": "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "empty": "", "text": "hallo", "half": painting(10, 10)[:40],
	} {
		said := anna.give("POST", "/api/v2/media", nil, map[string]string{"file": content}).refused(http.StatusUnprocessableEntity)
		t.Logf("%s: %s", name, said)
	}
	anna.post("/api/v2/media", url.Values{"file": {"text"}}).refused(http.StatusUnprocessableEntity)
	w.forget()
}

var mediaEndpoints = []endpoint{
	{"POST /api/v1/media", "", "file=@&description=x", "MediaAttachment", ""},
	{"POST /api/v2/media", "", "file=@", "MediaAttachment", ""},
	{"GET /api/v1/media/{id}", "/api/v1/media/${media}", "", "MediaAttachment", ""},
	{"PUT /api/v1/media/{id}", "/api/v1/media/${media}", "description=Een%20fiets&focus=0.1,0.2", "MediaAttachment", ""},
	{"DELETE /api/v1/media/{id}", "/api/v1/media/${media}", "", "Empty", ""},
	{"DELETE /api/v1/profile/avatar", "", "", "CredentialAccount", ""},
	{"DELETE /api/v1/profile/header", "", "", "CredentialAccount", ""},
}
