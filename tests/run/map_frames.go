// Maps that do not escape lie in the frame with their first group of slots. They grow out of it, are made anew by each
// turn of a loop, and stay in the heap where something keeps them.
package main

import (
	"fmt"
	"runtime"
	"sort"
)

type box struct {
	name string
	next *box
}

//go:noinline
func local(n int) int {
	m := make(map[int]int)
	for i := 0; i < n; i++ {
		m[i*7] = i
	}
	for i := 0; i < n; i += 2 {
		delete(m, i*7)
	}
	sum := len(m)
	for k, v := range m {
		sum += k * v
	}
	return sum
}

//go:noinline
func pointers(n int) string {
	m := map[string]*box{}
	for i := 0; i < n; i++ {
		name := fmt.Sprint("box", i)
		m[name] = &box{name: name, next: m[fmt.Sprint("box", i-1)]}
		runtime.GC()
	}
	s := ""
	for b := m[fmt.Sprint("box", n-1)]; b != nil; b = b.next {
		s += b.name + ";"
	}
	return s
}

//go:noinline
func turns(n int) (int, []map[int]string) {
	var kept []map[int]string
	sum := 0
	for i := 0; i < n; i++ {
		counts := map[byte]int{}
		for _, c := range []byte(fmt.Sprint(i * i)) {
			counts[c]++
		}
		sum += len(counts)
		m := map[int]string{i: "kept"}
		if i%3 == 0 {
			kept = append(kept, m)
		}
		old := map[int]int{}
		for j := range 4 {
			next := map[int]int{j: len(old)}
			old = next
		}
		sum += old[3]
	}
	return sum, kept
}

//go:noinline
func captured() (int, func() int) {
	inner, outer := map[string]int{"a": 1}, map[string]int{"b": 2}
	add := func(k string) { inner[k] += 10 }
	add("a")
	add("c")
	return inner["a"] + inner["c"], func() int { outer["b"]++; return outer["b"] }
}

//go:noinline
func nested() int {
	m := map[string]map[int]int{}
	for _, k := range []string{"x", "y", "x"} {
		if m[k] == nil {
			m[k] = map[int]int{}
		}
		m[k][len(m)]++
	}
	return m["x"][1]*100 + m["x"][2]*10 + m["y"][2]
}

type wide [20]int

//go:noinline
func others() (n int) {
	large := map[wide]wide{{1}: {2}}
	large[wide{3}] = wide{4}
	faces := map[any]any{1: "one", "two": 2, 3.0: nil}
	faces[struct{ a int }{5}] = &n
	set := map[struct{}]struct{}{}
	set[struct{}{}] = struct{}{}
	sized := make(map[string][]int, 5)
	sized["s"] = append(sized["s"], 1, 2, 3)
	clear(faces)
	faces[7] = 8
	return len(large)*1000 + len(faces)*100 + len(set)*10 + len(sized["s"])
}

func keys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

//go:noinline
func passed() []string {
	return keys(map[string]bool{"p": true, "q": false, "r": true})
}

//go:noinline
func deep(n int) int {
	m := map[int]int{n: n}
	if n > 0 {
		m[n] += deep(n - 1)
	}
	return m[n]
}

func main() {
	for _, n := range []int{0, 1, 7, 8, 9, 100} {
		fmt.Println(n, local(n))
	}
	fmt.Println(pointers(12))
	sum, kept := turns(20)
	fmt.Println(sum, kept)
	n, f := captured()
	fmt.Println(n, f(), f())
	fmt.Println(nested(), others(), passed(), deep(200))
	before := mallocs()
	for range 1000 {
		m := map[int]int{1: 2}
		m[3] = 4
		n += len(m)
	}
	fmt.Println(n, mallocs()-before < 100)
	defer func() { fmt.Println("recovered:", recover()) }()
	m := map[any]int{}
	m[func() {}] = 1
}

func mallocs() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}
