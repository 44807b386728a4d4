package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const healthTimeout = 3 * time.Second

// health answers whether the process runs (/healthz), and whether it can do its work (/readyz).
func (n *node) health() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
		defer cancel()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		answer := "ok\n"
		if r.URL.Path == "/readyz" {
			if err := n.ready(ctx); err != nil {
				n.log.WarnContext(ctx, "not ready", "err", err)
				w.WriteHeader(http.StatusServiceUnavailable)
				answer = "not ready\n"
			}
		}
		if _, err := w.Write([]byte(answer)); err != nil {
			n.log.DebugContext(ctx, "whoever asked for our health has gone", "err", err)
		}
	})
}

// ready tells whether the database answers and has the tables of this program.
func (n *node) ready(ctx context.Context) error {
	if err := n.archive.Ping(ctx); err != nil {
		return err
	}
	return migrated(ctx, n.archive)
}

// hereOnly answers requests that were made on this machine itself; to everybody else the page is not there (SECURITY P7).
func hereOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !fromHere(r) {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// gauges reads, when somebody asks for the figures, how much waits in the archive, and what streams do.
type gauges struct {
	node                         *node
	waiting, open, sent, dropped *prometheus.Desc
}

func newGauges(n *node) *gauges {
	return &gauges{
		node:    n,
		waiting: prometheus.NewDesc("meent_queue_depth", "What waits to be done, by queue.", []string{"queue"}, nil),
		open:    prometheus.NewDesc("meent_streams_open", "Streams that apps have open in this process.", nil, nil),
		sent:    prometheus.NewDesc("meent_stream_messages_total", "Messages sent to streams.", nil, nil),
		dropped: prometheus.NewDesc("meent_streams_dropped_total", "Streams that were closed because they were read too slowly.", nil, nil),
	}
}

// Describe names the figures, for [prometheus.Collector].
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, figure := range []*prometheus.Desc{g.waiting, g.open, g.sent, g.dropped} {
		out <- figure
	}
}

// Collect reads the figures, for [prometheus.Collector].
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	g.collectStreams(out)
	ctx, cancel := context.WithTimeout(context.Background(), healthTimeout)
	defer cancel()
	depths, err := g.node.archive.QueueDepths(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(g.waiting, fmt.Errorf("read the queues: %w", err))
		return
	}
	for queue, depth := range depths {
		out <- prometheus.MustNewConstMetric(g.waiting, prometheus.GaugeValue, float64(depth), queue)
	}
}

func (g *gauges) collectStreams(out chan<- prometheus.Metric) {
	if g.node.api == nil {
		return // it does not answer yet
	}
	open, sent, dropped := g.node.api.StreamFigures()
	out <- prometheus.MustNewConstMetric(g.open, prometheus.GaugeValue, float64(open))
	out <- prometheus.MustNewConstMetric(g.sent, prometheus.CounterValue, float64(sent))
	out <- prometheus.MustNewConstMetric(g.dropped, prometheus.CounterValue, float64(dropped))
}
