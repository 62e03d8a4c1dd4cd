package main

// A loop of Gosched on the only P, and a goroutine that sleeps 100 µs at a time: Gosched sees that its time has come.
import (
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

func main() {
	runtime.GOMAXPROCS(1)
	var stop atomic.Bool
	var late []time.Duration
	go func() {
		for range 500 {
			t := time.Now()
			time.Sleep(100 * time.Microsecond)
			late = append(late, time.Since(t)-100*time.Microsecond)
		}
		stop.Store(true)
	}()
	for !stop.Load() {
		runtime.Gosched()
	}
	slices.Sort(late)
	fmt.Println("half of them less than 100 µs late:", late[250] < 100*time.Microsecond)
}
