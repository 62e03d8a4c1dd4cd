package main

import "runtime"

// runtime.Caller, Callers, FuncForPC, Stack.

func base(s string) string {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '/' {
			return s[i+1:]
		}
	}
	return s
}

//go:noinline
func where(skip int) {
	pc, file, line, ok := runtime.Caller(skip)
	if !ok {
		println("none")
		return
	}
	println(runtime.FuncForPC(pc).Name(), base(file), line)
}

type T struct{}

//go:noinline
func (T) Value() { where(1) }

//go:noinline
func (*T) Pointer() { where(1) }

//go:noinline
func outer() {
	where(0)
	where(1)
	where(2)
	where(100)
	func() { where(1) }()
	T{}.Value()
	(&T{}).Pointer()
	var v interface{ Value() } = &T{}
	v.Value()
}

func chain() {
	var pcs [20]uintptr
	n := runtime.Callers(0, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	for {
		f, more := frames.Next()
		if f.Function == "runtime.main" {
			break
		}
		println(f.Function, base(f.File), f.Line > 0)
		if !more {
			break
		}
	}
}

//go:noinline
func stack() {
	buf := make([]byte, 1000)
	n := runtime.Stack(buf, false)
	s := string(buf[:n])
	line := 0
	for _, c := range s {
		if c == '\n' {
			line++
		}
	}
	println(s[:23], line)
	n = runtime.Stack(buf[:10], false)
	println(n, string(buf[:n]))
}

func inDefer() {
	defer func() {
		recover()
		where(0)
		where(1)
	}()
	panic("x")
}

func main() {
	outer()
	chain()
	stack()
	inDefer()
	done := make(chan bool)
	go func() {
		where(1)
		where(3)
		done <- true
	}()
	<-done
	println(runtime.NumGoroutine() >= 1, runtime.NumCPU() >= 1)
	println(runtime.FuncForPC(0) == nil)
}
