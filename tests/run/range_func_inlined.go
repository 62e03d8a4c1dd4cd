// Loops over functions whose iterators and bodies end up in place: what they do, what leaves them, and what they refuse is the
// same.
package main

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

// Calls its body once more after that has said stop.
func stubborn(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			yield(i)
		}
	}
}

func twice(seq iter.Seq[int]) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for v := range seq {
			if !yield(v, 1) || !yield(v, 2) {
				return
			}
		}
	}
}

var kept func(int) bool

func keeps(yield func(int) bool) {
	kept = yield
	yield(7)
}

func sum(n int) (s int) {
	for v := range count(n) {
		s += v & 3
	}
	return s
}

func find(n, what int) (int, error) {
	for v := range count(n) {
		if v*v == what {
			return v, nil
		}
	}
	return -1, errors.New("none")
}

func labels(n int) (out []string) {
outer:
	for a := range count(n) {
		for b, k := range twice(count(n)) {
			switch {
			case b > a:
				continue outer
			case a == 3 && k == 2:
				break outer
			}
			out = append(out, fmt.Sprint(a, b, k))
		}
	}
	return out
}

func defers(n int) (s string) {
	defer func() { s += fmt.Sprint(" recovered ", recover()) }()
	for v := range count(n) {
		defer func() { s += fmt.Sprint(v) }()
		if v == 3 {
			panic("three")
		}
	}
	return s
}

func try(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}

// Changes which function a variable holds while the loop runs.
func changes() (s string) {
	f := func(i int) string { return fmt.Sprint("a", i) }
	for v := range count(4) {
		s += f(v)
		if v == 1 {
			f = func(i int) string { return fmt.Sprint("b", i) }
		}
	}
	return s
}

type tree struct {
	left, right *tree
	v           int
}

func (t *tree) all(yield func(int) bool) bool {
	return t == nil || t.left.all(yield) && yield(t.v) && t.right.all(yield)
}

func compose(fs ...func(int) int) func(int) int {
	return func(x int) int {
		for _, f := range fs {
			x = f(x)
		}
		return x
	}
}

func main() {
	fmt.Println(sum(1000))
	fmt.Println(find(10, 49))
	fmt.Println(find(10, 50))
	fmt.Println(labels(5))
	fmt.Println(defers(5))
	fmt.Println(defers(2))
	fmt.Println(changes())
	try("stubborn", func() {
		for v := range stubborn(3) {
			if v == 1 {
				break
			}
		}
	})
	try("kept", func() {
		for v := range keeps {
			fmt.Println(v)
		}
		kept(8)
	})
	try("swallowed", func() {
		for range func(yield func() bool) {
			defer func() { recover() }()
			yield()
		} {
			panic("inside")
		}
	})
	t := &tree{&tree{nil, nil, 1}, &tree{&tree{nil, nil, 3}, nil, 4}, 2}
	for v := range func(yield func(int) bool) { t.all(yield) } {
		fmt.Print(v, " ")
		if v == 3 {
			break
		}
	}
	fmt.Println()
	m := map[string]int{"a": 1, "b": 2, "c": 3}
	fmt.Println(slices.Sorted(maps.Keys(m)), slices.Collect(twoOf(slices.Values([]string{"x", "y", "z"}))))
	for i, s := range slices.Backward(strings.Fields("one two three")) {
		fmt.Print(i, s, " ")
	}
	fmt.Println(compose(func(x int) int { return x + 1 }, func(x int) int { return x * x })(4))
}

func twoOf[T any](seq iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		n := 0
		for v := range seq {
			if n == 2 || !yield(v) {
				return
			}
			n++
		}
	}
}
