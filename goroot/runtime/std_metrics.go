package runtime

import "unsafe"

// For package runtime/metrics. Every metric that official Go knows has its kind here, and the value that this runtime
// counts; "bad" is for names that it does not know either.

// Kinds of values.
const (
	metricBad = iota
	metricUint64
	metricFloat64
	metricHistogram
)

// metricSample has the layout of metrics.Sample.
type metricSample struct {
	name    string
	kind    int
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
	r := new(metricReading)
	for i := range n {
		s := (*metricSample)(add(samples, uintptr(i)*unsafe.Sizeof(metricSample{})))
		switch {
		case r.uint64(s) || s.histogram() || s.readRegistered():
		case noFloat(s.name):
			s.kind, s.scalar = metricFloat64, 0
		case s.name == "/sync/mutex/wait/total:seconds":
			s.setFloat(float64(xadd64(&mutexWait, 0)) / 1e9)
		default:
			s.kind, s.scalar = metricBad, 0
		}
	}
}

// metricReading is what one call of metrics.Read has looked at so far: each group of numbers is read once, if at all.
type metricReading struct {
	mem       MemStats
	haveMem   bool
	sched     [6]uint64 // created, running, runnable, waiting, in system calls; threads
	haveSched bool
}

func readschedstats(out *[6]uint64)

// uint64 reads a metric that is a number, and says whether s is one.
func (r *metricReading) uint64(s *metricSample) bool {
	var v uint64
	switch s.name {
	case "/sched/gomaxprocs:threads":
		v = uint64(GOMAXPROCS(0))
	case "/sched/goroutines:goroutines":
		v = uint64(NumGoroutine())
	case "/gc/gogc:percent":
		v = uint64(gcpercent)
	case "/gc/gomemlimit:bytes":
		v = uint64(memoryLimit)
	case "/gc/heap/goal:bytes":
		v = ^uint64(0) // as with GOGC=off
	case "/gc/stack/starting-size:bytes":
		v = startingStack
	default:
		return r.ofScheduler(s) || r.ofMemory(s)
	}
	s.kind, s.scalar = metricUint64, v
	return true
}

// startingStack is the size of a goroutine's first stack segment, its G included.
const startingStack = 2048

func (r *metricReading) ofScheduler(s *metricSample) bool {
	var i int
	switch s.name {
	case "/sched/goroutines-created:goroutines":
		i = 0
	case "/sched/goroutines/running:goroutines":
		i = 1
	case "/sched/goroutines/runnable:goroutines":
		i = 2
	case "/sched/goroutines/waiting:goroutines":
		i = 3
	case "/sched/goroutines/not-in-go:goroutines":
		i = 4
	case "/sched/threads/total:threads":
		i = 5
	default:
		return false
	}
	if !r.haveSched {
		readschedstats(&r.sched)
		r.haveSched = true
	}
	s.kind, s.scalar = metricUint64, r.sched[i]
	return true
}

func (r *metricReading) ofMemory(s *metricSample) bool {
	if !r.haveMem {
		ReadMemStats(&r.mem)
		r.haveMem = true
	}
	m := &r.mem
	var v uint64
	switch s.name {
	case "/gc/cycles/automatic:gc-cycles":
		v = uint64(m.NumGC - m.NumForcedGC)
	case "/gc/cycles/forced:gc-cycles":
		v = uint64(m.NumForcedGC)
	case "/gc/cycles/total:gc-cycles":
		v = uint64(m.NumGC)
	case "/gc/heap/allocs:bytes":
		v = m.TotalAlloc
	case "/gc/heap/allocs:objects":
		v = m.Mallocs
	case "/gc/heap/frees:bytes":
		v = m.TotalAlloc - m.Alloc
	case "/gc/heap/frees:objects":
		v = m.Frees
	case "/gc/heap/objects:objects":
		v = m.HeapObjects
	case "/gc/heap/tiny/allocs:objects":
		v = m.tiny()
	case "/memory/classes/heap/free:bytes":
		v = m.HeapIdle - m.HeapReleased + m.StackSys - m.StackInuse
	case "/memory/classes/heap/objects:bytes":
		v = m.HeapAlloc
	case "/memory/classes/heap/released:bytes":
		v = m.HeapReleased
	case "/memory/classes/heap/stacks:bytes":
		v = m.StackInuse
	case "/memory/classes/heap/unused:bytes":
		v = m.HeapInuse - m.HeapAlloc
	case "/memory/classes/metadata/other:bytes":
		v = m.GCSys
	case "/memory/classes/other:bytes":
		v = m.OtherSys
	case "/memory/classes/total:bytes":
		v = m.Sys
	// No collector, no cgo: there is nothing that these count.
	case "/cgo/go-to-c-calls:calls", "/gc/cleanups/executed:cleanups", "/gc/cleanups/queued:cleanups",
		"/gc/finalizers/executed:finalizers", "/gc/finalizers/queued:finalizers", "/gc/heap/live:bytes",
		"/gc/limiter/last-enabled:gc-cycle", "/gc/scan/globals:bytes", "/gc/scan/heap:bytes", "/gc/scan/stack:bytes",
		"/gc/scan/total:bytes",
		// Part of "other" here.
		"/memory/classes/metadata/mcache/free:bytes", "/memory/classes/metadata/mcache/inuse:bytes",
		"/memory/classes/metadata/mspan/free:bytes", "/memory/classes/metadata/mspan/inuse:bytes",
		"/memory/classes/os-stacks:bytes", "/memory/classes/profiling/buckets:bytes":
	default:
		return false
	}
	s.kind, s.scalar = metricUint64, v
	return true
}

// tiny is the number of small objects without pointers that share a block with others: allocations beyond the blocks.
func (m *MemStats) tiny() uint64 {
	var sizes [numSizeClasses]sizeAllocs
	readallocs(&sizes)
	rest := m.Mallocs
	for _, c := range sizes {
		rest -= min(rest, c.n)
	}
	return rest
}

// noFloat are processor times of the collector's classes. Official Go counts them when a cycle ends, the time of the
// program too: before the first cycle they are all 0.
func noFloat(name string) bool {
	switch name {
	case "/cpu/classes/gc/mark/assist:cpu-seconds", "/cpu/classes/gc/mark/dedicated:cpu-seconds",
		"/cpu/classes/gc/mark/idle:cpu-seconds", "/cpu/classes/gc/pause:cpu-seconds",
		"/cpu/classes/gc/total:cpu-seconds", "/cpu/classes/idle:cpu-seconds",
		"/cpu/classes/scavenge/assist:cpu-seconds", "/cpu/classes/scavenge/background:cpu-seconds",
		"/cpu/classes/scavenge/total:cpu-seconds", "/cpu/classes/total:cpu-seconds", "/cpu/classes/user:cpu-seconds":
		return true
	}
	return false
}

func (s *metricSample) setFloat(v float64) {
	s.kind, s.scalar = metricFloat64, *(*uint64)(unsafe.Pointer(&v))
}

// readRegistered looks for a metric of a package. Settings of GODEBUG that no package has asked for have changed
// nothing.
func (s *metricSample) readRegistered() bool {
	semacquire1(&metricReaders.sema, false, semaPlain)
	list := metricReaders.list
	semrelease(&metricReaders.sema, false)
	for i := range list {
		if list[i].name == s.name {
			s.kind, s.scalar = metricUint64, list[i].read()
			return true
		}
	}
	const before, after = "/godebug/non-default-behavior/", ":events"
	if n := len(s.name) - len(after); n > len(before) && s.name[:len(before)] == before && s.name[n:] == after {
		if info := godebugs_Lookup(s.name[len(before):n]); info != nil && !info.Opaque {
			s.kind, s.scalar = metricUint64, 0
			return true
		}
	}
	return false
}

// godebugsInfo has the layout of internal/godebugs.Info.
type godebugsInfo struct {
	Name      string
	Package   string
	Changed   int
	Old       string
	Opaque    bool
	Immutable bool
}

//go:linkname godebugs_Lookup internal/godebugs.Lookup
func godebugs_Lookup(name string) *godebugsInfo
