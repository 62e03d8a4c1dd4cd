package main

// Cleanups and finalizers run although the only P always has a goroutine to run: one that yields, or one that allocates.

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

type node struct {
	next *node
	n    int
}

var sink []byte

//go:noinline
func drop(n int, ran *atomic.Int32) {
	for range n {
		p := &node{n: n}
		runtime.AddCleanup(p, func(r *atomic.Int32) { r.Add(1) }, ran)
		runtime.SetFinalizer(&node{n: n}, func(*node) { ran.Add(1) })
	}
}

func wait(what string, ran *atomic.Int32, busy func()) {
	drop(100, ran)
	runtime.GC()
	for end := time.Now().Add(5 * time.Second); ran.Load() < 190 && time.Now().Before(end); {
		busy()
	}
	fmt.Println(what, ran.Load() >= 190)
}

func main() {
	runtime.GOMAXPROCS(1)
	var yields, allocates atomic.Int32
	wait("yields:", &yields, runtime.Gosched)
	wait("allocates:", &allocates, func() {
		for range 100 {
			sink = make([]byte, 4096)
		}
	})
}
