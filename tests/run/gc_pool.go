package main

// What a sync.Pool holds survives one collection, as its victim, and not a second one; collections while other
// goroutines use pools, and while others stop the world.

// It counts collections.
// Not with gortgc.

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

type item struct{ n int }

func main() {
	debug.SetGCPercent(-1)
	var pool sync.Pool
	// Of two items the second can be had from any P.
	pool.Put(&item{1})
	pool.Put(&item{2})
	runtime.GC()
	fmt.Println("after one:", pool.Get() != nil)
	pool.Put(&item{1})
	runtime.GC()
	runtime.GC()
	fmt.Println("after two:", pool.Get())

	runtime.GOMAXPROCS(4)
	shared := sync.Pool{New: func() any { return new(item) }}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 20000 {
				it := shared.Get().(*item)
				it.n = i
				shared.Put(it)
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for range 100 {
				runtime.GC()
			}
		})
	}
	wg.Go(func() {
		buf := make([]byte, 1<<12)
		for i := range 100 {
			runtime.GOMAXPROCS(2 + i%3)
			runtime.Stack(buf, true)
		}
	})
	wg.Wait()
	fmt.Println("done", runtime.NumGoroutine())
}
