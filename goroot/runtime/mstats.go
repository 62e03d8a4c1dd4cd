package runtime

// MemStats records statistics about the memory allocator.
type MemStats struct {
	Alloc         uint64
	TotalAlloc    uint64
	Sys           uint64
	Lookups       uint64
	Mallocs       uint64
	Frees         uint64
	HeapAlloc     uint64
	HeapSys       uint64
	HeapIdle      uint64
	HeapInuse     uint64
	HeapReleased  uint64
	HeapObjects   uint64
	StackInuse    uint64
	StackSys      uint64
	MSpanInuse    uint64
	MSpanSys      uint64
	MCacheInuse   uint64
	MCacheSys     uint64
	BuckHashSys   uint64
	GCSys         uint64
	OtherSys      uint64
	NextGC        uint64
	LastGC        uint64
	PauseTotalNs  uint64
	PauseNs       [256]uint64
	PauseEnd      [256]uint64
	NumGC         uint32
	NumForcedGC   uint32
	GCCPUFraction float64
	EnableGC      bool
	DebugGC       bool
	BySize        [61]struct {
		Size    uint32
		Mallocs uint64
		Frees   uint64
	}
}

// numSizeClasses is the number of size classes of the allocator; class 0 are large objects.
const numSizeClasses = 68

// memCounts is what the runtime counts: gc/stats.rs says what each number is.
type memCounts struct {
	heapInuse, heapFree, heapReleased                 uint64
	stacksInuse, stacksSys                            uint64
	mspanInuse, mspanSys, mcacheInuse, mcacheSys      uint64
	profileSys, gcSys, otherSys                       uint64
	largeAlloc, largeFree, tinyAllocs                 uint64
	heapGoal, heapLive                                uint64
	heapScan, stackScan, globalsScan                  uint64
	limiterCycle                                      uint64
	numGC, numForced, lastGC, pauseTotal              uint64
	cpuAssist, cpuDedicated, cpuMarkIdle, cpuPause    uint64
	cpuScavengeAssist, cpuScavenge, cpuIdle, cpuTotal uint64
	finalizers, cleanups                              [2]uint64 // queued, executed
	gogc                                              int64
	memoryLimit                                       int64
	allocs, frees                                     [68]uint64 // numSizeClasses
	pauseNs, pauseEnd                                 [256]uint64
}

func readmemcounts(c *memCounts)
func readclasses(sizes *[numSizeClasses]uint64)

// total is the number of objects that n counts by size class, and their bytes; the large ones have so many.
func total(n, sizes *[numSizeClasses]uint64, large uint64) (objects, bytes uint64) {
	bytes = large
	for i := range n {
		objects += n[i]
		bytes += n[i] * sizes[i]
	}
	return objects, bytes
}

// sys is everything that the runtime has from the system.
func (c *memCounts) sys() uint64 {
	return c.heapSys() + c.stacksSys + c.mspanSys + c.mcacheSys + c.profileSys + c.gcSys + c.otherSys
}

func (c *memCounts) heapSys() uint64 { return c.heapInuse + c.heapFree + c.heapReleased }

// ReadMemStats populates m with memory allocator statistics.
func ReadMemStats(m *MemStats) {
	var c memCounts
	readmemcounts(&c)
	var sizes [numSizeClasses]uint64
	readclasses(&sizes)
	mallocs, allocated := total(&c.allocs, &sizes, c.largeAlloc)
	frees, freed := total(&c.frees, &sizes, c.largeFree)
	*m = MemStats{
		Alloc:      allocated - freed,
		TotalAlloc: allocated,
		Sys:        c.sys(),
		// Each tiny object counts as allocated. The block counts too, and alone as alive.
		Mallocs:       mallocs + c.tinyAllocs,
		Frees:         frees + c.tinyAllocs,
		HeapAlloc:     allocated - freed,
		HeapSys:       c.heapSys(),
		HeapIdle:      c.heapFree + c.heapReleased,
		HeapInuse:     c.heapInuse,
		HeapReleased:  c.heapReleased,
		HeapObjects:   mallocs - frees,
		StackInuse:    c.stacksInuse,
		StackSys:      c.stacksSys,
		MSpanInuse:    c.mspanInuse,
		MSpanSys:      c.mspanSys,
		MCacheInuse:   c.mcacheInuse,
		MCacheSys:     c.mcacheSys,
		BuckHashSys:   c.profileSys,
		GCSys:         c.gcSys,
		OtherSys:      c.otherSys,
		NextGC:        c.heapGoal,
		LastGC:        c.lastGC,
		PauseTotalNs:  c.pauseTotal,
		PauseNs:       c.pauseNs,
		PauseEnd:      c.pauseEnd,
		NumGC:         uint32(c.numGC),
		NumForcedGC:   uint32(c.numForced),
		GCCPUFraction: c.cpuFraction(),
		EnableGC:      true,
	}
	for i := range m.BySize {
		b := &m.BySize[i]
		b.Size = uint32(sizes[i])
		b.Mallocs, b.Frees = c.allocs[i], c.frees[i]
	}
	// Those without a class are not here.
	m.BySize[0].Mallocs, m.BySize[0].Frees = 0, 0
}

func (c *memCounts) cpuCollecting() uint64 { return c.cpuAssist + c.cpuDedicated + c.cpuPause }

// cpuFraction is the share that collecting has taken, beyond what was idle.
func (c *memCounts) cpuFraction() float64 {
	if c.cpuTotal == 0 {
		return 0
	}
	return float64(c.cpuCollecting()) / float64(c.cpuTotal)
}
