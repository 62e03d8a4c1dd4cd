package runtime

import "unsafe"

// For package runtime/metrics: what this runtime counts. Other metrics are of kind "bad", which means unknown.

// metricSample has the layout of metrics.Sample.
type metricSample struct {
	name    string
	kind    int // 0 bad, 1 uint64
	scalar  uint64
	pointer unsafe.Pointer
}

// metricReaders are those of internal/godebug: how often a setting has changed what the program does. A list that has been
// seen does not change: who adds to it makes another.
var metricReaders = struct {
	sema uint32 // 1 if free
	list []metricReader
}{sema: 1}

type metricReader struct {
	name string
	read func() uint64
}

func registerMetric(name string, read func() uint64) {
	semacquire1(&metricReaders.sema, false, semaPlain)
	old := metricReaders.list
	metricReaders.list = append(old[:len(old):len(old)], metricReader{name, read})
	semrelease(&metricReaders.sema, false)
}

//go:linkname metrics_read runtime/metrics.runtime_readMetrics
func metrics_read(samples unsafe.Pointer, n, _ int) {
	var m MemStats
	ReadMemStats(&m)
	for i := range n {
		s := (*metricSample)(add(samples, uintptr(i)*unsafe.Sizeof(metricSample{})))
		s.kind = 1
		switch s.name {
		case "/gc/cycles/automatic:gc-cycles":
			s.scalar = uint64(m.NumGC - m.NumForcedGC)
		case "/gc/cycles/forced:gc-cycles":
			s.scalar = uint64(m.NumForcedGC)
		case "/gc/cycles/total:gc-cycles":
			s.scalar = uint64(m.NumGC)
		case "/gc/gogc:percent":
			s.scalar = uint64(gcpercent)
		case "/gc/gomemlimit:bytes":
			s.scalar = uint64(memoryLimit)
		case "/gc/heap/allocs:bytes":
			s.scalar = m.TotalAlloc
		case "/gc/heap/allocs:objects":
			s.scalar = m.Mallocs
		case "/gc/heap/frees:bytes":
			s.scalar = m.TotalAlloc - m.Alloc
		case "/gc/heap/frees:objects":
			s.scalar = m.Frees
		case "/gc/heap/objects:objects":
			s.scalar = m.HeapObjects
		case "/memory/classes/heap/objects:bytes":
			s.scalar = m.HeapAlloc
		case "/memory/classes/heap/stacks:bytes":
			s.scalar = m.StackInuse
		case "/memory/classes/total:bytes":
			s.scalar = m.Sys
		case "/sched/gomaxprocs:threads":
			s.scalar = uint64(GOMAXPROCS(0))
		case "/sched/goroutines:goroutines":
			s.scalar = uint64(NumGoroutine())
		default:
			s.readRegistered()
		}
	}
}

// readRegistered looks for a metric of a package.
func (s *metricSample) readRegistered() {
	semacquire1(&metricReaders.sema, false, semaPlain)
	list := metricReaders.list
	semrelease(&metricReaders.sema, false)
	for i := range list {
		if list[i].name == s.name {
			s.scalar = list[i].read()
			return
		}
	}
	s.kind, s.scalar = 0, 0
}
