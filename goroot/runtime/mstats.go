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

// sizeAllocs is one class: bytes of an object, and how many were allocated.
type sizeAllocs struct{ size, n uint64 }

func readallocs(out *[numSizeClasses]sizeAllocs)

// ReadMemStats fills m. Without a collector the counters only grow.
func ReadMemStats(m *MemStats) {
	var v [8]uint64
	readmemstats(&v)
	*m = MemStats{}
	m.TotalAlloc, m.Mallocs, m.HeapSys, m.HeapInuse = v[0], v[1], v[2], v[3]
	m.StackInuse, m.StackSys, m.Sys = v[4], v[5], v[6]
	m.Alloc, m.HeapAlloc, m.HeapObjects = v[0], v[0], v[1]
	m.HeapIdle = m.HeapSys - m.HeapInuse
	m.HeapReleased = m.HeapIdle // never touched
	m.OtherSys = v[7]
	var sizes [numSizeClasses]sizeAllocs
	readallocs(&sizes)
	for i := range m.BySize {
		m.BySize[i].Size = uint32(sizes[i].size)
		if i > 0 {
			m.BySize[i].Mallocs = sizes[i].n
		}
	}
	m.EnableGC = true
}
