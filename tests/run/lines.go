package main

// The lines of calls and faults in expressions over several lines, and of loads whose value is used further down.

import (
	"fmt"
	"runtime"
	"strings"
)

type T struct {
	n    int
	next *T
	arr  [4]int
	s    []int
	m    map[string]int
	f    func(int) *T
	i    I
	pad  [5000]byte
	far  int
	e    any
}

type I interface{ M(int) *T }

//go:noinline
func (t *T) On(s string) *T {
	_, _, line, _ := runtime.Caller(1)
	fmt.Println(s, "line", line)
	return t
}

//go:noinline
func (t T) Val(k int) T { return t }

//go:noinline
func line(s string) int {
	_, _, line, _ := runtime.Caller(1)
	fmt.Println(s, "line", line)
	return 1
}

//go:noinline
func use(xs ...any) {}

//go:noinline
func use1(x int) int { return x }

func try(name string, f func()) {
	defer func() {
		e := recover()
		var pcs [20]uintptr
		n := runtime.Callers(2, pcs[:])
		frames := runtime.CallersFrames(pcs[:n])
		var at []string
		for {
			fr, more := frames.Next()
			if strings.HasPrefix(fr.Function, "main.") && !strings.HasPrefix(fr.Function, "main.try") {
				at = append(at, fmt.Sprint(fr.Line))
			}
			if !more {
				break
			}
		}
		fmt.Println(name, at, e)
	}()
	f()
}

func main() {
	t := &T{}
	var p *T
	var s []int
	var m map[string]int
	var z int
	k := 7
	var a any = "x"
	var fn func(int) *T
	var in I
	t.
		On("a").
		On("b").
		On("c")
	t.On("d").
		On("e")
	try("field", func() {
		x :=
			p.
				n
		use(
			x)
	})
	try("field late", func() {
		x := p.n
		y := 3
		use1(
			x + y)
	})
	try("field late 2", func() {
		x := p.n
		y := use1(3)
		use1(
			x + y)
	})
	try("field add", func() {
		x := p.n
		k += 1
		k += x
	})
	try("compare late", func() {
		x := p.n
		if k ==
			x {
			use(k)
		}
	})
	try("far", func() {
		x := p.far
		use(
			x)
	})
	try("chain", func() {
		x := t.
			next.
			next.
			n
		use(x)
	})
	try("index", func() {
		use(
			s[k])
	})
	try("index parts", func() {
		use(
			s[k])
	})
	try("index parts 2", func() {
		use(
			t.
				s[k])
	})
	try("index array", func() {
		use(
			t.
				arr[k])
	})
	try("index array nil", func() {
		use(
			p.
				arr[k&1])
	})
	try("index late", func() {
		x := s[k]
		z++
		use(x)
	})
	try("slice", func() {
		use(
			s[k:])
	})
	try("slice parts", func() {
		use(
			t.s[1:k])
	})
	try("slice nil array", func() {
		use(
			p.
				arr[:])
	})
	try("map", func() {
		m["a"] =
			1
	})
	try("map of field", func() {
		p.
			m["a"] = 1
	})
	try("map key", func() {
		use(map[any]int{}[[]int{}])
	})
	try("store", func() {
		p.n =
			1
	})
	try("store 2", func() {
		p.
			n = 1
	})
	try("store index", func() {
		s[k] =
			1
	})
	try("store index call", func() {
		s[k] =
			use1(2)
	})
	try("store star", func() {
		*p =
			T{}
	})
	try("op store", func() {
		p.
			n +=
			2
	})
	try("inc", func() {
		p.
			n++
	})
	try("div", func() {
		use(k /
			z)
	})
	try("div 2", func() {
		use(k /
			use1(0))
	})
	try("assert", func() {
		use(
			a.(int))
	})
	try("assert chain", func() {
		use(
			a.(int))
	})
	try("assert I", func() {
		_ = a.(I)
	})
	try("call nil func", func() {
		fn(
			1)
	})
	try("call nil func field", func() {
		t.
			f(
				1)
	})
	try("call nil iface", func() {
		in.
			M(
				1)
	})
	try("call nil iface field", func() {
		t.
			i.
			M(1)
	})
	try("call val nil", func() {
		p.
			Val(
				1)
	})
	try("call val chain", func() {
		t.
			next.
			Val(
				1).
			Val(2)
	})
	try("panic", func() {
		panic(
			"x")
	})
	try("close", func() {
		var c chan int
		close(
			c)
	})
	try("send", func() {
		c := make(chan int)
		close(c)
		c <- use1(1)
	})
	try("make", func() {
		use(make([]int,
			k-100))
	})
	try("convert", func() {
		use([4]int(
			s))
	})
	try("compare ifaces", func() {
		var x, y any = []int{}, []int{}
		use(x ==
			y)
	})
	try("switch", func() {
		var x any = []int{}
		switch x {
		case 1:
		case x:
		}
	})
	try("return", func() {
		use1(func() int {
			return p.
				n
		}())
	})
	try("args", func() {
		use(
			k,
			p.n,
			s[k],
		)
	})
	try("composite", func() {
		x := T{
			n: k,
			s: p.s,
		}
		use(x)
	})
	try("composite 2", func() {
		x := []int{
			k,
			p.n,
		}
		use(x)
	})
	try("star", func() {
		x :=
			*p
		use(
			x)
	})
	try("star late", func() {
		x := *p
		z++
		use(x)
	})
	try("range", func() {
		for _, v := range p.
			s {
			use(v)
		}
	})
	try("range array", func() {
		for _, v := range &p.arr {
			use(v)
		}
	})
	try("if", func() {
		if k == 7 &&
			p.n == 1 ||
			z == 1 {
			use(k)
		}
	})
	try("cond", func() {
		for i := 0; i <
			p.n; i++ {
		}
	})
	try("string", func() {
		x := "abc"
		use(
			x[k])
	})
	try("string slice", func() {
		x := "abc"
		use("a" +
			x[k:] +
			"b")
	})
	try("concat", func() {
		use("a" +
			*(*string)(nil) +
			"b")
	})
	try("append", func() {
		s = append(s,
			p.n)
	})
	try("copy", func() {
		copy(s,
			p.s)
	})
	try("len", func() {
		use(len(
			p.s))
	})
	try("delete", func() {
		delete(map[any]int{},
			[]int{})
	})
	try("defer", func() {
		defer use1(
			p.n)
	})
	func() {
		defer func() { recover() }()
		defer fn(2)
		z++ // the call fails, not the statement
	}()
	try("go", func() {
		go use1(
			p.n)
	})
	try("method value", func() {
		f := in.
			M
		use(f)
	})
	try("two", func() {
		s[0], s[1] = 1,
			2
	})
	try("two fields", func() {
		t.n,
			p.n = 1,
			2
	})
	try("two values", func() {
		_, _ = t.n,
			p.n
	})
	try("addr", func() {
		use(&p.far)
	})
	try("addr index", func() {
		use(&s[k])
	})
	try("unary", func() {
		use(-p.n)
	})
	fmt.Println(z)
	try("shift", func() {
		use(1 <<
			(z - 1))
	})
	try("bool", func() {
		use(!*(*bool)(nil))
	})
	try("float", func() {
		x := *(*float64)(nil)
		y := 1.5
		use(
			x * y)
	})
	try("float late", func() {
		x := *(*float64)(nil)
		use1(k)
		use(
			x * 2)
	})
	line("1")
	use1(
		line("2"))
	use1(line("3") +
		line("4")*
			line("5"))
	use(
		line("6"),
		[]int{
			line("7"),
			1: line("8"),
		},
		T{n: line("9"),
			s: []int{line("10")}},
		map[int]int{
			line("11"): line("12"),
		},
	)
	var pad2 int
	_ = pad2
	if line("13") == 2 ||
		line("14") == 1 &&
			line("15") == 1 {
	}
	switch line("16") {
	case line("17") + 5,
		line("18"):
	}
	for i := line("19"); i <
		line("20")+1; i +=
		line("21") {
	}
	func() {
		defer func(int) {
			line("22")
		}(line("23"))
		defer use1(
			line("24"))
	}()
	var (
		x    = line("25")
		y, w = line("26"),
			line("27")
	)
	x, y =
		line("28"),
		line("29")
	use(x, y, w)
	s = []int{1}
	s[line("30")-1] =
		line("31")
	s[line("32")-1] +=
		line("33")
		/*line foo.go:1000*/
	line("34") /*line foo.go:2000*/
	line("35")
	use( /*line foo.go:3000*/ line("36") /*line foo.go:4000*/, line("37"))
	try("lined", func() { s /*line foo.go:5000*/ [ /*line foo.go:6000*/ k] = 1 })
	try("lined 2", func() { use(s /*line foo.go:5000*/ [ /*line foo.go:6000*/ k: /*line foo.go:7000*/]) })
	try("lined 3", func() { use(p. /*line foo.go:5000*/ /*line foo.go:6000*/ n) })
	try("lined 4", func() { fn /*line foo.go:5000*/ ( /*line foo.go:6000*/ 1 /*line foo.go:6001*/) })
	try("lined 5", func() { in. /*line foo.go:5000*/ /*line foo.go:6000*/ M /*line foo.go:6001*/ (1) })
}
