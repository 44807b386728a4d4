//go:build unix

package hostile_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"meent/e2e/node"
)

// TestFilesGiven: somebody with an account gives files that are not what they say (SECURITY D11, D12, D16 to D20, H13, H14, I3). Each is refused
// in words, at once, and nothing of it stays; what is taken comes out as a picture and nothing else.
func TestFilesGiven(t *testing.T) {
	onBoth(t, func(b *siege) {
		token := b.command("token", "create", "--person", "anna", "--scopes", "read write")
		before := b.memory()
		for name, content := range refusedFiles() {
			began := time.Now()
			status, body, header := b.give(token, "../../"+name+".jpg", content)
			if status != http.StatusUnprocessableEntity || !strings.Contains(body, `"error"`) || header.Get("Content-Type") != "application/json; charset=utf-8" {
				b.t.Errorf("%s: %d %s", name, status, body)
			}
			if took := time.Since(began); took > 10*time.Second {
				b.t.Errorf("%s took %s", name, took)
			}
		}
		if grown := b.memory() - before; grown > 64<<20 {
			b.t.Errorf("the node grew by %d MiB", grown>>20)
		}
		b.await("nothing is left", func() bool { return len(b.filesLeft()) == 0 })
		for name, content := range poisonedFiles() {
			status, body, _ := b.give(token, name, content)
			var file struct{ URL string }
			if err := json.Unmarshal([]byte(body), &file); err != nil || status != http.StatusOK {
				b.t.Errorf("%s: %d %s", name, status, body)
				continue
			}
			b.looksHarmless(name, file.URL)
			b.leadsNowhere(file.URL)
		}
	})
}

// refusedFiles are none that anybody should be shown.
func refusedFiles() map[string][]byte {
	frame := []byte(",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00")
	webp := []byte("RIFF\x14\x00\x00\x00WEBPVP8L\x08\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00")
	return map[string][]byte{
		"html": []byte("<!doctype html><script>alert(1)</script>"), "svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"xml": []byte(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`), "pdf": []byte("%PDF-1.7\n"),
		"actor": []byte(`{"@context":"https://www.w3.org/ns/activitystreams","type":"Person","id":"https://stad.test/u/anna"}`),
		"zip":   []byte("PK\x03\x04"), "tiff": []byte("II*\x00\x08\x00\x00\x00"), "heic": []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"),
		"playlist": []byte("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"), "list": []byte("ffconcat version 1.0\nfile /etc/passwd\n"),
		"MP3 that is a playlist": []byte("ID3#EXTM3U\nfile:///etc/passwd\n"),
		"lottapixel":             enormousPNG(65_535, 65_535), "PNG of 50000 by 50000": enormousPNG(50_000, 50_000), "WebP of 28 bytes": webp,
		"GIF with 10^5 frames": append(append([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"), bytes.Repeat(frame, 100_000)...), ';'),
		"half a JPEG":          whole()[:200], "nothing at all": {0},
	}
}

func whole() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 40)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// enormousPNG says that it is of a size, and has zeros in it.
func enormousPNG(width, height uint32) []byte {
	chunk := func(name string, body []byte) []byte {
		b := append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), name...), body...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	_, _ = z.Write(make([]byte, 4<<20)) // into memory
	_ = z.Close()
	head := append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height), 8, 2, 0, 0, 0)
	return bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", head), chunk("IDAT", data.Bytes()), chunk("IEND", nil)}, nil)
}

const hidden = "<script>alert(document.domain)</script> GPS 52.0907N"

// poisonedFiles are pictures with something else in them.
func poisonedFiles() map[string][]byte {
	camera := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00"), hidden...)
	segment := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(camera)+2)), camera...)
	return map[string][]byte{
		"photo.jpg": append(append(whole()[:2:2], segment...), whole()[2:]...), "page.html": append(whole(), hidden...),
		"actor.json": append(whole(), `{"@context":"https://www.w3.org/ns/activitystreams"}`+hidden...),
	}
}

// give sends a file as an app does.
func (b *siege) give(token, name string, content []byte) (status int, body string, header http.Header) {
	b.t.Helper()
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	part, err := parts.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = parts.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.origin+"/api/v1/media", &form)
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", parts.FormDataContentType())
	request.Header.Set("Authorization", "Bearer "+token)
	return b.answer(request)
}

func (b *siege) answer(request *http.Request) (status int, body string, header http.Header) {
	b.t.Helper()
	answer, err := b.Client.Transport.RoundTrip(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text), answer.Header
}

// ask gets an address, byte for byte as it is written.
func (b *siege) ask(address, accept string) (status int, body string, header http.Header) {
	b.t.Helper()
	path := strings.TrimPrefix(address, b.origin)
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.origin, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	request.URL.Opaque = "//" + request.URL.Host + path
	request.Header.Set("Accept", accept)
	return b.answer(request)
}

// looksHarmless fetches a file as a browser and as another server would.
func (b *siege) looksHarmless(name, address string) {
	b.t.Helper()
	for _, accept := range []string{"*/*", activityJSON, "text/html"} {
		status, body, h := b.ask(address, accept)
		if status != http.StatusOK || h.Get("Content-Type") != "image/jpeg" || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			b.t.Errorf("%s for %s: %d %v", name, accept, status, h)
		}
		if strings.Contains(body, "script") || strings.Contains(body, "GPS") || strings.Contains(body, "activitystreams") {
			b.t.Errorf("%s: what was hidden in it came through", name)
		}
	}
}

// leadsNowhere: no way of writing an address leads to another file (SECURITY D12, D13, S17).
func (b *siege) leadsNowhere(address string) {
	b.t.Helper()
	path := strings.TrimPrefix(address, b.origin)
	name := strings.TrimPrefix(path, "/media/")
	for _, other := range []string{
		"/media/", "/media/.", "/media/..", "/media/../meent.db", "/media/..%2fmeent.db", "/media/%2e%2e/meent.db", "/media/%2e%2e%2fmeent.db", "/media/..%5cmeent.db",
		"/media//etc/passwd", "/media/%2fetc%2fpasswd", "/media/" + name[:2] + "/" + name, "/media/own%2f" + name[:2] + "%2f" + name, "/media/" + name + "%00.png",
		"/media/" + strings.TrimSuffix(name, ".jpg"), strings.TrimSuffix(path, ".jpg") + ".webp", path + "&proxy=" + url.QueryEscape(b.canary.url()),
		strings.TrimSuffix(path, ".jpg") + ".webp&proxy=" + url.QueryEscape(b.canary.url()),
	} {
		status, body, _ := b.ask(other, "*/*")
		if status == http.StatusOK || strings.Contains(body, "SQLite") || strings.Contains(body, "root:") {
			b.t.Errorf("%s leads to %d %.40q", other, status, body)
		}
	}
	if status, _, h := b.ask(path+"?format=webp&size=9999&proxy="+url.QueryEscape(b.canary.url()), "*/*"); status != http.StatusOK || h.Get("Content-Type") != "image/jpeg" {
		b.t.Errorf("what is asked for beside the name changes the answer: %d %s", status, h.Get("Content-Type"))
	}
	if n := b.canary.knocks.Load(); n != 0 {
		b.t.Errorf("the canary was called %d times", n)
	}
}

// memory is the most that the node ever had in use.
func (b *siege) memory() int64 {
	b.t.Helper()
	used, err := node.PeakRSS(b.PID())
	if err != nil {
		b.t.Fatal(err)
	}
	return used
}

// filesLeft lists the bytes that the node keeps.
func (b *siege) filesLeft() (left []string) {
	for _, folder := range []string{"media", "work"} {
		err := filepath.WalkDir(filepath.Join(b.Dir, folder), func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				left = append(left, path)
			}
			return err
		})
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return left
}

// TestFilesElsewhere: what other servers say are pictures (SECURITY S1, S18, I4, H4, H14). The node shows those that are, from its own address,
// fetched once; it never asks inside, and nobody can make it ask for what it did not write down itself.
func TestFilesElsewhere(t *testing.T) {
	onBoth(t, func(b *siege) {
		var picture bytes.Buffer
		if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
			t.Fatal(err)
		}
		served := map[string]string{
			"picture": picture.String(), "actor": `{"@context":"https://www.w3.org/ns/activitystreams","type":"Person"}`, "svg": `<svg onload="alert(1)"/>`,
			"html": "<!doctype html><script>alert(1)</script>", "bomb": string(enormousPNG(50_000, 50_000)),
		}
		wanted := map[string]int{"picture": http.StatusOK, "absent": http.StatusNotFound}
		for name, content := range served {
			mediaType := map[string]string{"picture": "text/html", "actor": activityJSON}[name] // its home may say what it likes
			if mediaType == "" {
				mediaType = "image/png"
			}
			b.evil.putAs("/files/"+name, mediaType, content)
			if name != "picture" {
				wanted[name] = http.StatusUnsupportedMediaType
			}
		}
		for name, status := range wanted {
			address := b.shownAs(b.evil.base+"/files/"+name, name)
			b.forget()
			for range 3 {
				got, body, h := b.ask(address, "*/*")
				if got != status || strings.Contains(body, "script") || strings.Contains(h.Get("Content-Type"), "json") {
					b.t.Errorf("%s: %d %s %.40q", name, got, h.Get("Content-Type"), body)
				}
			}
			if n := len(b.evil.requests()); status == http.StatusOK && n != 1 {
				b.t.Errorf("%s was asked for %d times", name, n)
			}
			b.forged(address)
		}
		for i, inside := range append(b.canary.inside(), "file:///etc/passwd", "javascript:alert(1)", "data:image/png;base64,AAAA", "\tjava\nscript:alert(1)") {
			b.asksNobodyInside(i, inside)
		}
		if n := b.canary.knocks.Load(); n != 0 {
			b.t.Errorf("the canary was called %d times", n)
		}
	})
}

var proxied = regexp.MustCompile(`"preview_url":"([^"]*/proxy/[^"]*)"`)

// shownAs has Eva write a note with an attachment, and returns where an app is sent to for it.
func (b *siege) shownAs(address, name string) string {
	b.t.Helper()
	b.does(b.eva, b.withFile("file-"+name, address))
	found := proxied.FindStringSubmatch(b.asStatus("file-" + name))
	if found == nil {
		b.t.Fatalf("%s is shown nowhere", name)
	}
	return found[1]
}

func (b *siege) withFile(name, address string) string {
	quoted, err := json.Marshal(address)
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.TrimSuffix(note("$me/"+name, "kijk"), "}}") + `,"attachment":[{"type":"Image","mediaType":"image/png","name":"een \"fiets\" <b>","url":` + string(quoted) + `}]}}`
}

// asStatus is a note of Eva's as an app reads it.
func (b *siege) asStatus(name string) string {
	b.t.Helper()
	id := b.text("SELECT CAST(id AS TEXT) FROM posts WHERE uri = '" + b.eva.uri + "/" + name + "'")
	status, body, _ := b.ask("/api/v1/statuses/"+id, "application/json")
	if status != http.StatusOK {
		b.t.Fatalf("status %d: %s", status, body)
	}
	return body
}

// forged: an address that was changed anywhere is not one of this node's.
func (b *siege) forged(address string) {
	b.t.Helper()
	path := strings.TrimPrefix(address, b.origin)
	seal, sealed, _ := strings.Cut(strings.TrimPrefix(path, "/proxy/"), "/")
	for _, other := range []string{
		"/proxy/" + seal + "/" + sealed[:len(sealed)-1], "/proxy/" + seal + "/" + "aHR0cDovL3plcm8udGVzdC8", "/proxy/AAAAAAAAAAAAAAAAAAAAAA/" + sealed, "/proxy//" + sealed,
		"/proxy/" + seal + "/", "/proxy/" + seal + "/" + b.canary.url(), "/proxy?url=" + url.QueryEscape(b.canary.url()),
	} {
		if status, _, _ := b.ask(other, "*/*"); status == http.StatusOK {
			b.t.Errorf("%s is taken for the node's own", other)
		}
	}
}

// asksNobodyInside: an attachment that is nowhere outside is not shown, or leads to nothing.
func (b *siege) asksNobodyInside(nth int, inside string) {
	b.t.Helper()
	name := "inside-" + string(rune('a'+nth%26)) + string(rune('a'+nth/26))
	if outcome := b.sends(b.eva, b.withFile(name, inside)); !strings.HasPrefix(outcome, "done") {
		return // refused whole
	}
	shown := b.asStatus(name)
	if strings.Contains(strings.ToLower(shown), "script:") || strings.Contains(shown, "data:image") || strings.Contains(shown, "file:") {
		b.t.Errorf("an app reads %s", shown)
	}
	if found := proxied.FindStringSubmatch(shown); found != nil {
		if status, _, _ := b.ask(found[1], "*/*"); status == http.StatusOK {
			b.t.Errorf("%q was fetched", inside)
		}
	}
}
