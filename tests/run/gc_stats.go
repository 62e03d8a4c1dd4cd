package main

// What MemStats, debug.ReadGCStats and runtime/metrics say of collections agrees.

// It counts collections.
// Not with gortgc.

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

func number(name string) uint64 {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	if s[0].Value.Kind() == metrics.KindFloat64 {
		return uint64(s[0].Value.Float64() * 1e9)
	}
	return s[0].Value.Uint64()
}

var sink []byte

func main() {
	debug.SetGCPercent(-1)
	for range 100 {
		sink = make([]byte, 1<<20)
	}
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	start := time.Now()
	for range 5 {
		runtime.GC()
	}
	sink = nil
	runtime.GC()
	runtime.ReadMemStats(&b)
	fmt.Println("cycles:", b.NumGC-a.NumGC, b.NumForcedGC-a.NumForcedGC)
	fmt.Println("freed:", b.Frees > a.Frees, b.HeapAlloc+(90<<20) < a.HeapAlloc, b.TotalAlloc >= a.TotalAlloc, b.HeapObjects < a.Mallocs)
	fmt.Println("pauses:", b.PauseTotalNs > a.PauseTotalNs, b.PauseNs[(b.NumGC+255)%256] > 0)
	last := time.Unix(0, int64(b.LastGC))
	fmt.Println("last:", last.After(start) && last.Before(time.Now()), b.PauseEnd[(b.NumGC+255)%256] == b.LastGC)
	var s debug.GCStats
	debug.ReadGCStats(&s)
	fmt.Println("the same:", s.NumGC == int64(b.NumGC), s.PauseTotal == time.Duration(b.PauseTotalNs), s.LastGC.Equal(last),
		len(s.Pause) == int(s.NumGC), s.Pause[0] == time.Duration(b.PauseNs[(b.NumGC+255)%256]))
	fmt.Println("metrics:", number("/gc/cycles/total:gc-cycles") == uint64(b.NumGC),
		number("/gc/cycles/forced:gc-cycles") == uint64(b.NumForcedGC), number("/gc/heap/live:bytes") > 0,
		number("/gc/heap/frees:bytes") > 90<<20, number("/cpu/classes/total:cpu-seconds") > 0,
		number("/cpu/classes/gc/total:cpu-seconds") > 0, number("/cpu/classes/gc/pause:cpu-seconds") > 0)
	fmt.Println("fraction:", b.GCCPUFraction > 0 && b.GCCPUFraction < 1)
	debug.SetGCPercent(100)
	runtime.GC()
	runtime.ReadMemStats(&b)
	fmt.Println("goal:", b.NextGC >= 4<<20 && b.NextGC < 64<<20, b.NextGC == number("/gc/heap/goal:bytes"))
	debug.FreeOSMemory()
	runtime.ReadMemStats(&b)
	fmt.Println("released:", b.HeapReleased > 80<<20, b.HeapIdle >= b.HeapReleased)
}
