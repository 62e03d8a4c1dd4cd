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
	semacquire1(&metricReaders.sema, false, semaPlain, 0)
	old := metricReaders.list
	metricReaders.list = append(old[:len(old):len(old)], metricReader{name, read})
	semrelease(&metricReaders.sema, false, 0)
}

//go:linkname metrics_read runtime/metrics.runtime_readMetrics
func metrics_read(samples unsafe.Pointer, n, _ int) {
	r := new(metricReading)
	for i := range n {
		s := (*metricSample)(add(samples, uintptr(i)*unsafe.Sizeof(metricSample{})))
		if m := metricNamed(s.name); m != nil {
			m.value(r, s)
		} else if !s.readRegistered() {
			s.kind, s.scalar = metricBad, 0
		}
	}
}

func metricNamed(name string) *metric {
	for i := range metricTable {
		if metricTable[i].name == name {
			return &metricTable[i]
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
	counts    memCounts
	sizes     [numSizeClasses]uint64 // of the classes from 1 on; 0 if counts has not been read yet
	sched     [6]uint64
	haveSched bool
}

func (r *metricReading) memory() *memCounts {
	if r.sizes[1] == 0 {
		readclasses(&r.sizes)
		readmemcounts(&r.counts)
	}
	return &r.counts
}

func (r *metricReading) allocated() (objects, bytes uint64) {
	c := r.memory()
	return total(&c.allocs, &r.sizes, c.largeAlloc)
}

func (r *metricReading) freed() (objects, bytes uint64) {
	c := r.memory()
	return total(&c.frees, &r.sizes, c.largeFree)
}

// alive are objects that have been allocated, and not freed.
func (r *metricReading) alive() (objects, bytes uint64) {
	objects, bytes = r.allocated()
	freed, freedBytes := r.freed()
	return objects - freed, bytes - freedBytes
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

// free is memory that nothing uses and that the process keeps, that of ended goroutines included.
func (c *memCounts) free() uint64 { return c.heapFree + c.stacksSys - c.stacksInuse }

// user is the processor time that is left of the total for the program itself.
func (c *memCounts) user() uint64 {
	used := c.cpuCollecting() + c.cpuMarkIdle + c.cpuScavengeAssist + c.cpuScavenge + c.cpuIdle
	return c.cpuTotal - min(used, c.cpuTotal)
}

func (s *metricSample) set(v uint64) { s.kind, s.scalar = metricUint64, v }

func (s *metricSample) setFloat(v float64) {
	s.kind, s.scalar = metricFloat64, *(*uint64)(unsafe.Pointer(&v))
}

// A metric is a count of memory, a time, or something else. Processor times are all counted when a cycle of the collector
// ends, the time of the program too: before the first cycle they are 0.
type metric struct {
	name  string
	count func(*memCounts) uint64
	time  func(*memCounts) uint64 // nanoseconds
	read  func(*metricReading, *metricSample)
}

func (m *metric) value(r *metricReading, s *metricSample) {
	switch {
	case m.count != nil:
		s.set(m.count(r.memory()))
	case m.time != nil:
		s.setFloat(float64(m.time(r.memory())) / 1e9)
	default:
		m.read(r, s)
	}
}

var metricTable = [...]metric{
	{name: "/cgo/go-to-c-calls:calls", read: func(r *metricReading, s *metricSample) { s.set(0) }},
	{name: "/cpu/classes/gc/mark/assist:cpu-seconds", time: func(c *memCounts) uint64 { return c.cpuAssist }},
	{name: "/cpu/classes/gc/mark/dedicated:cpu-seconds", time: func(c *memCounts) uint64 { return c.cpuDedicated }},
	{name: "/cpu/classes/gc/mark/idle:cpu-seconds", time: func(c *memCounts) uint64 { return c.cpuMarkIdle }},
	{name: "/cpu/classes/gc/pause:cpu-seconds", time: func(c *memCounts) uint64 { return c.cpuPause }},
	{name: "/cpu/classes/gc/total:cpu-seconds", time: func(c *memCounts) uint64 { return c.cpuCollecting() + c.cpuMarkIdle }},
	{name: "/cpu/classes/idle:cpu-seconds", time: func(c *memCounts) uint64 { return c.cpuIdle }},
	{name: "/cpu/classes/scavenge/assist:cpu-seconds", time: func(c *memCounts) uint64 { return c.cpuScavengeAssist }},
	{name: "/cpu/classes/scavenge/background:cpu-seconds", time: func(c *memCounts) uint64 { return c.cpuScavenge }},
	{name: "/cpu/classes/scavenge/total:cpu-seconds", time: func(c *memCounts) uint64 { return c.cpuScavengeAssist + c.cpuScavenge }},
	{name: "/cpu/classes/total:cpu-seconds", time: func(c *memCounts) uint64 { return c.cpuTotal }},
	{name: "/cpu/classes/user:cpu-seconds", time: func(c *memCounts) uint64 { return c.user() }},
	{name: "/gc/cleanups/executed:cleanups", count: func(c *memCounts) uint64 { return c.cleanups[1] }},
	{name: "/gc/cleanups/queued:cleanups", count: func(c *memCounts) uint64 { return c.cleanups[0] }},
	{name: "/gc/cycles/automatic:gc-cycles", count: func(c *memCounts) uint64 { return c.numGC - c.numForced }},
	{name: "/gc/cycles/forced:gc-cycles", count: func(c *memCounts) uint64 { return c.numForced }},
	{name: "/gc/cycles/total:gc-cycles", count: func(c *memCounts) uint64 { return c.numGC }},
	{name: "/gc/finalizers/executed:finalizers", count: func(c *memCounts) uint64 { return c.finalizers[1] }},
	{name: "/gc/finalizers/queued:finalizers", count: func(c *memCounts) uint64 { return c.finalizers[0] }},
	{name: "/gc/gogc:percent", count: func(c *memCounts) uint64 { return uint64(c.gogc) }},
	{name: "/gc/gomemlimit:bytes", count: func(c *memCounts) uint64 { return uint64(c.memoryLimit) }},
	{name: "/gc/heap/allocs-by-size:bytes", read: func(r *metricReading, s *metricSample) { c := r.memory(); s.histogram().bySize(&c.allocs, &r.sizes) }},
	{name: "/gc/heap/allocs:bytes", read: func(r *metricReading, s *metricSample) { _, n := r.allocated(); s.set(n) }},
	{name: "/gc/heap/allocs:objects", read: func(r *metricReading, s *metricSample) { n, _ := r.allocated(); s.set(n) }},
	{name: "/gc/heap/frees-by-size:bytes", read: func(r *metricReading, s *metricSample) { c := r.memory(); s.histogram().bySize(&c.frees, &r.sizes) }},
	{name: "/gc/heap/frees:bytes", read: func(r *metricReading, s *metricSample) { _, n := r.freed(); s.set(n) }},
	{name: "/gc/heap/frees:objects", read: func(r *metricReading, s *metricSample) { n, _ := r.freed(); s.set(n) }},
	{name: "/gc/heap/goal:bytes", count: func(c *memCounts) uint64 { return c.heapGoal }},
	{name: "/gc/heap/live:bytes", count: func(c *memCounts) uint64 { return c.heapLive }},
	{name: "/gc/heap/objects:objects", read: func(r *metricReading, s *metricSample) { n, _ := r.alive(); s.set(n) }},
	{name: "/gc/heap/tiny/allocs:objects", count: func(c *memCounts) uint64 { return c.tinyAllocs }},
	{name: "/gc/limiter/last-enabled:gc-cycle", count: func(c *memCounts) uint64 { return c.limiterCycle }},
	{name: "/gc/pauses:seconds", read: func(r *metricReading, s *metricSample) { timesOf(s.histogram(), stoppedCollector) }},
	{name: "/gc/scan/globals:bytes", count: func(c *memCounts) uint64 { return c.globalsScan }},
	{name: "/gc/scan/heap:bytes", count: func(c *memCounts) uint64 { return c.heapScan }},
	{name: "/gc/scan/stack:bytes", count: func(c *memCounts) uint64 { return c.stackScan }},
	{name: "/gc/scan/total:bytes", count: func(c *memCounts) uint64 { return c.globalsScan + c.heapScan + c.stackScan }},
	{name: "/gc/stack/starting-size:bytes", read: func(r *metricReading, s *metricSample) { s.set(startingStack) }},
	{name: "/memory/classes/heap/free:bytes", count: func(c *memCounts) uint64 { return c.free() }},
	{name: "/memory/classes/heap/objects:bytes", read: func(r *metricReading, s *metricSample) { _, n := r.alive(); s.set(n) }},
	{name: "/memory/classes/heap/released:bytes", count: func(c *memCounts) uint64 { return c.heapReleased }},
	{name: "/memory/classes/heap/stacks:bytes", count: func(c *memCounts) uint64 { return c.stacksInuse }},
	{name: "/memory/classes/heap/unused:bytes", read: func(r *metricReading, s *metricSample) { _, n := r.alive(); s.set(r.memory().heapInuse - n) }},
	{name: "/memory/classes/metadata/mcache/free:bytes", count: func(c *memCounts) uint64 { return c.mcacheSys - c.mcacheInuse }},
	{name: "/memory/classes/metadata/mcache/inuse:bytes", count: func(c *memCounts) uint64 { return c.mcacheInuse }},
	{name: "/memory/classes/metadata/mspan/free:bytes", count: func(c *memCounts) uint64 { return c.mspanSys - c.mspanInuse }},
	{name: "/memory/classes/metadata/mspan/inuse:bytes", count: func(c *memCounts) uint64 { return c.mspanInuse }},
	{name: "/memory/classes/metadata/other:bytes", count: func(c *memCounts) uint64 { return c.gcSys }},
	{name: "/memory/classes/os-stacks:bytes", read: func(r *metricReading, s *metricSample) { s.set(0) }},
	{name: "/memory/classes/other:bytes", count: func(c *memCounts) uint64 { return c.otherSys }},
	{name: "/memory/classes/profiling/buckets:bytes", count: func(c *memCounts) uint64 { return c.profileSys }},
	{name: "/memory/classes/total:bytes", count: func(c *memCounts) uint64 { return c.sys() }},
	{name: "/sched/gomaxprocs:threads", read: func(r *metricReading, s *metricSample) { s.set(uint64(GOMAXPROCS(0))) }},
	{name: "/sched/goroutines-created:goroutines", read: func(r *metricReading, s *metricSample) { s.set(r.scheduler()[0]) }},
	{name: "/sched/goroutines/not-in-go:goroutines", read: func(r *metricReading, s *metricSample) { s.set(r.scheduler()[4]) }},
	{name: "/sched/goroutines/runnable:goroutines", read: func(r *metricReading, s *metricSample) { s.set(r.scheduler()[2]) }},
	{name: "/sched/goroutines/running:goroutines", read: func(r *metricReading, s *metricSample) { s.set(r.scheduler()[1]) }},
	{name: "/sched/goroutines/waiting:goroutines", read: func(r *metricReading, s *metricSample) { s.set(r.scheduler()[3]) }},
	{name: "/sched/goroutines:goroutines", read: func(r *metricReading, s *metricSample) { s.set(uint64(NumGoroutine())) }},
	{name: "/sched/latencies:seconds", read: func(r *metricReading, s *metricSample) { noTimes(s.histogram()) }}, // not counted: it would cost every wake-up a look at the clock
	{name: "/sched/pauses/stopping/gc:seconds", read: func(r *metricReading, s *metricSample) { timesOf(s.histogram(), stoppingCollector) }},
	{name: "/sched/pauses/stopping/other:seconds", read: func(r *metricReading, s *metricSample) { timesOf(s.histogram(), stopping) }},
	{name: "/sched/pauses/total/gc:seconds", read: func(r *metricReading, s *metricSample) { timesOf(s.histogram(), stoppedCollector) }},
	{name: "/sched/pauses/total/other:seconds", read: func(r *metricReading, s *metricSample) { timesOf(s.histogram(), stopped) }},
	{name: "/sched/threads/total:threads", read: func(r *metricReading, s *metricSample) { s.set(r.scheduler()[5]) }},
	{name: "/sync/mutex/wait/total:seconds", read: func(r *metricReading, s *metricSample) { s.setFloat(float64(xadd64(&mutexWait, 0)) / 1e9) }},
}

// readRegistered looks for a metric of a package. Settings of GODEBUG that no package has asked for have changed
// nothing.
func (s *metricSample) readRegistered() bool {
	semacquire1(&metricReaders.sema, false, semaPlain, 0)
	list := metricReaders.list
	semrelease(&metricReaders.sema, false, 0)
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
