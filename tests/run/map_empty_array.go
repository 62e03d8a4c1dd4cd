package main

import "fmt"

// Arrays of no elements are equal and have the same hash, whatever lies behind them.

type pair struct {
	name  string
	value any
}

type key struct {
	p    *int
	a, b boxed
}

type boxed struct{ x any }

type around struct {
	before float64
	none   [0]pair
	after  string
}

func count[K comparable](k K) int {
	m := map[K]int{}
	for i := range 20 {
		m[k] += i + 1
		k = *new(K)
	}
	return len(m)
}

func same[K comparable](a, b *K) bool { return *a == *b && any(*a) == any(*b) }

//go:noinline
func look(m map[key]int, p *int, a, b boxed) int {
	k := key{p, a, b}
	if _, ok := m[k]; !ok {
		m[k] = len(m) + 1
	}
	return m[k]
}

func main() {
	fmt.Println(count([0]string{}), count([0]float64{}), count([0]any{}), count([0]error{}), count([0]pair{}))
	fmt.Println(count([0][2]string{}), count([3][0]any{}), count(struct{ a [0]any }{}), count([0]complex128{}))

	x := []around{{1, [0]pair{}, "a"}, {2, [0]pair{}, "b"}}
	fmt.Println(same(&x[0].none, &x[1].none), same(&x[0], &x[1]), count(around{}))
	fmt.Println(any([0]pair{}) == any([0]pair{}), any([0]pair{}) == any([0]string{}))

	m, n := map[key]int{}, 0
	for i := range 5 {
		fmt.Print(look(m, &n, boxed{[1]pair{{"a", i % 2}}}, boxed{[0]pair{}}), " ")
	}
	fmt.Println(len(m))

	anything := map[any]int{}
	for range 3 {
		anything[[0]any{}]++
		anything[[0]pair{}]++
		anything[[1]any{"x"}]++
		anything[[0]string{}]++
	}
	fmt.Println(len(anything), anything[[0]any{}], anything[[0]pair{}], anything[[0]string{}])

	var none map[[0]any]int
	fmt.Println(none[[0]any{}])
}
