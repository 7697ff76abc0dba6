package httpapi

import (
	"fmt"
	"sync/atomic"

	"inglenook/store"

	"github.com/VictoriaMetrics/metrics"
)

// meters count for GET /metrics.
type meters struct {
	set     *metrics.Set
	streams atomic.Int64
}

func (m *meters) init(a *API) {
	m.set = metrics.NewSet()
	gauge := func(name string, value func() float64) { m.set.NewGauge("inglenook_"+name, value) }
	gauge("streams", func() float64 { return float64(m.streams.Load()) })
	gauge("event_id", func() float64 { return float64(a.Store.Head().ID) })
	gauge("table_bytes", func() float64 { return float64(a.Store.Sizes().Tables) })
	gauge("value_log_bytes", func() float64 { return float64(a.Store.Sizes().ValueLog) })
	gauge("disk_free_bytes", func() float64 { return float64(a.Store.Sizes().Free) })
}

func (m *meters) request(status int) {
	m.set.GetOrCreateCounter(fmt.Sprintf(`inglenook_requests_total{status="%d"}`, status)).Inc()
}

func (m *meters) problem(code store.Code) {
	m.set.GetOrCreateCounter(fmt.Sprintf(`inglenook_problems_total{code=%q}`, code)).Inc()
}

func (m *meters) batch(result store.BatchResult) {
	for _, r := range result.Results {
		m.set.GetOrCreateCounter(fmt.Sprintf(`inglenook_replacements_total{status=%q}`, r.Status)).Inc()
	}
}
