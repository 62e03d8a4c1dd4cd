// Conversions that are only looked at, append of make, loops that clear: what they give, and that their operands
// are taken when the language says.
package main

type name string
type octets []byte

var global = []byte("global")

func change(b []byte) string {
	b[0] = 'X'
	return "Xlobal"
}

func same(a, b []byte) bool { return string(a) == string(b) }

func less(a []byte, b string) bool { return string(a) < b }

func kind(b octets) int {
	switch name(b) {
	case "one":
		return 1
	case "two", "deux":
		return 2
	}
	return 0
}

func concat(b []byte) (string, string) {
	return "<" + string(b) + ">", "" + string(b)
}

func try(what string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			println(what, "panics:", r.(error).Error())
		}
	}()
	f()
}

func grow[T any](s []T, n int) []T { return append(s, make([]T, n)...) }

type pair struct {
	p *int
	f float64
}

func main() {
	a, b := []byte("abc"), []byte("abd")
	println(same(a, b), same(a, a[:3]), same(nil, b[:0]), less(a, "abd"), less(b, "abd"))
	println(string(global) == change(global), string(global))
	println("<"+string(global)+">"+change(global)+string(global[:1]), string(global))
	global[0] = 'g'
	println("<" + string(global) + ">" + change(global) + string(global[:1]))
	println(kind(octets("one")), kind(octets("deux")), kind(nil))

	x, y := concat(a)
	a[0] = 'z'
	println(x, y)

	m := map[string]int{"zbc": 7}
	v, ok := m[string(a)]
	println(m[string(a)], v, ok, m[string(b)])
	m[string(b)] = 8
	b[0] = '?'
	println(m["abd"], len(m))
	named := map[name]int{"zbc": 9}
	println(named[name(a)])
	boxed := map[any]int{"zbc": 10}
	println(boxed[string(a)])

	sum := 0
	for i, c := range []byte("häß") {
		sum += (i + 1) * int(c)
	}
	println(sum, string(append(append([]byte(nil), []byte(x)...), "!"...)))

	c := []byte("constant")
	d := []byte("constant")
	c[0] = 'C'
	println(string(c), string(d), len(c), cap(c), []byte("") == nil)

	s := []int{1, 2, 3, 4, 5}
	s = grow(s[:2], 2)
	println(len(s), s[0], s[1], s[2], s[3], s[:5][4])
	s = grow(s, 100)
	println(len(s), s[1], s[103])
	println(len(grow([]pair(nil), 3)), len(grow([]struct{}{}, 5)), len(grow(s, 0)))
	try("negative", func() { grow(s, -1) })
	try("many", func() { grow([]pair{}, 1<<60) })

	for i := range s {
		s[i] = 0
	}
	total := 0
	for _, n := range s {
		total += n
	}
	println(total)
	f := []float64{1, 2}
	for i := range f {
		f[i] = 0
	}
	ps := []pair{{&total, 1}}
	for i := range ps {
		ps[i].p = nil
	}
	anys := []any{1, "a", nil}
	for i := range anys {
		anys[i] = 0
	}
	println(f[0], f[1], ps[0].p == nil, ps[0].f, anys[1].(int))
	for i := range anys {
		anys[i] = nil
	}
	println(anys[0] == nil, anys[2] == nil)

	for k := range m {
		delete(m, k)
	}
	println(len(m), m["abd"])
	zero := 0.0
	nan := zero / zero
	fm := map[float64]int{1: 1, nan: 2}
	for k := range fm {
		delete(fm, k)
	}
	println(len(fm))
	var none map[int]int
	for k := range none {
		delete(none, k)
	}
	im := map[any]int{1: 1, nan: 2, "x": 3}
	for k := range im {
		delete(im, k)
	}
	println(len(none), len(im))
}
