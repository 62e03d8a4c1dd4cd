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
		if read := metricNamed(s.name); read != nil {
			read(r, s)
		} else if !s.readRegistered() {
			s.kind, s.scalar = metricBad, 0
		}
	}
}

func metricNamed(name string) func(*metricReading, *metricSample) {
	for i := range metricTable {
		if metricTable[i].name == name {
			return metricTable[i].read
		}
	}
	return nil
}

// metricNames is for the test of package runtime/metrics, which compares it with the documented names.
//
//go:linkname metricNames runtime/metrics_test.runtime_readMetricNames
func metricNames() (names []string) {
	for i := range metricTable {
		names = append(names, metricTable[i].name)
	}
	for i := range godebugs_All {
		if info := &godebugs_All[i]; !info.Opaque {
			names = append(names, godebugBefore+info.Name+godebugAfter)
		}
	}
	return names
}

// metricReading is what one call of metrics.Read has looked at so far: each group of numbers is read once, if at all.
type metricReading struct {
	mem       MemStats
	haveMem   bool
	sched     [6]uint64
	haveSched bool
}

func (r *metricReading) memory() *MemStats {
	if !r.haveMem {
		ReadMemStats(&r.mem)
		r.haveMem = true
	}
	return &r.mem
}

func readschedstats(out *[6]uint64)

// scheduler is the number of goroutines ever created, of those that run, can run, wait, and are in system calls, and
// of threads.
func (r *metricReading) scheduler() *[6]uint64 {
	if !r.haveSched {
		readschedstats(&r.sched)
		r.haveSched = true
	}
	return &r.sched
}

// startingStack is the size of a goroutine's first stack segment, its G included.
const startingStack = 2048

// free is memory that nothing uses and that the process keeps: that of ended goroutines, so far.
func (m *MemStats) free() uint64 { return m.HeapIdle - m.HeapReleased + m.StackSys - m.StackInuse }

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

func (s *metricSample) set(v uint64) { s.kind, s.scalar = metricUint64, v }

func (s *metricSample) setFloat(v float64) {
	s.kind, s.scalar = metricFloat64, *(*uint64)(unsafe.Pointer(&v))
}

// noNumber is for what a runtime without collector and cgo has nothing to count of; metadata is part of "other".
func noNumber(r *metricReading, s *metricSample) { s.set(0) }

// noTime is for processor times. Official Go counts them when a cycle of the collector ends, the time of the program
// too: before the first cycle they are all 0.
func noTime(r *metricReading, s *metricSample) { s.setFloat(0) }

var metricTable = [...]struct {
	name string
	read func(*metricReading, *metricSample)
}{
	{"/cgo/go-to-c-calls:calls", noNumber},
	{"/cpu/classes/gc/mark/assist:cpu-seconds", noTime},
	{"/cpu/classes/gc/mark/dedicated:cpu-seconds", noTime},
	{"/cpu/classes/gc/mark/idle:cpu-seconds", noTime},
	{"/cpu/classes/gc/pause:cpu-seconds", noTime},
	{"/cpu/classes/gc/total:cpu-seconds", noTime},
	{"/cpu/classes/idle:cpu-seconds", noTime},
	{"/cpu/classes/scavenge/assist:cpu-seconds", noTime},
	{"/cpu/classes/scavenge/background:cpu-seconds", noTime},
	{"/cpu/classes/scavenge/total:cpu-seconds", noTime},
	{"/cpu/classes/total:cpu-seconds", noTime},
	{"/cpu/classes/user:cpu-seconds", noTime},
	{"/gc/cleanups/executed:cleanups", noNumber},
	{"/gc/cleanups/queued:cleanups", noNumber},
	{"/gc/cycles/automatic:gc-cycles", func(r *metricReading, s *metricSample) { s.set(uint64(r.memory().NumGC - r.memory().NumForcedGC)) }},
	{"/gc/cycles/forced:gc-cycles", func(r *metricReading, s *metricSample) { s.set(uint64(r.memory().NumForcedGC)) }},
	{"/gc/cycles/total:gc-cycles", func(r *metricReading, s *metricSample) { s.set(uint64(r.memory().NumGC)) }},
	{"/gc/finalizers/executed:finalizers", noNumber},
	{"/gc/finalizers/queued:finalizers", noNumber},
	{"/gc/gogc:percent", func(r *metricReading, s *metricSample) { s.set(uint64(gcpercent)) }},
	{"/gc/gomemlimit:bytes", func(r *metricReading, s *metricSample) { s.set(uint64(memoryLimit)) }},
	{"/gc/heap/allocs-by-size:bytes", func(r *metricReading, s *metricSample) { allocsBySize(s.histogram()) }},
	{"/gc/heap/allocs:bytes", func(r *metricReading, s *metricSample) { s.set(r.memory().TotalAlloc) }},
	{"/gc/heap/allocs:objects", func(r *metricReading, s *metricSample) { s.set(r.memory().Mallocs) }},
	{"/gc/heap/frees-by-size:bytes", func(r *metricReading, s *metricSample) { noSizes(s.histogram()) }},
	{"/gc/heap/frees:bytes", func(r *metricReading, s *metricSample) { s.set(r.memory().TotalAlloc - r.memory().Alloc) }},
	{"/gc/heap/frees:objects", func(r *metricReading, s *metricSample) { s.set(r.memory().Frees) }},
	{"/gc/heap/goal:bytes", func(r *metricReading, s *metricSample) { s.set(^uint64(0)) }}, // as with GOGC=off
	{"/gc/heap/live:bytes", noNumber},
	{"/gc/heap/objects:objects", func(r *metricReading, s *metricSample) { s.set(r.memory().HeapObjects) }},
	{"/gc/heap/tiny/allocs:objects", func(r *metricReading, s *metricSample) { s.set(r.memory().tiny()) }},
	{"/gc/limiter/last-enabled:gc-cycle", noNumber},
	{"/gc/pauses:seconds", func(r *metricReading, s *metricSample) { noTimes(s.histogram()) }},
	{"/gc/scan/globals:bytes", noNumber},
	{"/gc/scan/heap:bytes", noNumber},
	{"/gc/scan/stack:bytes", noNumber},
	{"/gc/scan/total:bytes", noNumber},
	{"/gc/stack/starting-size:bytes", func(r *metricReading, s *metricSample) { s.set(startingStack) }},
	{"/memory/classes/heap/free:bytes", func(r *metricReading, s *metricSample) { s.set(r.memory().free()) }},
	{"/memory/classes/heap/objects:bytes", func(r *metricReading, s *metricSample) { s.set(r.memory().HeapAlloc) }},
	{"/memory/classes/heap/released:bytes", func(r *metricReading, s *metricSample) { s.set(r.memory().HeapReleased) }},
	{"/memory/classes/heap/stacks:bytes", func(r *metricReading, s *metricSample) { s.set(r.memory().StackInuse) }},
	{"/memory/classes/heap/unused:bytes", func(r *metricReading, s *metricSample) { s.set(r.memory().HeapInuse - r.memory().HeapAlloc) }},
	{"/memory/classes/metadata/mcache/free:bytes", noNumber},
	{"/memory/classes/metadata/mcache/inuse:bytes", noNumber},
	{"/memory/classes/metadata/mspan/free:bytes", noNumber},
	{"/memory/classes/metadata/mspan/inuse:bytes", noNumber},
	{"/memory/classes/metadata/other:bytes", func(r *metricReading, s *metricSample) { s.set(r.memory().GCSys) }},
	{"/memory/classes/os-stacks:bytes", noNumber},
	{"/memory/classes/other:bytes", func(r *metricReading, s *metricSample) { s.set(r.memory().OtherSys) }},
	{"/memory/classes/profiling/buckets:bytes", noNumber},
	{"/memory/classes/total:bytes", func(r *metricReading, s *metricSample) { s.set(r.memory().Sys) }},
	{"/sched/gomaxprocs:threads", func(r *metricReading, s *metricSample) { s.set(uint64(GOMAXPROCS(0))) }},
	{"/sched/goroutines-created:goroutines", func(r *metricReading, s *metricSample) { s.set(r.scheduler()[0]) }},
	{"/sched/goroutines/not-in-go:goroutines", func(r *metricReading, s *metricSample) { s.set(r.scheduler()[4]) }},
	{"/sched/goroutines/runnable:goroutines", func(r *metricReading, s *metricSample) { s.set(r.scheduler()[2]) }},
	{"/sched/goroutines/running:goroutines", func(r *metricReading, s *metricSample) { s.set(r.scheduler()[1]) }},
	{"/sched/goroutines/waiting:goroutines", func(r *metricReading, s *metricSample) { s.set(r.scheduler()[3]) }},
	{"/sched/goroutines:goroutines", func(r *metricReading, s *metricSample) { s.set(uint64(NumGoroutine())) }},
	{"/sched/latencies:seconds", func(r *metricReading, s *metricSample) { noTimes(s.histogram()) }}, // not counted: it would cost every wake-up a look at the clock
	{"/sched/pauses/stopping/gc:seconds", func(r *metricReading, s *metricSample) { noTimes(s.histogram()) }},
	{"/sched/pauses/stopping/other:seconds", func(r *metricReading, s *metricSample) { timesOf(s.histogram(), 0) }},
	{"/sched/pauses/total/gc:seconds", func(r *metricReading, s *metricSample) { noTimes(s.histogram()) }},
	{"/sched/pauses/total/other:seconds", func(r *metricReading, s *metricSample) { timesOf(s.histogram(), 1) }},
	{"/sched/threads/total:threads", func(r *metricReading, s *metricSample) { s.set(r.scheduler()[5]) }},
	{"/sync/mutex/wait/total:seconds", func(r *metricReading, s *metricSample) { s.setFloat(float64(xadd64(&mutexWait, 0)) / 1e9) }},
}

// readRegistered looks for a metric of a package. Settings of GODEBUG that no package has asked for have changed
// nothing.
func (s *metricSample) readRegistered() bool {
	semacquire1(&metricReaders.sema, false, semaPlain)
	list := metricReaders.list
	semrelease(&metricReaders.sema, false)
	for i := range list {
		if list[i].name == s.name {
			s.set(list[i].read())
			return true
		}
	}
	const before, after = godebugBefore, godebugAfter
	if n := len(s.name) - len(after); n > len(before) && s.name[:len(before)] == before && s.name[n:] == after {
		if info := godebugs_Lookup(s.name[len(before):n]); info != nil && !info.Opaque {
			s.set(0)
			return true
		}
	}
	return false
}

const godebugBefore, godebugAfter = "/godebug/non-default-behavior/", ":events"

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

//go:linkname godebugs_All internal/godebugs.All
var godebugs_All []godebugsInfo
