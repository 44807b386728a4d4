package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate writes the certificate and key that httptest uses, and returns the paths and who trusts it.
func certificate(t *testing.T) (cert, key string, trust *x509.CertPool) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	pair := server.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for file, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trust = x509.NewCertPool()
	trust.AddCert(server.Certificate())
	return cert, key, trust
}

func TestAnswersWithItsOwnCertificateAndFiguresApart(t *testing.T) {
	t.Parallel()
	cert, key, trust := certificate(t)
	config := &Config{Listen: "127.0.0.1:0", MetricsListen: "127.0.0.1:0", TLSCert: cert, TLSKey: key}
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	listeners, err := config.listen(t.Context(), "https://example.com", hello, newMetrics().handler(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- answer(ctx, listeners) }()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust, ServerName: "example.com", MinVersion: tls.VersionTLS12}}}
	for url, want := range map[string]int{
		"https://" + listeners[0].socket.Addr().String():             http.StatusTeapot,
		"http://" + listeners[1].socket.Addr().String() + "/metrics": http.StatusOK,
	} {
		response, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", url, response.StatusCode, want)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// An answer that is under way when the node is told to stop still arrives.
func TestAnswersUnderWayFinish(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		time.Sleep(200 * time.Millisecond)
		w.WriteHeader(http.StatusTeapot)
	})
	listeners, err := (&Config{Listen: "127.0.0.1:0"}).listen(t.Context(), "http://localhost", slow, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- answer(ctx, listeners) }()
	go func() {
		<-begun
		stop()
	}()
	response, err := http.Get("http://" + listeners[0].socket.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusTeapot {
		t.Errorf("%d, %v", response.StatusCode, err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestImpossibleListenersSayWhatToDo(t *testing.T) {
	t.Parallel()
	cert, _, _ := certificate(t)
	for name, test := range map[string]struct {
		config Config
		public string
		want   string
	}{
		"autocert without https": {Config{Listen: "127.0.0.1:0", Autocert: true}, "http://localhost", "--public-url"},
		"a key that is none":     {Config{Listen: "127.0.0.1:0", TLSCert: cert, TLSKey: cert}, "https://localhost", "--tls-key"},
		"no such address":        {Config{Listen: "192.0.2.1:1"}, "http://localhost", "--listen"},
	} {
		_, err := test.config.listen(t.Context(), test.public, http.NotFoundHandler(), nil, slog.New(slog.DiscardHandler))
		var told bytes.Buffer
		fail(terminal{err: &told}, err)
		if err == nil || !strings.Contains(told.String(), test.want) {
			t.Errorf("%s: told %q, want %s", name, told.String(), test.want)
		}
	}
}

func TestDevelopmentSettingsAreLoud(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	(&Config{DevLoopback: true, DevHosts: "hosts"}).warn(slog.New(slog.NewTextHandler(&log, nil)))
	for _, text := range []string{"level=WARN", "DEVELOPMENT", "--dev-loopback", "--dev-hosts"} {
		if !strings.Contains(log.String(), text) {
			t.Errorf("the log does not say %q: %s", text, log.String())
		}
	}
	log.Reset()
	(&Config{}).warn(slog.New(slog.NewTextHandler(&log, nil)))
	if log.Len() > 0 {
		t.Errorf("a real node is warned: %s", log.String())
	}
}
