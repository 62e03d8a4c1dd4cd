// The profile of leaked goroutines: those that wait for what nothing has that can still run.
package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"time"
)

var (
	global  = make(chan int)
	keeps   sync.Mutex
	started sync.WaitGroup
)

// start runs f in a goroutine whose variables nobody else has.
func start(f func()) {
	started.Add(1)
	go f()
}

//go:noinline
func receives() {
	c := make(chan int)
	start(func() { started.Done(); <-c })
}

//go:noinline
func sends() {
	c := make(chan *int)
	start(func() { started.Done(); c <- new(int) })
}

//go:noinline
func selects() {
	a, b := make(chan int), make(chan int, 1)
	b <- 1
	start(func() {
		started.Done()
		select {
		case <-a:
		case b <- 2:
		}
	})
}

//go:noinline
func locks() {
	m := new(sync.Mutex)
	m.Lock()
	start(func() { started.Done(); m.Lock() })
}

// inFrame may have its mutex in the frame of the goroutine.
//
//go:noinline
func inFrame() {
	start(func() {
		var m sync.Mutex
		m.Lock()
		started.Done()
		m.Lock()
	})
}

//go:noinline
func readLocks() {
	m := new(sync.RWMutex)
	m.Lock()
	start(func() { started.Done(); m.RLock() })
}

//go:noinline
func waits() {
	w := new(sync.WaitGroup)
	w.Add(1)
	start(func() { started.Done(); w.Wait() })
}

//go:noinline
func waitsForCond() {
	c := sync.NewCond(new(sync.Mutex))
	start(func() { c.L.Lock(); started.Done(); c.Wait() })
}

//go:noinline
func nothing() {
	var none chan int
	start(func() { started.Done(); <-none })
	start(func() { started.Done(); none <- 1 })
	start(func() { started.Done(); select {} })
}

// pair is two of which each waits for what only the other could do.
//
//go:noinline
func pair() {
	a, b := make(chan int), make(chan int)
	start(func() { started.Done(); <-a; b <- 1 })
	start(func() { started.Done(); <-b; a <- 1 })
}

// reached are those that may go on: by a variable, by a timer, and by one that may.
//
//go:noinline
func reached() {
	start(func() { started.Done(); <-global })
	start(func() { started.Done(); keeps.Lock() })
	start(func() { started.Done(); <-time.After(time.Hour) })
	a := make(chan int)
	start(func() { started.Done(); <-global; a <- 1 })
	start(func() { started.Done(); <-a })
}

var funcName = regexp.MustCompile(`main\.(\w+)\.`)

func profile(debug int) string {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutineleak").WriteTo(&b, debug); err != nil {
		fmt.Println(err)
	}
	return b.String()
}

func show(what string) {
	text := profile(1)
	fmt.Println(what, strings.SplitN(text, "\n", 2)[0], "count", pprof.Lookup("goroutineleak").Count())
	names := map[string]int{}
	for block := range strings.SplitSeq(text, "\n\n") {
		if m := funcName.FindStringSubmatch(block); m != nil {
			var n int
			fmt.Sscanf(block[strings.LastIndexByte(block[:strings.Index(block, " @")], '\n')+1:], "%d", &n)
			names[m[1]] += n
		}
	}
	var lines []string
	for name, n := range names {
		lines = append(lines, fmt.Sprint(name, " ", n))
	}
	sort.Strings(lines)
	fmt.Println(" ", lines)
}

func main() {
	keeps.Lock()
	show("none:")
	reached()
	started.Wait()
	time.Sleep(10 * time.Millisecond)
	show("reached:")
	for _, f := range []func(){receives, sends, selects, locks, inFrame, readLocks, waits, waitsForCond, nothing, pair} {
		f()
	}
	started.Wait()
	for range 500 { // until all of them wait
		time.Sleep(10 * time.Millisecond)
		if strings.HasPrefix(profile(1), "goroutineleak profile: total 13\n") {
			break
		}
	}
	show("leaked:")
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	kinds := map[string]int{}
	for _, m := range regexp.MustCompile(`\[([^\]]* \(leaked\))\]:`).FindAllSubmatch(stacks, -1) {
		kinds[string(m[1])]++
	}
	fmt.Println(kinds)
	keeps.Unlock()
	close(global)
	time.Sleep(10 * time.Millisecond)
	show("again:")
	fmt.Println(len(profile(0)) > 0, strings.Count(profile(2), "(leaked)"))
	os.Exit(0)
}
