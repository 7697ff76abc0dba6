package httpapi

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"inglenook/store"

	"github.com/VictoriaMetrics/metrics"
)

// meters count for GET /metrics.
type meters struct {
	set     *metrics.Set
	streams atomic.Int64
	unknown *metrics.Counter // values and tokens that are not ours

	counters sync.Map // by name and label
}

func (m *meters) init(a *API) {
	m.set = metrics.NewSet()
	m.unknown = m.set.NewCounter("inglenook_unknown_values_total")
	gauge := func(name string, value func() float64) { m.set.NewGauge("inglenook_"+name, value) }
	gauge("streams", func() float64 { return float64(m.streams.Load()) })
	gauge("event_id", func() float64 { return float64(a.Store.Head().ID) })
	gauge("table_bytes", func() float64 { return float64(a.Store.Sizes().Tables) })
	gauge("value_log_bytes", func() float64 { return float64(a.Store.Sizes().ValueLog) })
	gauge("disk_free_bytes", func() float64 { return float64(a.Store.Sizes().Free) })
}

func (m *meters) request(status int) { m.count("requests_total", "status", strconv.Itoa(status)) }

func (m *meters) problem(code store.Code) { m.count("problems_total", "code", string(code)) }

func (m *meters) batch(result store.BatchResult) {
	for _, r := range result.Results {
		m.count("replacements_total", "status", string(r.Status))
	}
}

// count counts one. The labels are ours and few, so each counter is looked up
// by name once only.
func (m *meters) count(name, label, value string) {
	key := [2]string{name, value}
	counter, ok := m.counters.Load(key)
	if !ok {
		counter, _ = m.counters.LoadOrStore(key, m.set.GetOrCreateCounter(fmt.Sprintf("inglenook_%s{%s=%q}", name, label, value)))
	}
	counter.(*metrics.Counter).Inc()
}
