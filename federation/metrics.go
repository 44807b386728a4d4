package federation

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what passes on the road. Labels come from closed sets, so that no stranger can make them grow.
type metrics struct {
	received   *prometheus.CounterVec
	deliveries *prometheus.CounterVec
}

func newMetrics(registry prometheus.Registerer) *metrics {
	m := &metrics{
		received: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "meent_activities_received_total", Help: "Activities taken in, by type and outcome.",
		}, []string{"type", "outcome"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "meent_deliveries_total", Help: "Attempts to deliver, by HTTP status class, or error.",
		}, []string{"result"}),
	}
	if registry != nil {
		registry.MustRegister(m.received, m.deliveries)
	}
	return m
}

// delivery counts one attempt.
func (m *metrics) delivery(status int, err error) {
	result := "error"
	if err == nil {
		result = strconv.Itoa(status/100) + "xx"
	}
	m.deliveries.WithLabelValues(result).Inc()
}
