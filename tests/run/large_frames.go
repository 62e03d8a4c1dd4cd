package main

// Frames of every size, larger than the address of the stack included: values passed and returned are copies in frames.

type (
	kb60  [60 << 7]int
	kb64  [64 << 7]int
	mb1   [1 << 17]int
	mb5   [5 << 17]int
	mb6   [6 << 17]int
	mb20  [20 << 17]int
	mb100 [100 << 17]int
)

//go:noinline
func step[T any](v T, set func(*T)) T {
	set(&v)
	return v
}

//go:noinline
func down(v mb1, depth int) int {
	v[depth]++
	if depth == 0 {
		return v[0] + v[1] + v[len(v)-1]
	}
	return down(v, depth-1)
}

func all() {
	var a kb60
	var b kb64
	var c mb1
	var d mb5
	var e mb6
	var f mb20
	a = step(a, func(v *kb60) { v[1]++ })
	b = step(b, func(v *kb64) { v[2]++ })
	c = step(c, func(v *mb1) { v[3]++ })
	d = step(d, func(v *mb5) { v[4]++ })
	e = step(e, func(v *mb6) { v[5]++ })
	f = step(f, func(v *mb20) { v[6]++ })
	println(a[1], b[2], c[3], d[4], e[5], f[6])
	println(down(c, 20))
}

func main() {
	all()
	done := make(chan bool)
	go func() { all(); done <- true }()
	<-done
	var g mb100
	g = step(g, func(v *mb100) { v[7]++ })
	println(g[7])
}
