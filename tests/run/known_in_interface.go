// What is known when the program is built is not copied to the heap for an interface, also where a function literal uses
// a variable that never changes.
package main

import (
	"fmt"
	"reflect"
	"testing"
)

type point struct{ X, Y int32 }

type pair struct {
	name string
	f    float32
}

type named string

func (n named) String() string { return "<" + string(n) + ">" }

var sink [4]any

//go:noinline
func put(vals ...any) { copy(sink[:], vals) }

func plain() int { return 11 }

type holder struct {
	f func() int
	n int
}

func main() {
	n, s, f, c := 2000, "abc", float32(1.5), 2-3i
	var none string
	count := func(name string, f func()) {
		fmt.Println(name, testing.AllocsPerRun(10, f), sink)
	}
	count("constants", func() { put(70000, "text", -2.25, uint16(65000)) })
	count("variables", func() { put(n, s, f, none) })
	count("nested", func() { func() { put(n, s, c, f) }() })
	count("structs", func() { put(point{3, -4}, pair{"p", 0.5}, named("n"), [0]int{}) })

	var once [2]any
	for i := range once {
		once[i] = i + 1000
		if i > 0 {
			n := i
			fmt.Println(func() any { return n }(), once[0] == any(1000))
		}
	}
	h := any(holder{plain, 5})
	fmt.Println(h.(holder).f(), h.(holder).n)

	// Copies of what an interface holds may change, the interface does not.
	p := any(point{1, 2})
	q := p.(point)
	q.X = 9
	v := reflect.New(reflect.TypeOf(p)).Elem()
	v.Set(reflect.ValueOf(p))
	v.Field(0).SetInt(7)
	fmt.Println(p, q, v, reflect.ValueOf(p).CanSet())

	// Variables that do change.
	x := 5
	g := func() any { return x }
	x = 6
	fmt.Println(g())
	for k := range 3 {
		defer func() { fmt.Print(k, " ") }()
	}
	for e := range func(yield func(any) bool) { _ = yield(n) && yield(s) } {
		fmt.Println(e)
	}
	fmt.Println(map[any]int{1000: 1, "k": 2}[any(n-1000)])
}
