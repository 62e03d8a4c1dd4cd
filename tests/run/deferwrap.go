package main

// What `go` and `defer` make of calls with arguments: numbered together, hidden in tracebacks unless they panic themselves.

import (
	"fmt"
	"runtime"
	"strings"
)

type T struct{ n int }

func (t T) value(k int)    { stack("value", k) }
func (t *T) pointer(k int) { stack("pointer", k) }

type I interface{ value(int) }

//go:noinline
func f(k int) { stack("f", k) }

//go:noinline
func stack(s string, k int) {
	fmt.Println("==", s, k)
	pcs := make([]uintptr, 20)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if strings.HasPrefix(frame.Function, "main.") {
			fmt.Println(frame.Function, frame.Line)
		}
	}
}

func deferred(t T, i I) {
	defer f(1)
	defer t.value(2)
	defer t.pointer(3)
	defer i.value(4)
	defer func(k int) { stack("literal", k) }(5)
	g, m := f, t.value
	defer g(7)
	defer m(8)
	for j := range 2 {
		defer f(10 + j)
	}
}

func recovers() {
	defer func() {
		fmt.Println(recover())
		stack("recovered", 0)
	}()
	defer panic("deferred")
}

func main() {
	deferred(T{1}, T{2})
	recovers()
	c := make(chan bool)
	go func(k int) { stack("go", k); c <- true }(1)
	<-c
	go func() {
		defer close(c)
		f(9)
	}()
	<-c
	defer panic("last")
	defer println("a")
}
