package main

// Stops of the world while every processor runs loops without calls, one that copies much at once, and one that stores: how long they
// take until all stand still, in milliseconds, by the runtime's own histograms. A line a figure: name, value, `max`, bound.
//
//	stops [SECONDS]

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync/atomic"
	"time"
)

var sink atomic.Int64

func loop() {
	for x := uint64(1); ; {
		for range 1 << 20 {
			x = x*6364136223846793005 + 1442695040888963407
		}
		sink.Store(int64(x))
	}
}

func copies() {
	a, b := make([]byte, 1<<20), make([]byte, 1<<20)
	for {
		copy(a, b)
	}
}

func stores() {
	a := make([]int, 1<<16)
	for n := 0; ; n++ {
		for i := range a {
			a[i] = n
		}
	}
}

func main() {
	seconds := 2.0
	if len(os.Args) > 1 {
		seconds, _ = strconv.ParseFloat(os.Args[1], 64)
	}
	procs := runtime.GOMAXPROCS(0)
	for range procs {
		go loop()
	}
	go copies()
	go stores()
	time.Sleep(50 * time.Millisecond)
	buf := make([]byte, 1<<16)
	for start, n := time.Now(), 0; time.Since(start).Seconds() < seconds; n++ {
		switch n % 3 {
		case 0:
			runtime.GOMAXPROCS(procs + n%2)
		case 1:
			runtime.Stack(buf, true)
		case 2:
			runtime.GC()
		}
		time.Sleep(time.Millisecond)
	}
	samples := []metrics.Sample{{Name: "/sched/pauses/stopping/other:seconds"}, {Name: "/sched/pauses/stopping/gc:seconds"}}
	metrics.Read(samples)
	for i, name := range []string{"other", "collector"} {
		h := samples[i].Value.Float64Histogram()
		var n, all uint64
		for _, c := range h.Counts {
			all += c
		}
		median, longest := 0.0, 0.0
		for j, c := range h.Counts {
			if c == 0 {
				continue
			}
			longest = h.Buckets[j] * 1e3
			if n += c; n >= (all+1)/2 && median == 0 {
				median = longest
			}
		}
		fmt.Printf("%s_median_ms %.3f max 10\n", name, median)
		fmt.Printf("%s_longest_ms %.3f max 300\n", name, longest)
		fmt.Printf("%s_stops %d min 2\n", name, all)
	}
	os.Exit(0)
}
