package main

// A graph that goroutines cut and rebuild while the collector runs: pointers only in interfaces, maps, channels, closures,
// slices of slices, and in the middle of objects. What is reachable must stay what it was.

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"
)

type node struct {
	sum   uint64
	kids  [3]*node
	any   any
	f     func() uint64
	bytes []byte
}

func mix(x uint64) uint64 {
	x ^= x >> 31
	x *= 0x9e3779b97f4a7c15
	return x ^ x>>29
}

func build(seed uint64, depth int) *node {
	n := &node{sum: mix(seed), bytes: make([]byte, 1+seed%700)}
	n.bytes[len(n.bytes)-1] = byte(seed)
	if depth == 0 {
		return n
	}
	for i := range n.kids {
		n.kids[i] = build(mix(seed+uint64(i)), depth-1)
	}
	leaf := build(seed+9, 0)
	switch seed % 4 {
	case 0:
		n.any = leaf
	case 1:
		n.any = map[string]*node{"x": leaf, fmt.Sprint(seed): n.kids[0]}
	case 2:
		c := make(chan *node, 2)
		c <- leaf
		n.any = c
	case 3:
		n.any = (*byte)(unsafe.Add(unsafe.Pointer(&leaf.bytes[0]), len(leaf.bytes)-1))
	}
	n.f = func() uint64 { return leaf.sum + n.sum }
	return n
}

func check(n *node, seed uint64, depth int) {
	if n.sum != mix(seed) || n.bytes[len(n.bytes)-1] != byte(seed) {
		panic("a node has changed")
	}
	if depth == 0 {
		return
	}
	for i, k := range n.kids {
		if k != nil {
			check(k, mix(seed+uint64(i)), depth-1)
		}
	}
	switch a := n.any.(type) {
	case *node:
		check(a, seed+9, 0)
	case map[string]*node:
		check(a["x"], seed+9, 0)
	case chan *node:
		l := <-a
		check(l, seed+9, 0)
		a <- l
	case *byte:
		if *a != byte(seed+9) {
			panic("a byte has changed")
		}
	}
	if n.f() != mix(seed+9)+mix(seed) {
		panic("a closure has changed")
	}
}

func main() {
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			const depth = 4
			seed := uint64(g + 1)
			root := build(seed, depth)
			for round := range 240 {
				i := round % 3
				// Cut, make garbage, grow again.
				old := root.kids[i]
				root.kids[i] = nil
				for k := range 50 {
					_ = make([]*node, k)
				}
				if round%2 == 0 {
					root.kids[i] = build(mix(seed+uint64(i)), depth-1)
				} else {
					root.kids[i] = old
				}
				check(root, seed, depth)
				if round%20 == 0 {
					runtime.GC()
				}
			}
		}()
	}
	wg.Wait()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println("collected:", m.NumGC > 4, m.Frees > 50000, m.HeapAlloc < 64<<20)
}
