// runtime/metrics: each name that there is has a value of its kind, and what the values say of this program.
package main

import (
	"fmt"
	"math"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"time"
)

func read(name string) metrics.Value {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	return s[0].Value
}

func number(name string) uint64 { return read(name).Uint64() }

func total(name string) (n uint64) {
	for _, c := range read(name).Float64Histogram().Counts {
		n += c
	}
	return n
}

var sink []byte

func main() {
	all := metrics.All()
	samples := make([]metrics.Sample, len(all))
	for i, d := range all {
		samples[i].Name = d.Name
	}
	for range 2 { // the second time into the same samples
		metrics.Read(samples)
	}
	var sum uint64
	kinds := make(map[metrics.ValueKind]int)
	for i, s := range samples {
		kinds[s.Value.Kind()]++
		if s.Value.Kind() != all[i].Kind {
			fmt.Println(s.Name, s.Value.Kind(), all[i].Kind)
			continue
		}
		if strings.HasPrefix(s.Name, "/memory/classes/") && s.Name != "/memory/classes/total:bytes" {
			sum += s.Value.Uint64()
		}
		if s.Name == "/memory/classes/total:bytes" {
			fmt.Println("sum of classes:", sum == s.Value.Uint64())
		}
		if s.Value.Kind() == metrics.KindFloat64Histogram {
			h := s.Value.Float64Histogram()
			b := h.Buckets
			fmt.Println(s.Name, len(h.Counts), len(b), b[:8], b[len(b)-4:])
			for i := range h.Counts {
				if b[i] >= b[i+1] {
					fmt.Println("boundaries", i, b[i], b[i+1])
				}
			}
		}
	}
	fmt.Println("bad:", kinds[metrics.KindBad], read("/none:things").Kind(), read("/godebug/non-default-behavior/none:events").Kind())

	// A class of its own size: 1,000 objects more.
	perSize := func() uint64 {
		h := read("/gc/heap/allocs-by-size:bytes").Float64Histogram()
		for i := range h.Counts {
			if h.Buckets[i] <= 5000 && 5000 < h.Buckets[i+1] {
				return h.Counts[i]
			}
		}
		return 0
	}
	before := perSize()
	for range 1000 {
		sink = make([]byte, 5000)
	}
	fmt.Println("5,000 bytes:", perSize()-before >= 900) // official Go counts those of a span when it is full

	created, goroutines := number("/sched/goroutines-created:goroutines"), number("/sched/goroutines:goroutines")
	threads := number("/sched/threads/total:threads")
	stop := make(chan bool)
	for range 100 {
		go func() { <-stop }()
	}
	for number("/sched/goroutines/waiting:goroutines") < 100 {
		runtime.Gosched()
	}
	fmt.Println("created:", number("/sched/goroutines-created:goroutines")-created >= 100,
		"more:", number("/sched/goroutines:goroutines")-goroutines,
		"running:", number("/sched/goroutines/running:goroutines") >= 1,
		"threads:", threads >= 1 && threads < 100,
		"Ps:", number("/sched/gomaxprocs:threads") == uint64(runtime.GOMAXPROCS(0)))
	close(stop)

	stops := total("/sched/pauses/total/other:seconds")
	runtime.Stack(make([]byte, 1000), true)
	fmt.Println("world stops:", total("/sched/pauses/total/other:seconds") > stops,
		total("/sched/pauses/stopping/other:seconds") > 0)

	waited := read("/sync/mutex/wait/total:seconds").Float64()
	for read("/sync/mutex/wait/total:seconds").Float64()-waited < 1e-3 {
		var mu sync.Mutex
		var wg sync.WaitGroup
		mu.Lock()
		for range 8 {
			wg.Go(func() { mu.Lock(); mu.Unlock() })
		}
		time.Sleep(5 * time.Millisecond)
		mu.Unlock()
		wg.Wait()
	}
	fmt.Println("mutex wait:", !math.IsNaN(read("/sync/mutex/wait/total:seconds").Float64()))

	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	var n uint64
	for _, c := range m.BySize {
		n += c.Mallocs
	}
	fmt.Println("MemStats:", n > 1000, m.StackSys >= m.StackInuse, m.StackInuse > 0, m.BySize[1].Size, m.BySize[60].Size)
}
