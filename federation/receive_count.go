package federation

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// receipts counts what comes in.
type receipts struct {
	known      map[string]verification
	requests   *prometheus.CounterVec
	activities *prometheus.CounterVec
}

func newReceipts(known map[string]verification) *receipts {
	return &receipts{
		known: known,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "meent_inbox_requests_total", Help: "Requests to an inbox, by the status of the answer.",
		}, []string{"status"}),
		activities: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "meent_received_activities_total", Help: "Activities of other towns, by type and by what became of them.",
		}, []string{"type", "outcome"}),
	}
}

// Describe and Collect implement [prometheus.Collector].
func (c *receipts) Describe(ch chan<- *prometheus.Desc) {
	c.requests.Describe(ch)
	c.activities.Describe(ch)
}

// Collect implements [prometheus.Collector].
func (c *receipts) Collect(ch chan<- prometheus.Metric) {
	c.requests.Collect(ch)
	c.activities.Collect(ch)
}

func (c *receipts) request(status int) { c.requests.WithLabelValues(strconv.Itoa(status)).Inc() }

// settled counts strangers' own types together, as they could invent any number.
func (c *receipts) settled(kind, outcome string) {
	if c.known[kind] == nil {
		kind = "other"
	}
	c.activities.WithLabelValues(kind, outcome).Inc()
}

// Received returns the counters of what comes in, for the metrics page.
func (r *Road) Received() prometheus.Collector { return r.counts }
