package main

// Loops that do nothing but store pointers: each store is a range in which the goroutine is not stopped, and yet the
// world can be stopped.

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

type node struct{ a, b, c, d *node }

//go:noinline
func one(p *node, over *atomic.Bool) {
	for !over.Load() {
		p.a = p
	}
}

//go:noinline
func four(p *node) {
	for {
		p.a = p
		p.b = p
		p.c = nil
		p.d = p
	}
}

//go:noinline
func slots(l []*node, p *node) {
	for {
		for i := range l {
			l[i] = p
		}
	}
}

func main() {
	n := runtime.GOMAXPROCS(0)
	var over atomic.Bool
	go one(new(node), &over)
	go four(new(node))
	go slots(make([]*node, 100), new(node))
	time.Sleep(5 * time.Millisecond)
	longest := time.Duration(0)
	for i := range 20 {
		start := time.Now()
		runtime.GOMAXPROCS(2 + i%2)
		longest = max(longest, time.Since(start))
		time.Sleep(time.Millisecond)
	}
	over.Store(true)
	runtime.GOMAXPROCS(n)
	fmt.Println("stopped", longest < 2*time.Second)
}
