// Which calls of recover count, and what happens to named results.
package main

func named() (r int) {
	defer func() {
		if recover() != nil {
			r = 7
		}
	}()
	panic("x")
}

func helper() any { return recover() }

func nested() (s string) {
	defer func() {
		if helper() != nil {
			s = "helper recovered"
		} else {
			s = recover().(string)
		}
	}()
	panic("direct")
}

func fault() (s string) {
	defer func() { s = recover().(error).Error() }()
	var p *int
	return string(rune(*p))
}

func index(a []int, i int) (s string) {
	defer func() { s = recover().(error).Error() }()
	return string(rune(a[i]))
}

func repanic() (s string) {
	defer func() { s = recover().(string) }()
	defer func() {
		recover()
		panic("second")
	}()
	panic("first")
}

type T struct{ n int }

func (t *T) done() { t.n += recover().(int) }

func method() int {
	t := &T{1}
	func() {
		defer t.done()
		panic(41)
	}()
	return t.n
}

func loop() (n int) {
	for i := 0; i < 5; i++ {
		defer func() { n = n*10 + i }()
	}
	return 0
}

func main() {
	println(named(), nested())
	println(fault())
	println(index([]int{1, 2}, 5))
	println(repanic())
	println(method())
	println(loop())
	defer println("deferred", 1, "two")
	defer func() { println(recover() == nil) }()
}
