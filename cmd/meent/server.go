package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/sync/errgroup"
)

// Limits of every listener (SECURITY D26): whoever stalls, or sends headers without end, is cut off.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10

	shutdownTimeout = 8 * time.Second // for answers that are under way; the whole program ends within ten
)

// newServer returns a server with the limits.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // what strangers do wrong in TLS or HTTP
	}
}

// listener is an address with what answers there.
type listener struct {
	server *http.Server
	socket net.Listener
	tls    bool
}

// listen opens the addresses that the settings name. It does not answer yet.
func (c *Config) listen(ctx context.Context, publicURL string, handler, metrics http.Handler, log *slog.Logger) ([]listener, error) {
	var opener net.ListenConfig
	public := newServer(handler, log)
	secure, err := c.secure(public, publicURL)
	if err != nil {
		return nil, err
	}
	socket, err := opener.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, advise(fmt.Errorf("listen: %w", err), "Is another node running? Choose another address with --listen.")
	}
	listeners := []listener{{public, socket, secure}}
	if c.MetricsListen != "" {
		socket, err := opener.Listen(ctx, "tcp", c.MetricsListen)
		if err != nil {
			return nil, advise(errors.Join(fmt.Errorf("listen for metrics: %w", err), listeners[0].socket.Close()), "Choose another address with --metrics-listen.")
		}
		listeners = append(listeners, listener{newServer(metrics, log), socket, false})
	}
	return listeners, nil
}

// secure gives the server a certificate where the settings say so.
func (c *Config) secure(server *http.Server, publicURL string) (bool, error) {
	switch {
	case c.TLSCert != "":
		pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return false, advise(fmt.Errorf("read the certificate: %w", err), "--tls-cert and --tls-key must be PEM files that belong together.")
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
		return true, nil
	case c.Autocert:
		u, err := url.Parse(publicURL)
		if err != nil || u.Scheme != "https" {
			return false, advise(fmt.Errorf("no authority gives a certificate for %s", publicURL), "--autocert needs a --public-url that begins with https://.")
		}
		manager := &autocert.Manager{
			Prompt:     autocert.AcceptTOS,
			Cache:      autocert.DirCache(filepath.Join(c.Data, "certificates")),
			HostPolicy: autocert.HostWhitelist(u.Hostname()),
		}
		server.TLSConfig = manager.TLSConfig()
		return true, nil
	}
	return false, nil
}

// answer serves all listeners until ctx ends, and then lets the answers that are under way finish.
func answer(ctx context.Context, listeners []listener) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range listeners {
		group.Go(l.serve)
		group.Go(func() error {
			<-ctx.Done()
			return l.shutdown(ctx)
		})
	}
	return group.Wait()
}

func (l listener) serve() error {
	var err error
	if l.tls {
		err = l.server.ServeTLS(l.socket, "", "")
	} else {
		err = l.server.Serve(l.socket)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("answer on %s: %w", l.socket.Addr(), err)
}

func (l listener) shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := l.server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("stop answering on %s: %w", l.socket.Addr(), err), l.server.Close())
	}
	return nil
}
