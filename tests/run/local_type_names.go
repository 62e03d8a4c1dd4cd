package main

// Names of types declared in functions: alone, in instances, and as arguments of other types, where official Go numbers
// them in the order of the package.

import (
	"fmt"
	"reflect"
)

type G[T any] struct{ v T }

func (g G[T]) local() any {
	type inner struct{ x T }
	return inner{}
}

func f[T any]() any {
	type local struct{ x T }
	return local{}
}

func two[K comparable, V any]() any {
	type m map[K]V
	{
		type m struct{ k K }
		return []any{m{}, func() any { type c []m; return c{} }()}
	}
}

func plain() any {
	type local struct{}
	return local{}
}

var first, second = func() any { type global int; return f[global]() }, func() any {
	type alias = string
	type global int
	return f[map[alias]global]()
}

func nest[T any]() any {
	type local struct{ t T }
	return f[local]()
}

func show(xs ...any) {
	for _, x := range xs {
		t := reflect.TypeOf(x)
		fmt.Printf("%T %v %q %q\n", x, t, t.Name(), t.PkgPath())
		if t.Kind() == reflect.Struct && t.NumField() > 0 {
			fmt.Println(t.Field(0).Type)
		}
	}
}

func main() {
	show(f[int](), f[string](), f[G[int]](), f[[]G[int]](), f[map[string]any]())
	show(two[string, int]().([]any)...)
	show(plain())
	show(nest[int](), nest[G[string]]())
	show(G[int]{}.local(), G[G[int]]{}.local())
	show(first(), second())
	type here struct{}
	show(here{}, f[here](), G[here]{}, f[G[here]]())
	func() {
		type here struct{}
		show(here{}, f[here](), G[here]{}, G[*here]{}, G[func(here) here]{})
	}()
	show(f[struct{ a here }](), f[interface{ m(here) }](), f[chan<- here]())
	defer func() { fmt.Println(recover()) }()
	var a any = f[int]()
	_ = a.(here)
}
