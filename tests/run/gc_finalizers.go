package main

// Finalizers run when their objects have become unreachable: with any results, through interfaces, once; what they refer to
// is alive; an object that one has brought back dies a second time without.

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

type node struct {
	n    int
	next *node
	data []string
}

func (n *node) String() string { return fmt.Sprint("node ", n.n) }

func (n *node) Close() (string, error) { done("method", n.n); return "", nil }

type big struct{ a [100]int }

var (
	wg   sync.WaitGroup
	mu   sync.Mutex
	seen = map[string]int{}
)

func done(a ...any) {
	mu.Lock()
	seen[fmt.Sprint(a...)]++
	mu.Unlock()
	wg.Done()
}

//go:noinline
func add(n int, f any) {
	wg.Add(1)
	runtime.SetFinalizer(&node{n: n, data: []string{"text"}}, f)
}

//go:noinline
func kinds() {
	add(1, func(n *node) { done("plain", n.n, n.data) })
	add(2, func(n *node) int { done("int", n.n, n.data); return 1 })
	add(3, func(n *node) (string, error, float64) { done("several", n.n); return "x", nil, 1.5 })
	add(4, func(n *node) [3]int { done("array", n.n); return [3]int{1, 2, 3} })
	add(5, func(n *node) (b big, err error) {
		defer func() { done("deferred", n.n, b.a[7], err) }()
		b.a[7] = 7
		err = fmt.Errorf("an error of %d", n.n)
		runtime.GC()
		return
	})
	add(6, func(n *node) (a, b, c, d, e, f, g, h, i int) { done("nine", n.n); return })
	add(7, func(n any) { done("any", n.(*node).n) })
	add(8, func(s fmt.Stringer) { done("stringer", s.String()) })
	add(9, func(s fmt.Stringer) big { done("stringer big", s.String()); return big{} })
	add(10, func(n any) (a [1000]string) { done("any huge", n.(*node).n); return })
	add(11, (*node).Close)
	k := 12
	add(12, func(n *node) { done("closure", n.n == k) })
}

var back *node

func collect() {
	finished := make(chan bool)
	go func() { wg.Wait(); close(finished) }()
	for {
		runtime.GC()
		select {
		case <-finished:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

//go:noinline
func chain() {
	// A chain dies from its head on: each node keeps the next one.
	var head *node
	for i := range 10 {
		head = &node{n: i, next: head}
		wg.Add(1)
		runtime.SetFinalizer(head, func(n *node) { done("chain", n.n); order = append(order, n.n) })
	}
}

var order []int

//go:noinline
func resurrect() {
	wg.Add(1)
	p := &node{n: 20, next: &node{n: 21}}
	runtime.SetFinalizer(p, func(n *node) {
		back = n
		done("back", n.next.n)
	})
}

//go:noinline
func again() {
	wg.Add(1)
	runtime.SetFinalizer(back, func(n *node) { done("again", n.next.n) })
	back = nil
}

//go:noinline
func cycle(finalizer bool) {
	a, b := &node{n: 30}, &node{n: 31}
	a.next, b.next = b, a
	if finalizer {
		runtime.SetFinalizer(a, func(n *node) { panic("the finalizer of a cycle has run") })
	} else {
		wg.Add(1)
		runtime.AddCleanup(a, func(n int) { done("cycle", n) }, 30)
	}
}

//go:noinline
func tiny() {
	// Many tiny objects share blocks: those die when all of a block are dead.
	for i := range 1000 {
		wg.Add(1)
		p := new(uint16)
		*p = uint16(i)
		runtime.SetFinalizer(p, func(p *uint16) { done("tiny"); _ = *p })
	}
}

//go:noinline
func large() {
	for i := range 4 {
		wg.Add(1)
		p := new([20 << 20]byte)
		p[i] = 1
		runtime.SetFinalizer(p, func(p *[20 << 20]byte) { done("large ", i, p[i]) })
	}
}

//go:noinline
func clear() { var a [1000]int; _ = a[wgLen()] }

func wgLen() int { return len(order) }

func main() {
	kinds()
	clear()
	collect()
	resurrect()
	clear()
	collect()
	again()
	clear()
	collect()
	chain()
	clear()
	collect()
	cycle(true)
	cycle(false)
	clear()
	collect()
	tiny()
	clear()
	// The last block may be in use still.
	for range 20 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	mu.Lock()
	n := seen["tiny"]
	delete(seen, "tiny")
	mu.Unlock()
	wg.Add(n - 1000)
	large()
	clear()
	collect()
	fmt.Println("tiny:", n > 900)
	fmt.Println("order:", order)
	for k, n := range seen {
		if n != 1 {
			fmt.Println(k, n)
		}
	}
	fmt.Println(seen)
	fmt.Println("goroutines:", runtime.NumGoroutine())
}
