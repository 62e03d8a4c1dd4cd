package main

type T int

func f(x int, y ...string) {}
func unify[S ~[]E, E any](s S) {}
func integer[T ~int](x T)      {}
func two[A, B any](a A)        {}

func main() {
	f()
	f(
	)
	_ = T()
	_ = len()
	unify(5)
	integer("a")
	two[int](1)
	_ = two[int]
	integer[string]("a")
}
