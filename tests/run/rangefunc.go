// Range over functions: break, continue, labels, return, defer, nesting, misuse.
package main

func count(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		defer println("iterator done")
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func pairs(yield func(int, string) bool) {
	_ = yield(1, "one") && yield(2, "two") && yield(3, "three")
}

func find(limit int) (found int, ok bool) {
	for i := range count(100) {
		if i*i > limit {
			return i, true
		}
	}
	return 0, false
}

func deferred() (s int) {
	defer func() { println("outer defer", s) }()
	for i := range count(3) {
		defer println("body defer", i)
		s += i
	}
	println("end of deferred")
	return s
}

func labels() {
outer:
	for i := range count(3) {
		for k, v := range pairs {
			if k == 2 && i == 0 {
				continue outer
			}
			if i == 2 {
				break outer
			}
			println(i, k, v)
		}
	}
}

func bad(yield func(int) bool) {
	yield(1)
	yield(2)
}

func main() {
	sum := 0
	for i := range count(5) {
		if i == 3 {
			continue
		}
		sum += i
	}
	println(sum)
	println(find(50))
	println(find(100000))
	println(deferred())
	labels()
	n := 0
	for range count(2) {
		n++
	}
	println(n)
	defer func() { println(recover().(error).Error()) }()
	for i := range bad {
		println("bad", i)
		break
	}
}
