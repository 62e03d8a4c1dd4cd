// The profiles of waits and of mutexes: each kind of wait has a record with its stack, and the time that others wait for a mutex is
// charged to who has held it.
package main

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"
)

const pause = 20 * time.Millisecond

// later runs f when the caller has begun to wait.
func later(f func()) {
	go func() {
		time.Sleep(pause)
		f()
	}()
}

//go:noinline
func waitReceive() {
	c := make(chan int)
	later(func() { c <- 1 })
	<-c
}

//go:noinline
func waitClose() {
	c := make(chan int)
	later(func() { close(c) })
	<-c
}

//go:noinline
func waitSend() {
	c := make(chan int)
	later(func() { <-c })
	c <- 1
}

//go:noinline
func waitSelect() {
	c, d := make(chan int), make(chan int)
	later(func() { d <- 1 })
	select {
	case <-c:
	case <-d:
	}
}

//go:noinline
func waitMutex() {
	var mu sync.Mutex
	mu.Lock()
	later(mu.Unlock)
	mu.Lock()
}

//go:noinline
func waitRLock() {
	var mu sync.RWMutex
	mu.Lock()
	later(mu.Unlock)
	mu.RLock()
}

//go:noinline
func waitWLock() {
	var mu sync.RWMutex
	mu.RLock()
	later(mu.RUnlock)
	mu.Lock()
}

//go:noinline
func waitCond() {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	mu.Lock()
	later(func() {
		mu.Lock()
		c.Signal()
		mu.Unlock()
	})
	c.Wait()
	mu.Unlock()
}

//go:noinline
func waitGroup() {
	var wg sync.WaitGroup
	wg.Add(1)
	later(wg.Done)
	wg.Wait()
}

// No waits, as far as this profile goes.
//
//go:noinline
func waitNothing() {
	var mu sync.Mutex
	mu.Lock()
	mu.Unlock()
	c := make(chan int, 1)
	c <- 1
	<-c
	time.Sleep(time.Millisecond)
}

//go:noinline
func holdLong(mu *sync.Mutex) {
	mu.Lock()
	time.Sleep(2 * pause)
	mu.Unlock()
}

// caller is the function of main's with that prefix that a record belongs to.
func caller(r runtime.BlockProfileRecord, prefix string) string {
	frames := runtime.CallersFrames(r.Stack())
	for {
		f, more := frames.Next()
		if name, ok := strings.CutPrefix(f.Function, "main."); ok && strings.HasPrefix(name, prefix) && !strings.Contains(name, ".") {
			return name
		}
		if !more {
			return ""
		}
	}
}

type sum struct {
	count, cycles int64
}

func profile(read func([]runtime.BlockProfileRecord) (int, bool), prefix string) map[string]sum {
	n, _ := read(nil)
	p := make([]runtime.BlockProfileRecord, n+50)
	n, ok := read(p)
	if !ok {
		panic("no room")
	}
	sums := map[string]sum{}
	for _, r := range p[:n] {
		if name := caller(r, prefix); name != "" {
			s := sums[name]
			sums[name] = sum{s.count + r.Count, s.cycles + r.Cycles}
		}
	}
	return sums
}

func main() {
	waitReceive()
	fmt.Println("off:", len(profile(runtime.BlockProfile, "wait")))
	runtime.SetBlockProfileRate(1)
	for _, f := range []func(){waitReceive, waitClose, waitSend, waitSelect, waitMutex, waitRLock, waitWLock, waitCond, waitGroup, waitNothing} {
		f()
	}
	runtime.SetBlockProfileRate(0)
	waitReceive()
	sums := profile(runtime.BlockProfile, "wait")
	var names []string
	for name := range sums {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Println(name, sums[name].count, sums[name].cycles > int64(pause)/4)
	}

	fmt.Println("fraction:", runtime.SetMutexProfileFraction(1), runtime.SetMutexProfileFraction(-1))
	var mu sync.Mutex
	var wg sync.WaitGroup
	wg.Go(func() { holdLong(&mu) })
	time.Sleep(pause / 2)
	for range 3 {
		wg.Go(func() {
			mu.Lock()
			mu.Unlock()
		})
	}
	wg.Wait()
	held := profile(runtime.MutexProfile, "hold")["holdLong"]
	fmt.Println("held:", held.count, held.cycles > int64(2*pause))
	fmt.Println("fraction:", runtime.SetMutexProfileFraction(0))

	for _, name := range []string{"block", "mutex"} {
		var b bytes.Buffer
		p := pprof.Lookup(name)
		err := p.WriteTo(&b, 1)
		first, _, _ := strings.Cut(b.String(), "\n")
		fmt.Println(first, p.Count() > 0, strings.Contains(b.String(), "main."), err)
	}
}
