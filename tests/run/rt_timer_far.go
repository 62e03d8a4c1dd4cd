package main

// Timers at the end of time, in the heaps of Ps that run something else, beside timers that are late.

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"
)

func main() {
	runtime.GOMAXPROCS(4)
	stop := make(chan bool)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			far := time.AfterFunc(math.MaxInt64, func() { fmt.Println("the end of time") })
			defer far.Stop()
			for {
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	n := 0
	for range 50 {
		start := time.Now()
		time.Sleep(time.Millisecond)
		if time.Since(start) >= time.Millisecond {
			n++
		}
	}
	close(stop)
	wg.Wait()
	fmt.Println(n)
}
