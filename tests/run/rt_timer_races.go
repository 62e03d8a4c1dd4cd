package main

// Timers and tickers that several goroutines set at once; channels from which nothing of the past comes after Stop and
// Reset; sleepers and functions that are due on all Ps beside them.
import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	runtime.GOMAXPROCS(4)
	var stop atomic.Bool
	var wg sync.WaitGroup
	start := func(f func(i int)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 0; !stop.Load(); i++ {
				f(i)
			}
		}()
	}

	var shared [4]*time.Timer
	for i := range shared {
		shared[i] = time.AfterFunc(time.Hour, func() {})
	}
	ticker := time.NewTicker(time.Hour)
	for range 3 {
		start(func(i int) {
			shared[i%4].Reset(time.Duration(50+i%50) * time.Microsecond)
			ticker.Reset(time.Duration(50+i%50) * time.Microsecond)
			if i%64 == 0 {
				time.Sleep(50 * time.Microsecond)
			}
		})
	}

	var stale atomic.Int64
	for range 3 {
		start(func(i int) {
			d := time.Duration(20+i%200) * time.Microsecond
			t := time.NewTimer(d)
			for s := time.Now(); time.Since(s) < d-time.Duration(i%7)*time.Microsecond; {
			}
			if i%2 == 0 {
				t.Reset(time.Hour)
			} else {
				t.Stop()
			}
			for range 20 {
				runtime.Gosched()
				select {
				case <-t.C:
					stale.Add(1)
				default:
				}
			}
		})
		start(func(int) { time.Sleep(30 * time.Microsecond) })
		start(func(int) {
			c := make(chan bool)
			for k := range 20 {
				time.AfterFunc(time.Duration(k)*time.Microsecond, func() { c <- true })
			}
			for range 20 {
				<-c
			}
		})
	}
	for range 300 {
		<-time.NewTimer(500 * time.Microsecond).C
	}
	stop.Store(true)
	wg.Wait()
	fmt.Println("values of the past:", stale.Load())

	// The timers still work.
	done := make(chan bool)
	for _, t := range shared {
		t.Stop()
	}
	ticker.Reset(time.Millisecond)
	time.AfterFunc(time.Millisecond, func() { done <- true })
	<-done
	<-ticker.C
	ticker.Stop()
	fmt.Println("ok")
}
