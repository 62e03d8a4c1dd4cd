package main

// Values of size zero behind nil pointers: reading and writing them faults as it does for any other value.

type empty struct{}

func (empty) value()    {}
func (*empty) pointer() {}

type pair struct {
	a, b empty
}

type outer struct {
	n    int
	in   pair
	none [0]int
	e    *empty
}

type zeros [3]empty

var sink any
var e empty

func use(...empty) {}

//go:noinline
func boxed(p *empty) interface{ value() } { return p }

func try(name string, f func()) {
	defer func() {
		err := recover()
		if err == nil {
			println(name, "no panic")
			return
		}
		println(name, err.(error).Error())
	}()
	f()
}

func main() {
	var p, q *empty
	var o *outer
	var z *zeros
	var n *[0]int
	var pp **empty
	var w *struct {
		n    int
		some [2]int
	}
	var some *[2]int
	var x interface{ value() }
	try("blank", func() { _ = *p })
	try("equal", func() { println(*p == *q) })
	try("unequal", func() { println(*p != e) })
	try("assigned", func() { v := *p; _ = v })
	try("declared", func() { var v = *p; use(v) })
	try("package", func() { e = *p })
	try("argument", func() { use(*p) })
	try("interface", func() { sink = *p })
	try("method", func() { (*p).value() })
	try("method by pointer", func() { p.value() })
	try("pointer method", func() { p.pointer() })
	try("method value", func() { f := p.value; f() })
	try("method expression", func() { (*empty).value(p) })
	try("in interface", func() { x = boxed(p); x.value() })
	try("field", func() { _ = o.in })
	try("field of field", func() { v := o.in.a; use(v) })
	try("fields equal", func() { println(o.in.a == o.in.b) })
	try("array field", func() { v := o.none; println(len(v)) })
	try("array", func() { println(*n == [0]int{}) })
	try("array read", func() { v := *n; println(len(v)) })
	try("element", func() { use(z[1]) })
	try("elements", func() { println(z[0] == z[1]) })
	try("pointer to pointer", func() { use(**pp) })
	try("pointer field", func() { use(*o.e) })
	try("store", func() { *p = e })
	try("store field", func() { o.in = pair{} })
	try("store element", func() { z[2] = e })
	try("both", func() { *p, *q = *q, *p })
	try("send", func() { c := make(chan empty, 1); c <- *p })
	try("map", func() { m := map[int]empty{}; m[1] = *p })
	try("key", func() { m := map[empty]int{}; println(m[*p]) })
	try("append", func() { println(len(append([]empty{}, *p))) })
	try("literal", func() { println(len([]empty{*p})) })
	try("struct literal", func() { sink = pair{a: *p} })
	try("returned", func() { use(func() empty { return *p }()) })
	try("deferred", func() { defer use(*p) })
	try("range", func() {
		for i, v := range *z {
			println(i)
			use(v)
		}
	})
	try("range of pointer", func() {
		for i := range z {
			print(i, " ")
		}
	})
	try("range with values", func() {
		for i, v := range z {
			println(i)
			use(v)
		}
	})
	try("length", func() { println(len(*z), len(z), cap(n)) })
	try("slice", func() { println(len(z[:])) })
	try("slice by star", func() { println(len((*z)[:])) })
	try("slice of field", func() { println(len(o.none[:])) })
	try("slice of some", func() { println(len(w.some[:])) })
	try("slice of some by star", func() { println(len((*some)[:])) })
	try("slice of none", func() { println(len(n[:])) })
	try("address", func() { println(&o.in != nil) })
	try("address of element", func() { println(&z[1] != nil) })
	try("converted", func() { sink = struct{}(*p) })
	try("compared", func() { println(sink == any(*p)) })
	try("switch", func() {
		switch *p {
		case e:
			println("e")
		}
	})
	try("new", func() { println(new(*p) != nil) })
	try("clear", func() { var s []empty; clear(s); println(len(s)) })
	try("closure", func() { v := *p; defer func() { use(v) }() })
	try("select", func() {
		c := make(chan empty, 1)
		select {
		case c <- *p:
		default:
		}
	})
}
