// Closures that are only called live in the frame, with what they capture; where anything of it goes on living, it
// does not. Frames are written over before what is left is looked at.
package main

import (
	"fmt"
	"log"
	"sync"
	"testing"
)

type node struct {
	next *node
	n    int
}

var (
	keptNode *node
	keptFunc func() int
	keptAny  any
	once     sync.Once
)

//go:noinline
func clobber(n int) int {
	var a [64]int
	for i := range a {
		a[i] = -n
	}
	if n > 0 {
		return clobber(n-1) + a[n%64]
	}
	return a[0]
}

//go:noinline
func call(f func() *node) *node { return f() }

//go:noinline
func callAndKeep(f func() *node) { keptNode = f() }

//go:noinline
func do(f func()) { f() }

//go:noinline
func through(f func()) { do(func() { do(f) }) }

//go:noinline
func deferred(f func()) {
	defer f()
	defer func() {
		for i := 0; i < 2; i++ {
			defer f()
		}
	}()
	clobber(3)
}

//go:noinline
func keep(f func() int) int { keptFunc = f; return f() }

//go:noinline
func later(f func(), done chan bool) {
	go func() { f(); done <- true }()
}

//go:noinline
func give(f func(*node), n *node) { f(n) }

//go:noinline
func pick(c bool, f, g func() int) func() int {
	if c {
		return f
	}
	return g
}

//go:noinline
func catch(f func()) (err any) {
	defer func() { err = recover() }()
	f()
	return nil
}

// Calls itself with closures that call the one before.
func nested(depth int, f func(int) int) int {
	if depth == 0 {
		return f(1)
	}
	return nested(depth-1, func(x int) int { return f(x) + depth })
}

type visitor struct{ visit func(*node) bool }

//go:noinline
func (v *visitor) walk(n *node) {
	for ; n != nil && v.visit(n); n = n.next {
	}
}

func returned() *node {
	n := &node{n: 1}
	return call(func() *node { return n })
}

func keptResult() {
	n := &node{n: 2}
	callAndKeep(func() *node { return n })
}

func told() {
	n := &node{n: 3}
	through(func() { keptNode = n })
}

func moved() *node {
	a, b := &node{n: 4}, &node{}
	do(func() { b.next = a })
	return b.next
}

func handed() *node {
	var got *node
	give(func(n *node) { got = n }, &node{n: 5})
	return got
}

func whole() func() int {
	x := 6
	keep(func() int { x++; return x })
	return keptFunc
}

func inGoroutine() int {
	x := 8
	done := make(chan bool)
	later(func() { x++ }, done)
	clobber(20)
	<-done
	return x
}

func panics() any {
	n := &node{n: 10}
	return catch(func() { panic(n) })
}

func walked() (out []*node) {
	list := &node{n: 1, next: &node{n: 2, next: &node{n: 3}}}
	v := visitor{func(n *node) bool { out = append(out, n); return n.n < 2 }}
	v.walk(list)
	return out
}

func picked() int {
	x, y := 1, 2
	return pick(x < y, func() int { x++; return x }, func() int { y++; return y })()
}

func boxed() {
	n := &node{n: 12}
	do(func() { do(func() { keptAny = func() int { n.n++; return n.n } }) })
}

func selfCalling() int {
	n := 3
	var f func()
	f = func() {
		if n--; n > 0 {
			do(f)
		}
	}
	do(f)
	return n
}

func seq(n int) func(func(*node) bool) {
	return func(yield func(*node) bool) {
		for i := range n {
			if !yield(&node{n: i}) {
				return
			}
		}
	}
}

func ranged() (last *node, sum int) {
	for n := range seq(5) {
		last = n
		sum += n.n
	}
	return
}

func main() {
	r := returned()
	clobber(30)
	fmt.Println(r.n)
	keptResult()
	clobber(30)
	fmt.Println(keptNode.n)
	told()
	clobber(30)
	fmt.Println(keptNode.n)
	m := moved()
	clobber(30)
	fmt.Println(m.n)
	h := handed()
	clobber(30)
	fmt.Println(h.n)
	w := whole()
	clobber(30)
	fmt.Println(w(), w())
	fmt.Println(inGoroutine())
	p := panics().(*node)
	clobber(30)
	fmt.Println(p.n)
	out := walked()
	clobber(30)
	fmt.Println(len(out), out[0].n, out[1].n)
	fmt.Println(picked())
	boxed()
	clobber(30)
	fmt.Println(keptAny.(func() int)(), keptAny.(func() int)())
	fmt.Println(selfCalling(), nested(5, func(x int) int { return x * 2 }))
	last, sum := ranged()
	clobber(30)
	fmt.Println(last.n, sum)
	x := 0
	deferred(func() { x++ })
	fmt.Println(x)

	count := func(name string, f func()) { fmt.Println(name, testing.AllocsPerRun(10, f)) }
	count("called", func() { x := 1; do(func() { x++ }) })
	count("passed on", func() { x := 1; through(func() { x++ }) })
	count("node", func() { n := &node{}; do(func() { n.n++ }) })
	count("once", func() { x := 1; once.Do(func() { x++ }) })
	count("nested", func() { nested(3, func(x int) int { return x }) })
	logger := log.New(discard{}, "", 0)
	count("log", func() { logger.Printf("%d objects", 7) })
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
