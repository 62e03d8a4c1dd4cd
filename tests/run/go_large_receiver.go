// go and defer of a method whose receiver is a value too large for registers: each call has the value of its statement.
package main

import "fmt"

type big struct{ a, b, c, d, e, f int }

func (b big) show(done chan int) { done <- b.a + b.f }

func (b big) print() { fmt.Println("deferred", b.a, b.f) }

func (b big) result(x [9]int) (big, [9]int) {
	fmt.Println("result", b.a, x[8])
	return b, x
}

type pair[T any] struct{ x, y, z, u, v, w T }

func (p pair[T]) show(done chan int) { fmt.Println(p.x, p.w); done <- 1 }

type shower interface{ show(chan int) }

type around struct {
	n int
	big
	*pair[string]
}

//go:noinline
func start(n int, done chan int) {
	b := big{n, 2, 3, 4, 5, n * 2}
	go b.show(done)
	b.a = 1000
}

//go:noinline
func startFrom(p *big, done chan int) {
	go p.show(done)
	p.a = 1000
}

//go:noinline
func startOther(done chan int) {
	a := around{n: 1, big: big{a: 1, f: 10}, pair: &pair[string]{x: "x", w: "w"}}
	go a.big.show(done)
	<-done
	go a.pair.show(done)
	<-done
	var s shower = a.big
	go s.show(done)
	f := big.show
	go f(a.big, done)
	g := a.big.show
	go g(done)
	a.big.a = 1000
}

//go:noinline
func smash(n int) int {
	var x [64]int
	for i := range x {
		x[i] = n
	}
	return x[n%64]
}

func later() {
	for i := range 4 {
		b := big{i, 2, 3, 4, 5, i * i}
		defer b.print()
		defer b.result([9]int{8: i})
		b.a = 1000
	}
	if smash(2) == 2 {
		b := big{a: 7}
		defer b.print()
		b.a = 1000
	}
}

func main() {
	done := make(chan int)
	sum := 0
	for i := range 4 {
		start(i, done)
		sum += smash(99) - 99
		startFrom(&big{a: i}, done)
		sum += smash(99) - 99
	}
	for range 8 {
		sum += <-done
	}
	startOther(done)
	smash(99)
	fmt.Println(sum, <-done, <-done, <-done)
	later()
}
