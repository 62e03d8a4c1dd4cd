// Operations that assign to elements of maps: looked up once, in the order that official Go has.
package main

import "fmt"

type point struct{ x, y int }

type cell struct {
	n    int
	name string
	f    float64
}

func try(what string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(what, "panics:", r)
		}
	}()
	f()
}

var trace []string

func note[T any](name string, v T) T {
	trace = append(trace, name)
	return v
}

func main() {
	counts := map[string]int{}
	for _, w := range []string{"a", "b", "a", "c", "a"} {
		counts[w]++
	}
	counts["b"] -= 5
	counts["d"] |= 6
	counts["d"] &^= 2
	counts["a"] <<= 3
	fmt.Println(counts)

	words := map[point]string{}
	words[point{1, 2}] += "x"
	words[point{1, 2}] += "yz"
	fmt.Println(words)

	floats := map[any]float64{1: 1.5}
	floats[1] *= 2
	floats[2] += 0.25
	fmt.Println(floats, len(floats))

	complexes := map[int64]complex128{}
	complexes[-1] += 1i
	complexes[-1] *= 2 + 1i
	fmt.Println(complexes)

	lists := map[string][]int{}
	lists["l"] = append(lists["l"], 1)
	lists["l"] = append(lists["l"], 2, 3)
	lists["l"][1] += 40
	fmt.Println(lists)

	zero := 0
	divided := map[string]int{"there": 10}
	try("division", func() { divided["missing"] /= zero })
	try("remainder", func() { divided["missing"] %= zero })
	divided["there"] /= 3
	fmt.Println(divided)

	var none map[string]int
	try("nil map", func() { none["x"]++ })
	try("nil map", func() { none["x"] += note("right", 1) })
	try("bad key", func() { floats[[]int{1}] += note("right", 1.0) })
	try("failing right side", func() { divided["fresh"] += []int{}[zero] })
	fmt.Println(divided, trace)

	trace = nil
	nested := map[string]map[string]int{"in": {}}
	note("map", nested)[note("key", "in")][note("inner", "k")] += note("value", 7)
	fmt.Println(nested, trace)

	self := map[int]int{1: 1}
	self[1] += func() int {
		for i := range 100 {
			self[i+10] = i
		}
		return self[1] + 1
	}()
	fmt.Println(self[1], len(self))

	cells := map[int]*cell{}
	cells[1] = &cell{}
	cells[1].n++
	cells[1].name += "n"
	cells[1].f -= 2.5
	fmt.Println(*cells[1])
}
