package main

import "runtime"

// Recover in every position, nested panics, panics in deferred calls, Goexit beside panics.

func try(name string, f func()) {
	defer func() {
		switch r := recover().(type) {
		case nil:
			println(name, "no panic")
		case string:
			println(name, "string", r)
		case int:
			println(name, "int", r)
		case error:
			println(name, "error", r.Error())
		default:
			println(name, "other")
		}
	}()
	f()
}

func helper() any { return recover() }

func named() (n int, s string) {
	defer func() {
		if r := recover(); r != nil {
			n, s = r.(int)*2, "recovered"
		}
	}()
	n = 1
	panic(21)
}

func nested() {
	defer func() { println("outer", recover().(string)) }()
	defer func() {
		defer func() { println("inner", recover().(string)) }()
		panic("second")
	}()
	panic("first")
}

func replaced() {
	defer func() { println("replaced by", recover().(string)) }()
	defer func() { panic("two") }()
	panic("one")
}

func notDirect() {
	defer func() { println("direct", recover().(string)) }()
	defer func() { println("by helper", helper() == nil) }()
	defer func() {
		func() { println("in closure", recover() == nil) }()
	}()
	panic("p")
}

func deferRecover() {
	defer func() { println("nothing left", recover() == nil) }()
	defer func() { defer recover() }() // recover called directly by the deferred statement: no effect here
	panic("q")
}

func directRecover() {
	defer println("after direct")
	defer recover()
	panic("recovered by recover itself?")
}

type T struct{ n int }

func (t T) Rec()   { println("method value", t.n, recover() != nil) }
func (t *T) RecP() { println("method pointer", t.n, recover() != nil) }

type R interface{ Rec() }

func methods() {
	func() { t := T{1}; defer t.Rec(); panic(1) }()
	func() { t := &T{2}; defer t.Rec(); panic(1) }()
	func() { t := &T{3}; defer t.RecP(); panic(1) }()
	func() { var r R = T{4}; defer r.Rec(); panic(1) }()
	func() { var r R = &T{5}; defer r.Rec(); panic(1) }()
	func() { f := (&T{6}).Rec; defer f(); panic(1) }()
	func() { defer (*T).Rec(&T{7}); panic(1) }()
}

func loop() (sum int) {
	for i := 0; i < 5; i++ {
		defer func() { sum += i }()
	}
	defer func() { recover() }()
	panic("x")
}

func rethrow() {
	defer func() { println("got", recover().(int)) }()
	defer func() {
		r := recover().(int)
		panic(r + 1)
	}()
	panic(1)
}

func goexit() {
	done := make(chan bool)
	go func() {
		defer close(done)
		defer func() { println("goexit recover nil", recover() == nil) }()
		runtime.Goexit()
	}()
	<-done
	done = make(chan bool)
	go func() {
		defer close(done)
		defer func() { println("panic in Goexit", recover().(string)) }()
		defer func() { panic("while exiting") }()
		runtime.Goexit()
	}()
	<-done
	done = make(chan bool)
	go func() {
		defer close(done)
		defer func() { println("never recovered", recover() == nil) }()
		defer runtime.Goexit()
		panic("replaced by Goexit")
	}()
	<-done
}

func deep(n int) int {
	if n == 0 {
		panic("bottom")
	}
	var pad [40]int
	pad[n%40] = n
	return deep(n-1) + pad[(n+1)%40]
}

func deepDefer(n int) {
	defer func() {
		if n%1000 == 0 {
			if r := recover(); r != nil {
				if n == 5000 {
					println("stop at", n)
					return
				}
				panic(r)
			}
		}
	}()
	if n == 0 {
		panic("deep")
	}
	deepDefer(n - 1)
}

func main() {
	try("none", func() {})
	try("string", func() { panic("s") })
	try("nil", func() { panic(nil) })
	n, s := named()
	println(n, s)
	nested()
	replaced()
	notDirect()
	deferRecover()
	methods()
	println(loop())
	rethrow()
	goexit()
	try("deep", func() { deep(10000) })
	deepDefer(10000)
	var m *T
	try("deref", func() { println(m.n) })
	z := 0
	try("div", func() { println(1 / z) })
	try("mod", func() { println(1 % z) })
	var a []int
	try("index", func() { println(a[z]) })
	var f func()
	try("func", func() { f() })
	var i interface{ M() }
	try("iface", func() { i.M() })
	try("assert", func() { _ = any(1).(string) })
	try("close", func() { var c chan int; close(c) })
	try("close2", func() { c := make(chan int); close(c); close(c) })
	try("send", func() { c := make(chan int, 1); close(c); c <- 1 })
	try("send in select", func() {
		c := make(chan int, 1)
		close(c)
		select {
		case c <- 1:
		default:
		}
	})
	try("makechan", func() { z--; _ = make(chan int, z) })
	try("array", func() { _ = [4]int(make([]int, 2)) })
	try("shift", func() { println(1 << z) })
	try("big array", func() { var p *[1 << 20]int; println(p[5000]) })
}
