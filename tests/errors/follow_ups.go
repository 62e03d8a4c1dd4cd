package main

import "io"

// What is wrong because of an undefined type is not reported again.

type T struct{}

func (T) M(x undefined1) {}

type W struct{}

func (W) Write(p []undefined2) (int, error) { return 0, nil }

type G[X any] struct{ x X }

func (g G[X]) N(u undefined3) {}

func use(interface{ M(int) }) {}

func main() {
	var i interface{ M(int) } = T{}
	i = T{}
	use(T{})
	_ = i.(T)
	var w io.Writer = W{}
	var n interface{ N(int) } = G[int]{}
	switch i.(type) {
	case T:
	}
	_, _ = w, n
	x := ‘a’
	println(“y”, x)
}
