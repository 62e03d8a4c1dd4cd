package main

import "fmt"

// Deferred closures that copy one captured variable to another, of which one is a result: what the copy refers to
// outlives the function.

type getter interface{ get() int }

type num int32

func (n num) get() int { return int(n) + 1 }

//go:noinline
func clobber(n int) (sum int) {
	var a [200]int
	for i := range a {
		a[i] = n + i
	}
	for _, v := range a {
		sum += v
	}
	return sum
}

//go:noinline
func iface(n num) (q getter) {
	v := q
	v = num(min(n, 4))
	clobber(1)
	defer func() {
		if r := recover(); r != nil {
			fmt.Println("recovered", r)
		}
		clobber(2)
		q = v
	}()
	return nil
}

//go:noinline
func pointer(n int) (p *int) {
	x := n * 2
	y := &x
	defer func() {
		if r := recover(); r != nil {
			fmt.Println("recovered", r)
		}
		p = y
	}()
	return nil
}

type pair struct{ a, b *int }

//go:noinline
func move(p **int, q **int) { *p = *q }

//go:noinline
func through(n int) *int {
	x := n
	var a, b *int
	b = &x
	move(&a, &b)
	return a
}

//go:noinline
func within(p *pair) { p.a = p.b }

//go:noinline
func fields(n int) *int {
	x := n
	p := pair{b: &x}
	within(&p)
	return p.a
}

func main() {
	q, p, t, f := iface(3), pointer(21), through(5), fields(6)
	clobber(3)
	fmt.Println(q.get(), *p, *t, *f)
	for i := range 3 {
		q, p := iface(num(i)), pointer(i)
		clobber(i)
		fmt.Println(q.get(), *p)
	}
}
