// Deferred calls in functions without loops around them, whose records lie in the frame, mixed with every way to
// leave a function.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
)

var trace []string

func note(s string) { trace = append(trace, s) }

func show(name string) {
	fmt.Println(name, trace)
	trace = nil
}

func conditional(a, b, c bool) (n int) {
	if a {
		defer note("a")
	}
	if b {
		defer func() { n += 10; note("b") }()
		if c {
			return 1
		}
	} else if c {
		defer func(k int) { n += k; note("c") }(n + 5)
	}
	n++
	return n + 1
}

func recovers(where int) (s string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("outer: %v", r)
		}
	}()
	s = "started"
	defer func() {
		if where == 1 {
			panic("deferred")
		}
		s += " second"
	}()
	if where == 2 {
		var m map[string]int
		m["x"] = 1
	}
	if where == 3 {
		defer func() {
			note(fmt.Sprint(recover()))
			panic(errors.New("again"))
		}()
		panic("first")
	}
	s += " done"
	return
}

// The panic of a deferred call at an ordinary return reaches the earlier ones.
func atReturn() (n int) {
	defer func() { note(fmt.Sprint("two ", recover())); n = 7 }()
	defer func() { note("one"); panic("at return") }()
	return 3
}

func nested() {
	defer func() { note(fmt.Sprint("outer ", recover())) }()
	defer func() {
		defer func() { note(fmt.Sprint("inner ", recover())) }()
		panic("b")
	}()
	panic("a")
}

func notDirect() (r any) {
	defer func() {
		func() { r = recover() }()
		recover()
	}()
	panic("only the deferred function itself recovers")
}

func nilFunc() (s string) {
	defer func() { s = fmt.Sprint(recover()) }()
	var f func()
	defer f()
	return "not reached by the panic"
}

func plainRecover() (n int) {
	n = 1
	func() {
		defer func() { note("around"); _ = recover() }()
		defer recover()
		panic("stays")
	}()
	return n
}

func goexit() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer func() { note(fmt.Sprint("goexit ", recover())) }()
		func() {
			defer note("inner frame")
			runtime.Goexit()
		}()
		note("never")
	}()
	wg.Wait()
}

func mixed(n int) {
	defer note("first")
	for i := range n {
		defer note(fmt.Sprint("loop ", i))
	}
	defer note("last")
}

func back(n int) {
	i := 0
again:
	defer note(fmt.Sprint("goto ", i))
	i++
	if i < n {
		goto again
	}
}

func inBody(n int) (r int) {
	defer func() { r *= 2; note("own") }()
	for i := range func(yield func(int) bool) {
		defer note("iterator")
		for i := range n {
			if !yield(i) {
				return
			}
		}
	} {
		defer note(fmt.Sprint("body ", i))
		r += i
		if i == 2 {
			return r
		}
	}
	return -1
}

type counter struct{ n int }

func (c *counter) add(k int)    { c.n += k }
func (c counter) show(s string) { note(fmt.Sprint(s, c.n)) }

func methods() {
	c := &counter{1}
	defer c.show("early ")
	defer c.add(5)
	c.n = 2
	f := c.add
	defer f(3)
	defer func() { note(fmt.Sprint("now ", c.n)) }()
}

func many(k int) (n int) {
	defer func() { n++ }()
	defer func() { n *= 2 }()
	defer func() { n += 3 }()
	switch k {
	case 0:
		return 1
	case 1:
		return 2
	case 2:
		return 3
	case 3:
		return 4
	case 4:
		return 5
	case 5:
		return 6
	case 6:
		panic("six")
	}
	return 0
}

func recursive(n int) (s int) {
	defer func() {
		if r := recover(); r != nil && n%2 == 1 {
			s = r.(int) + n
		} else if r != nil {
			panic(r.(int) * 2)
		}
	}()
	if n == 0 {
		panic(1)
	}
	return recursive(n-1) + 1
}

func lock(mu *sync.Mutex, n *int) int {
	mu.Lock()
	defer mu.Unlock()
	*n++
	return *n
}

func forever() {
	defer func() { note(fmt.Sprint("forever ", recover())) }()
	for i := 0; ; i++ {
		if i == 1000 {
			var p *counter
			p.n++
		}
	}
}

func main() {
	for i := range 8 {
		fmt.Print(conditional(i&1 != 0, i&2 != 0, i&4 != 0), " ")
	}
	show("conditional")
	for i := range 4 {
		fmt.Println(recovers(i))
	}
	show("recovers")
	fmt.Println(atReturn())
	show("at return")
	nested()
	show("nested")
	func() {
		defer func() { fmt.Println("got", recover()) }()
		fmt.Println(notDirect())
	}()
	fmt.Println(nilFunc())
	fmt.Println(plainRecover())
	show("defer recover")
	goexit()
	show("goexit")
	mixed(3)
	show("mixed")
	back(3)
	show("goto")
	fmt.Println(inBody(5), inBody(1))
	show("body")
	methods()
	show("methods")
	for i := range 6 {
		fmt.Print(many(i), " ")
	}
	fmt.Println(many(9), recursive(5), recursive(3))
	var mu sync.Mutex
	n := 0
	for range 3 {
		lock(&mu, &n)
	}
	fmt.Println(n, mu.TryLock())
	forever()
	show("forever")
	defer fmt.Println("deferred in main")
	defer os.Stdout.Sync()
	func() {
		defer func() { fmt.Println(recover()) }()
		many(6)
	}()
	panic("end of main")
}
