package main

import "fmt"

func hash[T comparable](v T) string {
	m := map[T]int{v: 1}
	return fmt.Sprintf("%T %v", v, m[v])
}

func a() {
	type S struct{ s string }
	fmt.Println(hash(S{"x"}))
}
func b() {
	type S struct {
		i int
		p *int
	}
	fmt.Println(hash(S{1, nil}))
}
func c() {
	type S struct{ s string }
	f := func(s S) { fmt.Println(hash(s)) }
	f(S{"yy"})
	func() {
		type S struct{ f float64 }
		fmt.Println(hash(S{1.5}))
	}()
}
func main() { a(); b(); c() }
