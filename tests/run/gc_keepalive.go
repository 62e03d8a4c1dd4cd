package main

// runtime.KeepAlive needs its argument up to where it stands, also where nothing else does: a pointer, a value of a struct,
// a slice.

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

type node struct {
	next *node
	pad  [100]int
}

type pair struct {
	n    int
	node *node
}

//go:noinline
func fresh(dead *atomic.Int32) *node {
	n := &node{}
	runtime.AddCleanup(n, func(d *atomic.Int32) { d.Add(1) }, dead)
	return n
}

//go:noinline
func overwrite(depth int) int {
	var a [64]int
	for i := range a {
		a[i] = depth
	}
	if depth == 0 {
		return a[7]
	}
	return overwrite(depth-1) + a[3]
}

func collect() {
	for range 3 {
		overwrite(20)
		runtime.GC()
		time.Sleep(2 * time.Millisecond)
	}
}

func main() {
	var pointer, inStruct, inSlice, gone atomic.Int32
	p := fresh(&pointer)
	v := pair{1, fresh(&inStruct)}
	s := []*node{fresh(&inSlice), fresh(&inSlice)}
	func() { fresh(&gone) }()
	collect()
	fmt.Println("dead:", pointer.Load(), inStruct.Load(), inSlice.Load(), gone.Load())
	runtime.KeepAlive(p)
	runtime.KeepAlive(v)
	runtime.KeepAlive(s)
}
