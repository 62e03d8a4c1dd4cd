package main

import "runtime"

// Frames that the compiler has inlined are frames all the same: for Caller, Callers, FuncForPC, recover.

func here(skip int) string {
	pc, _, line, ok := runtime.Caller(skip + 1)
	if !ok {
		return "none"
	}
	println(runtime.FuncForPC(pc).Name(), line)
	return runtime.FuncForPC(pc).Name()
}

func inner() string  { return here(0) }
func middle() string { return inner() }
func outer() string  { return middle() + " " + here(1) }

type shape interface{ area() int }

type square struct{ side int }

func (s square) area() int {
	here(0)
	here(1)
	return s.side * s.side
}

func measure(s shape) int { return s.area() }

func frames() {
	var pcs [16]uintptr
	n := runtime.Callers(1, pcs[:])
	all := runtime.CallersFrames(pcs[:n])
	for {
		f, more := all.Next()
		if f.Function == "runtime.main" || !more {
			break
		}
		println(f.Function, f.Line)
	}
}

func a() { b() }
func b() { c() }
func c() { frames() }

// recover counts only in the function that was deferred, wherever the code of its callees lies.
func try() any     { return recover() }
func tryDeep() any { return try() }

func direct() (r any) {
	defer func() { r = recover() }()
	panic("direct")
}

func indirect() (r any) {
	defer func() {
		println("helper recovers", tryDeep() != nil)
		println("helper recovers", try() != nil)
		r = recover()
	}()
	panic("indirect")
}

func deferredHelper() (r any) {
	defer func() { r = "outer" }()
	defer try()
	panic("helper")
}

type catcher struct{}

func (catcher) catch() { println("caught", recover() != nil) }

type embeds struct{ catcher }

func promoted() {
	defer embeds{}.catch()
	panic("promoted")
}

func byInterface() {
	var i interface{ catch() } = embeds{}
	defer i.catch()
	panic("interface")
}

func index(s []int, i int) int { return s[i] }

func fails(f func()) {
	defer func() { println(recover().(error).Error()) }()
	f()
}

func main() {
	println(outer())
	println(measure(square{3}))
	a()
	println(direct().(string))
	println(indirect().(string))
	println(deferredHelper().(string))
	promoted()
	byInterface()
	fails(func() { index([]int{1, 2}, 5) })
	fails(func() { var p *square; _ = p.area() })
	x := 1
	add := func(n int) int { x += n; return x }
	println(add(2)+add(3), x)
}
