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

// ofMemory is a metric that is one of the counts of memory, or computed from them.
func ofMemory(f func(*memCounts) uint64) func(*metricReading, *metricSample) {
	return func(r *metricReading, s *metricSample) { s.set(f(r.memory())) }
}

// ofTime is a metric of processor time. All are counted when a cycle of the collector ends, the time of the program too:
// before the first cycle they are 0.
func ofTime(f func(*memCounts) uint64) func(*metricReading, *metricSample) {
	return func(r *metricReading, s *metricSample) { s.setFloat(float64(f(r.memory())) / 1e9) }
}

var metricTable = [...]struct {
	name string
	read func(*metricReading, *metricSample)
}{
	{"/cgo/go-to-c-calls:calls", func(r *metricReading, s *metricSample) { s.set(0) }},
	{"/cpu/classes/gc/mark/assist:cpu-seconds", ofTime(func(c *memCounts) uint64 { return c.cpuAssist })},
	{"/cpu/classes/gc/mark/dedicated:cpu-seconds", ofTime(func(c *memCounts) uint64 { return c.cpuDedicated })},
	{"/cpu/classes/gc/mark/idle:cpu-seconds", ofTime(func(c *memCounts) uint64 { return c.cpuMarkIdle })},
	{"/cpu/classes/gc/pause:cpu-seconds", ofTime(func(c *memCounts) uint64 { return c.cpuPause })},
	{"/cpu/classes/gc/total:cpu-seconds", ofTime(func(c *memCounts) uint64 { return c.cpuCollecting() + c.cpuMarkIdle })},
	{"/cpu/classes/idle:cpu-seconds", ofTime(func(c *memCounts) uint64 { return c.cpuIdle })},
	{"/cpu/classes/scavenge/assist:cpu-seconds", ofTime(func(c *memCounts) uint64 { return c.cpuScavengeAssist })},
	{"/cpu/classes/scavenge/background:cpu-seconds", ofTime(func(c *memCounts) uint64 { return c.cpuScavenge })},
	{"/cpu/classes/scavenge/total:cpu-seconds", ofTime(func(c *memCounts) uint64 { return c.cpuScavengeAssist + c.cpuScavenge })},
	{"/cpu/classes/total:cpu-seconds", ofTime(func(c *memCounts) uint64 { return c.cpuTotal })},
	{"/cpu/classes/user:cpu-seconds", ofTime(func(c *memCounts) uint64 { return c.user() })},
	{"/gc/cleanups/executed:cleanups", ofMemory(func(c *memCounts) uint64 { return c.cleanups[1] })},
	{"/gc/cleanups/queued:cleanups", ofMemory(func(c *memCounts) uint64 { return c.cleanups[0] })},
	{"/gc/cycles/automatic:gc-cycles", ofMemory(func(c *memCounts) uint64 { return c.numGC - c.numForced })},
	{"/gc/cycles/forced:gc-cycles", ofMemory(func(c *memCounts) uint64 { return c.numForced })},
	{"/gc/cycles/total:gc-cycles", ofMemory(func(c *memCounts) uint64 { return c.numGC })},
	{"/gc/finalizers/executed:finalizers", ofMemory(func(c *memCounts) uint64 { return c.finalizers[1] })},
	{"/gc/finalizers/queued:finalizers", ofMemory(func(c *memCounts) uint64 { return c.finalizers[0] })},
	{"/gc/gogc:percent", ofMemory(func(c *memCounts) uint64 { return uint64(c.gogc) })},
	{"/gc/gomemlimit:bytes", ofMemory(func(c *memCounts) uint64 { return uint64(c.memoryLimit) })},
	{"/gc/heap/allocs-by-size:bytes", func(r *metricReading, s *metricSample) { c := r.memory(); s.histogram().bySize(&c.allocs, &r.sizes) }},
	{"/gc/heap/allocs:bytes", func(r *metricReading, s *metricSample) { _, n := r.allocated(); s.set(n) }},
	{"/gc/heap/allocs:objects", func(r *metricReading, s *metricSample) { n, _ := r.allocated(); s.set(n) }},
	{"/gc/heap/frees-by-size:bytes", func(r *metricReading, s *metricSample) { c := r.memory(); s.histogram().bySize(&c.frees, &r.sizes) }},
	{"/gc/heap/frees:bytes", func(r *metricReading, s *metricSample) { _, n := r.freed(); s.set(n) }},
	{"/gc/heap/frees:objects", func(r *metricReading, s *metricSample) { n, _ := r.freed(); s.set(n) }},
	{"/gc/heap/goal:bytes", ofMemory(func(c *memCounts) uint64 { return c.heapGoal })},
	{"/gc/heap/live:bytes", ofMemory(func(c *memCounts) uint64 { return c.heapLive })},
	{"/gc/heap/objects:objects", func(r *metricReading, s *metricSample) { n, _ := r.alive(); s.set(n) }},
	{"/gc/heap/tiny/allocs:objects", ofMemory(func(c *memCounts) uint64 { return c.tinyAllocs })},
	{"/gc/limiter/last-enabled:gc-cycle", ofMemory(func(c *memCounts) uint64 { return c.limiterCycle })},
	{"/gc/pauses:seconds", func(r *metricReading, s *metricSample) { timesOf(s.histogram(), stoppedCollector) }},
	{"/gc/scan/globals:bytes", ofMemory(func(c *memCounts) uint64 { return c.globalsScan })},
	{"/gc/scan/heap:bytes", ofMemory(func(c *memCounts) uint64 { return c.heapScan })},
	{"/gc/scan/stack:bytes", ofMemory(func(c *memCounts) uint64 { return c.stackScan })},
	{"/gc/scan/total:bytes", ofMemory(func(c *memCounts) uint64 { return c.globalsScan + c.heapScan + c.stackScan })},
	{"/gc/stack/starting-size:bytes", func(r *metricReading, s *metricSample) { s.set(startingStack) }},
	{"/memory/classes/heap/free:bytes", ofMemory(func(c *memCounts) uint64 { return c.free() })},
	{"/memory/classes/heap/objects:bytes", func(r *metricReading, s *metricSample) { _, n := r.alive(); s.set(n) }},
	{"/memory/classes/heap/released:bytes", ofMemory(func(c *memCounts) uint64 { return c.heapReleased })},
	{"/memory/classes/heap/stacks:bytes", ofMemory(func(c *memCounts) uint64 { return c.stacksInuse })},
	{"/memory/classes/heap/unused:bytes", func(r *metricReading, s *metricSample) { _, n := r.alive(); s.set(r.memory().heapInuse - n) }},
	{"/memory/classes/metadata/mcache/free:bytes", ofMemory(func(c *memCounts) uint64 { return c.mcacheSys - c.mcacheInuse })},
	{"/memory/classes/metadata/mcache/inuse:bytes", ofMemory(func(c *memCounts) uint64 { return c.mcacheInuse })},
	{"/memory/classes/metadata/mspan/free:bytes", ofMemory(func(c *memCounts) uint64 { return c.mspanSys - c.mspanInuse })},
	{"/memory/classes/metadata/mspan/inuse:bytes", ofMemory(func(c *memCounts) uint64 { return c.mspanInuse })},
	{"/memory/classes/metadata/other:bytes", ofMemory(func(c *memCounts) uint64 { return c.gcSys })},
	{"/memory/classes/os-stacks:bytes", func(r *metricReading, s *metricSample) { s.set(0) }},
	{"/memory/classes/other:bytes", ofMemory(func(c *memCounts) uint64 { return c.otherSys })},
	{"/memory/classes/profiling/buckets:bytes", ofMemory(func(c *memCounts) uint64 { return c.profileSys })},
	{"/memory/classes/total:bytes", ofMemory(func(c *memCounts) uint64 { return c.sys() })},
	{"/sched/gomaxprocs:threads", func(r *metricReading, s *metricSample) { s.set(uint64(GOMAXPROCS(0))) }},
	{"/sched/goroutines-created:goroutines", func(r *metricReading, s *metricSample) { s.set(r.scheduler()[0]) }},
	{"/sched/goroutines/not-in-go:goroutines", func(r *metricReading, s *metricSample) { s.set(r.scheduler()[4]) }},
	{"/sched/goroutines/runnable:goroutines", func(r *metricReading, s *metricSample) { s.set(r.scheduler()[2]) }},
	{"/sched/goroutines/running:goroutines", func(r *metricReading, s *metricSample) { s.set(r.scheduler()[1]) }},
	{"/sched/goroutines/waiting:goroutines", func(r *metricReading, s *metricSample) { s.set(r.scheduler()[3]) }},
	{"/sched/goroutines:goroutines", func(r *metricReading, s *metricSample) { s.set(uint64(NumGoroutine())) }},
	{"/sched/latencies:seconds", func(r *metricReading, s *metricSample) { noTimes(s.histogram()) }}, // not counted: it would cost every wake-up a look at the clock
	{"/sched/pauses/stopping/gc:seconds", func(r *metricReading, s *metricSample) { timesOf(s.histogram(), stoppingCollector) }},
	{"/sched/pauses/stopping/other:seconds", func(r *metricReading, s *metricSample) { timesOf(s.histogram(), stopping) }},
	{"/sched/pauses/total/gc:seconds", func(r *metricReading, s *metricSample) { timesOf(s.histogram(), stoppedCollector) }},
	{"/sched/pauses/total/other:seconds", func(r *metricReading, s *metricSample) { timesOf(s.histogram(), stopped) }},
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
