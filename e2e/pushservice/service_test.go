package pushservice_test

import (
	"bytes"
	"net/http"
	"net/url"
	"testing"
	"time"

	"meent/e2e/pushservice"
	"meent/federation/webpush"
)

// The judge itself: it opens what the node writes in both dialects, and nothing that was touched on the way or is for another app.
func TestLettersAreOpened(t *testing.T) {
	t.Parallel()
	service := pushservice.Start()
	defer service.Close()
	key, err := webpush.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, standard := range []bool{true, false} {
		app, err := service.App("/app")
		if err != nil {
			t.Fatal(err)
		}
		letter, err := key.Write([]byte(`{"title":"hoi"}`), reader(t, app, standard), webpush.Envelope{Contact: "mailto:x@y.example", Now: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		if status := send(t, app.Endpoint, letter.Header, letter.Body); status != http.StatusCreated {
			t.Fatalf("standard %t: %d %v", standard, status, service.Wrong())
		}
		taken := service.Letters()
		if last := taken[len(taken)-1]; string(last.Message) != `{"title":"hoi"}` || last.Key != key.Public() || last.Subject != "mailto:x@y.example" {
			t.Errorf("standard %t: read %+v", standard, last)
		}
		touched := bytes.Clone(letter.Body)
		touched[len(touched)-1] ^= 1
		if status := send(t, app.Endpoint, letter.Header, touched); status != http.StatusBadRequest {
			t.Errorf("standard %t: what was touched is taken with %d", standard, status)
		}
		if _, err := service.App("/app"); err != nil { // another app under the same path
			t.Fatal(err)
		}
		if status := send(t, app.Endpoint, letter.Header, letter.Body); status != http.StatusBadRequest {
			t.Errorf("standard %t: another app reads it", standard)
		}
	}
}

func reader(t *testing.T, app *pushservice.App, standard bool) webpush.App {
	t.Helper()
	endpoint, err := url.Parse(app.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	public, auth := app.Keys()
	return webpush.App{Endpoint: endpoint, PublicKey: public, Auth: auth, Standard: standard}
}

func send(t *testing.T, to string, header http.Header, body []byte) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}
