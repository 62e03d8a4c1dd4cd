package main

// Equal work for equal goroutines: more busy ones than processors, a second, and how far the one that got least and the one that got most
// are from the mean. A line a kind: name, value, `max`, bound.
//
//	share [SECONDS]

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"
)

const bound = 0.20

type count struct {
	n atomic.Int64
	_ [56]byte
}

// What a goroutine does over and over, some microseconds each.
var kinds = []struct {
	name string
	make func() func()
}{
	{"loop", func() func() { return loop }},
	{"calls", func() func() { return func() { sink.Store(int64(fib(17))) } }},
	{"allocates", func() func() {
		var keep [64][]byte
		i := 0
		return func() {
			for range 20 {
				keep[i%64] = make([]byte, 1000)
				i++
			}
		}
	}},
	{"copies", func() func() {
		a, b := make([]byte, 64<<10), make([]byte, 64<<10)
		return func() { copy(a, b) }
	}},
	{"clock", func() func() {
		return func() {
			for start := time.Now(); time.Since(start) < 5*time.Microsecond; {
			}
		}
	}},
}

var sink atomic.Int64

// No calls: only a signal ends its turn.
//
//go:noinline
func loop() {
	x := uint64(1)
	for range 3000 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	sink.Store(int64(x))
}

//go:noinline
func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

// The largest distance from the mean, as a part of it.
func measure(kind func() func(), n int, d time.Duration) float64 {
	counts := make([]count, n)
	begin := make(chan int)
	var stop atomic.Bool
	for i := range counts {
		go func() {
			work := kind()
			<-begin
			for !stop.Load() {
				work()
				counts[i].n.Add(1)
			}
		}()
	}
	time.Sleep(10 * time.Millisecond)
	close(begin)
	time.Sleep(d)
	sum, least, most := int64(0), int64(1<<62), int64(0)
	for i := range counts {
		n := counts[i].n.Load()
		sum, least, most = sum+n, min(least, n), max(most, n)
	}
	stop.Store(true)
	mean := float64(sum) / float64(n)
	if mean == 0 {
		return 1
	}
	return max(1-float64(least)/mean, float64(most)/mean-1)
}

func main() {
	seconds := 1.0
	if len(os.Args) > 1 {
		seconds, _ = strconv.ParseFloat(os.Args[1], 64)
	}
	n := 2*runtime.GOMAXPROCS(0) + 1
	for _, k := range kinds {
		fmt.Printf("%s %.3f max %.2f\n", k.name, measure(k.make, n, time.Duration(seconds*1e9)), bound)
	}
}
