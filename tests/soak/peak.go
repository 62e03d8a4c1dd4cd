package main

// A peak of goroutines that wait, and afterwards a program that does next to nothing: within ten seconds the process has little
// more memory than before, though nobody has asked for it. Four times: everything sleeps, a goroutine with a timer wakes up each 10 ms,
// another computes, or the goroutines have waited in a select and deep in their stacks. Each in a process of its own. A line a figure: name,
// value, `max`, bound.
//
//	peak [SECONDS]

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

const goroutines = 300_000

// deepOnes are fewer: each has 14 KiB of stack.
const deepOnes = 100_000

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// resident is in KiB.
func resident() int {
	text, err := os.ReadFile("/proc/self/statm")
	check(err)
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	check(err)
	return pages * os.Getpagesize() >> 10
}

func peak(n int, wait func(gate chan bool)) {
	var up, down sync.WaitGroup
	up.Add(n)
	down.Add(n)
	gate := make(chan bool)
	for range n {
		go func() {
			up.Done()
			wait(gate)
			down.Done()
		}()
	}
	up.Wait()
	close(gate)
	down.Wait()
}

func plain(gate chan bool) { <-gate }

var never chan bool

//go:noinline
func deep(n int, gate chan bool) int {
	var a [64]int
	if n > 0 {
		return deep(n-1, gate) + a[n%64]
	}
	select {
	case <-gate:
	case <-never:
	}
	return 0
}

var sink int

func child(kind string) {
	n, wait := goroutines, plain
	switch kind {
	case "timer":
		go func() {
			for range time.Tick(10 * time.Millisecond) {
				sink++
			}
		}()
	case "compute":
		go func() {
			for ; sink >= 0; sink++ {
			}
		}()
	case "deep":
		never = make(chan bool)
		n, wait = deepOnes, func(gate chan bool) { deep(10, gate) }
	}
	time.Sleep(100 * time.Millisecond)
	resident()
	before := resident()
	peak(n, wait)
	after := 0
	for range 20 {
		time.Sleep(500 * time.Millisecond)
		if after = resident(); after*2 < before*3 {
			break
		}
	}
	fmt.Println(before, after)
}

func main() {
	if len(os.Args) > 2 {
		child(os.Args[2])
		return
	}
	// What is left of the stacks and of what selects need are the heads of their blocks.
	for kind, more := range map[string]int{"idle": 0, "timer": 0, "compute": 0, "deep": 8 << 10} {
		out, err := exec.Command("/proc/self/exe", "0", kind).Output()
		check(err)
		var before, after int
		_, err = fmt.Sscan(string(out), &before, &after)
		check(err)
		fmt.Printf("%s_kb %d max %d\n", kind, after, before*3/2+more)
	}
}
