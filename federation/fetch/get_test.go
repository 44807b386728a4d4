package fetch

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	const body = `{"id":"https://a.test/@jan"}`
	a := network.found("a.test", serve(`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, body))
	response, err := network.client().Document(t.Context(), a.URL+"/@jan#main-key", sign)
	if err != nil {
		t.Fatal(err)
	}
	if response.Status != 200 || string(response.Body) != body || response.FinalURL != a.URL+"/@jan" {
		t.Errorf("got %d %s %s", response.Status, response.FinalURL, response.Body)
	}
	asked := a.asked[0]
	for header, want := range map[string]string{
		"Accept": AcceptActivity, "User-Agent": "Meent test", "Signature": "GET " + a.URL + "/@jan", "Accept-Encoding": "gzip",
	} {
		if got := asked.Header.Get(header); got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
	if asked.Host != a.host() {
		t.Errorf("Host: %s", asked.Host)
	}
}

// TestDocumentType is row I2.
func TestDocumentType(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"application/activity+json":                                            true,
		"application/activity+json; charset=utf-8":                             true,
		"Application/Activity+JSON":                                            true,
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`: true,
		`application/ld+json; charset=utf-8; profile="https://w3id.org/x https://www.w3.org/ns/activitystreams"`: true,
		"application/ld+json": false,
		`application/ld+json; profile="https://evil.test/activitystreams"`: false,
		"application/json":               false,
		"text/plain":                     false,
		"text/html":                      false,
		"application/octet-stream":       false,
		"application/activity+json-evil": false,
		"":                               false,
	}
	network := newTowns(t)
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{r.URL.Query().Get("type")}
		w.Write([]byte("{}"))
	})
	c := network.client()
	i := 0
	for contentType, want := range tests {
		u := a.URL + fmt.Sprintf("/%d?type=", i) + strings.NewReplacer("+", "%2B", ";", "%3B", " ", "%20", `"`, "%22").Replace(contentType)
		i++
		if _, err := c.Document(t.Context(), u, nil); (err == nil) != want || !want && !errors.Is(err, ErrType) {
			t.Errorf("%q: %v", contentType, err)
		}
	}
}

// TestRedirects is row S3 with S26.
func TestRedirects(t *testing.T) {
	t.Parallel()
	bird := newCanary(t)
	network := newTowns(t)
	b := network.found("b.test", serve(TypeActivity, "{}"))
	targets := map[string]string{
		"/loop": "/loop", "/1": "/2", "/2": "/3", "/3": "/4", "/4": "/end", "/other": b.URL + "/x",
		"/private": "https://10.0.0.1/", "/loopback": fmt.Sprintf("https://[::1]:%d/", bird.port), "/plain": fmt.Sprintf("http://127.0.0.1:%d/", bird.port),
		"/gopher": "gopher://a.test/", "/file": "file:///etc/passwd", "/data": "data:,x", "/smuggle": "https://b.test/%0d%0aHost:%20x",
		"/user": "https://x@b.test/", "/backslash": `https://b.test\@127.0.0.1/`,
	}
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		target, ok := targets[r.URL.Path]
		if !ok {
			serve(TypeActivity, "{}")(w, r)
			return
		}
		w.Header()["Location"] = []string{target}
		w.WriteHeader([]int{301, 302, 303, 307, 308}[len(r.URL.Path)%5])
	})
	c := network.client()
	for path, want := range map[string]error{
		"/2": nil, "/other": nil, "/1": ErrRedirect, "/loop": ErrRedirect, "/private": ErrAddress, "/loopback": ErrAddress, "/plain": ErrRedirect,
		"/gopher": ErrAddress, "/file": ErrAddress, "/data": ErrAddress, "/smuggle": ErrAddress, "/user": ErrAddress, "/backslash": ErrAddress,
	} {
		before := a.requests()
		response, err := c.Get(t.Context(), a.URL+path, "*/*", nil)
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", path, err, want)
		}
		if made := a.requests() - before; made > maxRedirects+1 {
			t.Errorf("%s: %d requests", path, made)
		}
		if path == "/other" && err == nil && response.FinalURL != b.URL+"/x" { // row I5: the caller sees where it ended
			t.Errorf("final URL %s", response.FinalURL)
		}
	}
	bird.mustLive(t)
}

// TestHostileRedirects is X7 in redirects: every address behind a good first answer, without the development setting's help.
func TestHostileRedirects(t *testing.T) {
	t.Parallel()
	bird := newCanary(t)
	network := newTowns(t)
	var target string
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target, http.StatusTemporaryRedirect)
	})
	c := network.client()
	for i, address := range addresses {
		if strings.HasPrefix(address, "127.") {
			continue
		}
		if strings.Contains(address, ":") {
			address = "[" + address + "]"
		}
		target = fmt.Sprintf("https://%s:%d/", address, bird.port)
		for name, s := range map[string]Sign{"signed": sign, "plain": nil} {
			if _, err := c.Get(t.Context(), fmt.Sprintf("%s/%d", a.URL, i), "*/*", s); !errors.Is(err, ErrRedirect) {
				t.Errorf("%s to %s: %v", name, target, err)
			}
		}
	}
	bird.mustLive(t)
}

// TestSignedRedirect is row S8: our signature is shown to the host that it is for, and renewed for each URL there.
func TestSignedRedirect(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	b := network.found("b.test", serve(TypeActivity, "{}"))
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, b.URL, http.StatusFound)
		case "/here":
			http.Redirect(w, r, "/there", http.StatusFound)
		default:
			serve(TypeActivity, "{}")(w, r)
		}
	})
	c := network.client()
	if _, err := c.Get(t.Context(), a.URL+"/away", "*/*", sign); !errors.Is(err, ErrRedirect) {
		t.Errorf("away: %v", err)
	}
	if b.requests() != 0 {
		t.Error("the other host got a signed request")
	}
	if _, err := c.Get(t.Context(), a.URL+"/here", "*/*", sign); err != nil {
		t.Errorf("here: %v", err)
	}
	if got := a.asked[2].Header.Get("Signature"); got != "GET "+a.URL+"/there" {
		t.Errorf("signature %q", got)
	}
}

// TestDrip is row S27.
func TestDrip(t *testing.T) {
	t.Parallel()
	const limit = 300 * time.Millisecond
	network := newTowns(t)
	drip := func(w http.ResponseWriter, r *http.Request) {
		for range 100 {
			w.Write([]byte("x"))
			if err := http.NewResponseController(w).Flush(); err != nil {
				return
			}
			select {
			case <-time.After(limit / 10):
			case <-r.Context().Done():
				return
			}
		}
	}
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, handler := range map[string]http.HandlerFunc{"drip.test": drip, "silent.test": silent} {
		host := network.found(name, handler)
		c := network.client(func(config *Config) { config.Timeout = limit })
		start := time.Now()
		_, err := c.Get(t.Context(), host.URL, "*/*", nil)
		if took := time.Since(start); !errors.Is(err, ErrDeadline) || took > 4*limit {
			t.Errorf("get %s: %v after %v", name, err, took)
		}
		start = time.Now()
		_, err = c.Post(t.Context(), host.URL, []byte{}, TypeActivity, nil)
		if took := time.Since(start); took > 4*limit || name == "silent.test" && !errors.Is(err, ErrDeadline) {
			t.Errorf("post %s: %v after %v", name, err, took)
		}
	}
}

// TestTooLarge is row S28. It does not run in parallel because it counts memory.
func TestTooLarge(t *testing.T) {
	const mebibyte = 1 << 20
	network := newTowns(t)
	zeros := make([]byte, 64<<10)
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", TypeActivity)
		switch r.URL.Path {
		case "/declared":
			w.Header().Set("Content-Length", fmt.Sprint(1<<30))
			w.Write(zeros)
		case "/endless":
			for range 1 << 14 {
				if _, err := w.Write(zeros); err != nil {
					return
				}
			}
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 1 << 14 {
				if _, err := z.Write(zeros); err != nil || r.Context().Err() != nil {
					return
				}
			}
		case "/foreign":
			w.Header().Set("Content-Encoding", "br")
			w.Write(zeros)
		case "/limit":
			w.Write(make([]byte, mebibyte))
		case "/limit+1":
			w.Write(make([]byte, mebibyte+1))
		}
	})
	c := network.client()
	var before, after runtime.MemStats
	for path, want := range map[string]error{
		"/declared": ErrTooLarge, "/endless": ErrTooLarge, "/bomb": ErrTooLarge, "/foreign": ErrType, "/limit": nil, "/limit+1": ErrTooLarge,
	} {
		runtime.ReadMemStats(&before)
		if _, err := c.Document(t.Context(), a.URL+path, nil); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", path, err, want)
		}
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 8*mebibyte {
			t.Errorf("%s: %d bytes allocated", path, grown)
		}
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		status, err := strconv.Atoi(r.URL.Path[1:])
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(status)
	})
	c := network.client()
	for status, gone := range map[int]bool{304: false, 400: false, 401: false, 404: true, 410: true, 429: false, 500: false, 503: false} {
		_, err := c.Get(t.Context(), fmt.Sprintf("%s/%d", a.URL, status), "*/*", nil)
		var got *StatusError
		if !errors.As(err, &got) || got.Status != status || got.RetryAfter != 2*time.Minute || Gone(err) != gone || Refused(err) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// TestDeadKey is rows S4 and S23: many ask for what is not there, its host hears it once.
func TestDeadKey(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond) // so that the others arrive meanwhile
		switch r.URL.Path {
		case "/self":
			http.Redirect(w, r, "/self", http.StatusFound)
		case "/secret":
			w.WriteHeader(http.StatusUnauthorized)
		default:
			w.WriteHeader(http.StatusGone)
		}
	})
	c := network.client()
	for path, want := range map[string]int{"/dead": 1, "/self": maxRedirects + 1} {
		before := a.requests()
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if _, err := c.Document(t.Context(), a.URL+path, sign); err == nil {
					t.Error("a dead key lives")
				}
			})
		}
		all.Wait()
		if got := a.requests() - before; got != want {
			t.Errorf("%s: %d requests, want %d", path, got, want)
		}
	}
	for range 2 { // what depends on who asks is asked again
		if _, err := c.Get(t.Context(), a.URL+"/secret", "*/*", sign); err == nil {
			t.Error("no error")
		}
	}
	if got := a.requests(); got != 1+maxRedirects+1+2 {
		t.Errorf("%d requests", got)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	a := network.found("a.test", serve(TypeActivity, "{}"))
	c := network.client()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Get(ctx, a.URL, "*/*", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Get(t.Context(), a.URL, "*/*", nil); err != nil {
		t.Errorf("the caller's impatience was remembered: %v", err)
	}
}

// TestTLS: an unknown CA or another name's certificate is no host of ours.
func TestTLS(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	a := network.found("a.test", serve(TypeActivity, "{}"))
	network.hosts["b.test"] = network.hosts["a.test"]
	c := network.client()
	if _, err := c.Get(t.Context(), strings.Replace(a.URL, "a.test", "b.test", 1), "*/*", nil); err == nil {
		t.Error("another name's certificate was taken")
	}
	stranger := network.client(func(config *Config) { config.RootCAs = nil })
	if _, err := stranger.Get(t.Context(), a.URL, "*/*", nil); err == nil {
		t.Error("an unknown CA was taken")
	}
	if _, err := New(Config{Development: Development{RootCAs: []byte("no certificate")}}); err == nil {
		t.Error("an empty CA file was taken")
	}
}
