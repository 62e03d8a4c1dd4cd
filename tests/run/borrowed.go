package main

import (
	"fmt"
	"runtime"
	"strings"
)

// Conversions that need no copy, and those that look as if they did not: bytes that change while the result
// is in use, results that are kept, short strings in loops.

var bytes = []byte("abc")

func change() string {
	bytes[0] = 'x'
	return "abc"
}

//go:noinline
func same(a, b string) bool { return a == b }

type key struct{ s string }

func kept(n int) []string {
	var all []string
	for i := range n {
		b := []byte{'a' + byte(i), 'b'}
		s := string(b)
		b[1] = '!'
		all = append(all, s+"-"+string(b))
	}
	return all
}

func last(n int) (last string) {
	for i := range n {
		s := string(rune('a' + i))
		if i%2 == 0 {
			last = s
		}
	}
	return last
}

func longer(parts ...string) int {
	s := ""
	for _, p := range parts {
		s = s + p
		if s == "" {
			continue
		}
	}
	return len(s)
}

func edit(s string) (string, byte) {
	b := []byte(s)
	c := b
	if len(c) > 0 {
		c[0]++
	}
	return s, b[len(b)-1] + b[0]
}

func grown(n int) (string, int) {
	b := []byte("start")
	for i := range n {
		b = append(b, byte('0'+i%10))
	}
	return string(b), len(b)
}

func allocations(f func()) uint64 {
	var before, after runtime.MemStats
	f()
	runtime.ReadMemStats(&before)
	for range 10 {
		f()
	}
	runtime.ReadMemStats(&after)
	return (after.Mallocs - before.Mallocs) / 10
}

func main() {
	fmt.Println(string(bytes) == change(), string(bytes))
	bytes[0] = 'a'
	fmt.Println(change() == string(bytes), same(string(bytes), "xbc"))

	m := map[string]int{"xbc": 1}
	fmt.Println(m[string(bytes)], m[string(bytes[:1])])
	if v, ok := m[string(bytes)]; ok {
		fmt.Println("found", v)
	}
	m[string(bytes)]++
	m[string(bytes)+""] += 5
	bytes[0] = 'q'
	m[string(bytes)] = 7
	bytes[0] = 'r'
	fmt.Println(m)
	k := map[key]int{{string(bytes)}: 1}
	bytes[0] = 's'
	fmt.Println(k, k[key{string(bytes)}])

	switch string(bytes) {
	case "sbc":
		bytes[0] = 't'
		fmt.Println("sbc")
	case "tbc":
		fmt.Println("tbc")
	}
	switch string(bytes) {
	case change():
		fmt.Println("changed")
	case "tbc":
		fmt.Println("not changed")
	}

	s := string(bytes) + ""
	t := "" + string(bytes) + "!"
	bytes[0] = 'z'
	fmt.Println(s, t)
	for i, c := range []byte("héllo") {
		fmt.Print(i, ":", c, " ")
	}
	fmt.Println(len([]rune("héllo\xff")), len([]byte("héllo")), len(string(bytes[:2])))

	fmt.Println(kept(3), last(4), longer("a", "b", strings.Repeat("c", 40)))
	fmt.Println(edit("hello"))
	fmt.Println(grown(3))
	fmt.Println(grown(40))

_:
	x := append([]int{1, 2}, make([]int, 3)...)
_:
	x[4] = 9
	x = append(x[:1], make([]int, 2)...)
	fmt.Println(x, x[:5])
	func() {
		defer func() { fmt.Println(recover()) }()
		n := -1
		x = append(x, make([]int, n)...)
	}()

	long := strings.Repeat("long ", 20)
	fmt.Println(allocations(func() {
		if string(bytes) == "zb" || m[string(bytes)] == 100 {
			panic("no")
		}
		for range []byte(long) {
		}
	}), allocations(func() {
		var b strings.Builder
		b.Grow(100)
		b.WriteString(long)
		if b.String() != long {
			panic("no")
		}
	}), allocations(func() {
		s := "s" + string(bytes)
		if s == long || len([]byte(s)) == 0 {
			panic("no")
		}
	}))
}
