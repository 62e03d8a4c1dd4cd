package runtime

import "unsafe"

// For package runtime/metrics: histograms.

// float64Histogram has the layout of metrics.Float64Histogram.
type float64Histogram struct {
	counts  []uint64
	buckets []float64
}

// timeBuckets is the number of buckets of durations: see/durations.rs.
const timeBuckets = 162

func readpauses(which int, out *[timeBuckets]uint64)

// histogram reads a metric that is a distribution, and says whether s is one.
func (s *metricSample) histogram() bool {
	var of func(h *float64Histogram)
	switch s.name {
	case "/gc/heap/allocs-by-size:bytes":
		of = allocsBySize
	case "/gc/heap/frees-by-size:bytes":
		of = sizeBuckets
	case "/sched/pauses/stopping/other:seconds":
		of = func(h *float64Histogram) { timesOf(h, 0) }
	case "/sched/pauses/total/other:seconds":
		of = func(h *float64Histogram) { timesOf(h, 1) }
	case "/gc/pauses:seconds", "/sched/pauses/stopping/gc:seconds", "/sched/pauses/total/gc:seconds":
		of = durations // none: there is no collector
	case "/sched/latencies:seconds":
		of = durations // not counted: it would cost every wake-up a look at the clock
	default:
		return false
	}
	// A histogram that the caller has from an earlier call is used again.
	h := (*float64Histogram)(s.pointer)
	if s.kind != metricHistogram || h == nil {
		h = new(float64Histogram)
	}
	of(h)
	s.kind, s.pointer = metricHistogram, unsafe.Pointer(h)
	return true
}

// resize makes room for n counts, all 0, and gives h the boundaries; those of a metric are always the same.
func (h *float64Histogram) resize(n int, boundary func(i int) float64) {
	if cap(h.counts) < n {
		h.counts = make([]uint64, n)
	}
	h.counts = h.counts[:n]
	clear(h.counts)
	if len(h.buckets) == n+1 && h.buckets[1] == boundary(1) {
		return
	}
	h.buckets = make([]float64, n+1)
	for i := range h.buckets {
		h.buckets[i] = boundary(i)
	}
}

func sizeBuckets(h *float64Histogram) {
	var sizes [numSizeClasses]sizeAllocs
	readallocs(&sizes)
	sizeBucketsOf(h, &sizes)
}

func sizeBucketsOf(h *float64Histogram, sizes *[numSizeClasses]sizeAllocs) {
	h.resize(numSizeClasses, func(i int) float64 {
		switch i {
		case 0:
			return 1
		case numSizeClasses:
			return float64Inf(1)
		}
		return float64(sizes[i].size + 1)
	})
}

func allocsBySize(h *float64Histogram) {
	var sizes [numSizeClasses]sizeAllocs
	readallocs(&sizes)
	sizeBucketsOf(h, &sizes)
	for i := range numSizeClasses - 1 {
		h.counts[i] = sizes[i+1].n
	}
	h.counts[numSizeClasses-1] = sizes[0].n
}

// durations are buckets between powers of two, from 256 ns to 2^47 ns, four in each; below in steps of 64 ns.
func durations(h *float64Histogram) {
	h.resize(timeBuckets, func(i int) float64 {
		switch i {
		case 0:
			return float64Inf(-1)
		case timeBuckets:
			return float64Inf(1)
		}
		octave, part := (i-1)/4, uint64((i-1)%4)
		if octave == 0 {
			return float64(part<<6) / 1e9
		}
		return float64((4+part)<<(octave+5)) / 1e9
	})
}

func timesOf(h *float64Histogram, which int) {
	var counts [timeBuckets]uint64
	readpauses(which, &counts)
	durations(h)
	copy(h.counts, counts[:])
}

func float64Inf(sign float64) float64 {
	var zero float64
	return sign / zero
}
