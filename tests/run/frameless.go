// Short functions that call nothing have no frame. Faults in them, callers above them, and goroutines that are stopped
// while they are called all the time see the same as everywhere.
package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

type node struct {
	pad  [3]int
	next *node
	n    int
}

type getter interface {
	get() *node
	add(int) int
}

//go:noinline
func (n *node) get() *node { return n.next }

//go:noinline
func (n *node) add(i int) int { n.n += i; return n.n }

//go:noinline
func half(i int) int {
	if i&1 == 0 {
		return i / 2
	}
	return 3*i + 1
}

//go:noinline
func try(what string, f func()) {
	defer func() {
		e := recover()
		pcs := make([]uintptr, 20)
		frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
		for {
			f, more := frames.Next()
			if strings.HasPrefix(f.Function, "main.") {
				fmt.Println("\t", f.Function, f.Line)
			}
			if !more {
				break
			}
		}
		fmt.Println(what, e)
	}()
	f()
}

func spin(g getter, f func(int) int, done *bool) (turns int) {
	for !*done {
		turns += f(g.add(1)) & 1
		turns += g.get().n & 1
		if turns&0xfffff == 0 {
			runtime.Gosched()
		}
	}
	return turns
}

func main() {
	var g getter = &node{next: &node{}}
	fmt.Println(g.add(3), half(7), half(8))
	try("nil receiver", func() { g.get().get().add(1) })
	try("nil in an interface", func() { getter((*node)(nil)).get() })
	f := (*node).get
	try("method expression", func() { f(f(f(&node{}))) })
	h := half
	fmt.Println(h(h(h(5))))

	var done bool
	results := make(chan int)
	for range 4 {
		go func() { results <- spin(&node{next: &node{n: 1}}, half, &done) }()
	}
	var keep [][]int
	for range 20 {
		keep = append(keep, make([]int, 10000))
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	done = true
	for range 4 {
		if <-results == 0 {
			fmt.Println("a goroutine has done nothing")
		}
	}
	fmt.Println(len(keep))
}
