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

// Histograms of stops of the world: until all stood still, and until they went on; and of those for the collector.
const (
	stopping = iota
	stopped
	stoppingCollector
	stoppedCollector
)

func readpauses(which int, out *[timeBuckets]uint64)

// histogram makes s a distribution. One that the caller has from an earlier call is used again.
func (s *metricSample) histogram() *float64Histogram {
	h := (*float64Histogram)(s.pointer)
	if s.kind != metricHistogram || h == nil {
		h = new(float64Histogram)
		s.kind, s.pointer = metricHistogram, unsafe.Pointer(h)
	}
	return h
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

// bySize makes h the distribution of the objects that n counts by size class.
func (h *float64Histogram) bySize(n, sizes *[numSizeClasses]uint64) {
	h.resize(numSizeClasses, func(i int) float64 {
		switch i {
		case 0:
			return 1
		case numSizeClasses:
			return float64Inf(1)
		}
		return float64(sizes[i] + 1)
	})
	copy(h.counts, n[1:])
	h.counts[numSizeClasses-1] = n[0]
}

// noTimes is a distribution of no durations: buckets between powers of two, from 256 ns to 2^47 ns, four in each; below in steps of 64 ns.
func noTimes(h *float64Histogram) {
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
	noTimes(h)
	copy(h.counts, counts[:])
}

func float64Inf(sign float64) float64 {
	var zero float64
	return sign / zero
}
