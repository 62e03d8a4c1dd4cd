// Assignments of several values go in two phases; comparisons of structs stop before a field that would panic, or at it.
package main

import "fmt"

type pair struct {
	s string
	i any
}

type turned struct {
	i any
	s string
}

type wide struct {
	a, b string
	n    int
	i    any
	f    float64
	in   struct {
		p *int
		t string
	}
}

func try(what string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(what, "panics:", r)
		}
	}()
	f()
}

func main() {
	m := map[string]int{}
	var none []int
	two := []int{1, 2}
	var arr [3]int
	k := 5
	try("index", func() { m["a"], none[0], m["b"] = 1, 2, 3 })
	try("index", func() { two[0], two[k] = 10, 20 })
	try("array", func() { m["c"], arr[k%4] = 7, 8 })
	try("nil", func() {
		var p *pair
		m["d"], p.s = 1, "x"
	})
	try("right side", func() { two[1], m["e"] = none[0], 1 })
	fmt.Println(m, two, arr)

	i := 0
	i, two[i] = 1, 30
	fmt.Println(i, two)
	two[0], two[1] = two[1], two[0]
	two[i], i = i, two[i]
	fmt.Println(i, two)
	two, two[0] = nil, 99
	fmt.Println(two)

	f := func() {}
	try("equal", func() { fmt.Println(pair{"a", f} == pair{"b", f}) })
	try("panics first", func() { fmt.Println(turned{f, "a"} == turned{f, "b"}) })
	try("same", func() { fmt.Println(pair{"a", f} == pair{"a", f}) })
	try("types differ", func() { fmt.Println(turned{f, "a"} == turned{1, "a"}) })
	w, v := wide{a: "x", b: "y", n: 1, i: f, f: 2}, wide{a: "x", b: "y", n: 2, i: f, f: 3}
	try("number before", func() { fmt.Println(w == v) })
	v.n = 1
	try("float behind", func() { fmt.Println(w == v) })
	v.i, w.i = 4, 4
	fmt.Println(w == v)
	v.f = 2
	fmt.Println(w == v)
	v.in.t = "t"
	fmt.Println(w == v, [2]wide{w, w} == [2]wide{w, v}, any(w) == any(w))
	try("in map", func() {
		keys := map[any]int{pair{"k", 1}: 1, wide{i: "s"}: 2}
		fmt.Println(keys[pair{"k", 1}], keys[wide{i: "s"}], keys[turned{1, ""}])
		keys[turned{f, ""}] = 1
	})
}
