package main

type big [1 << 30]byte
type half [600 << 20]byte

type T struct {
	n int
	a big
}

func parameter(x big) int    { return int(x[0]) }
func result() (b big)        { return }
func both(x half) half       { return x }
func fits(x half) int        { return int(x[1]) }
func (t T) method()          {}
func (t *T) pointer() int    { return t.n }
func generic[X any](x X) int { return 1 }

func main() {
	var b big
	var h half
	println(fits(h), generic(b), (&T{}).pointer())
	println(func(x *half, y big) int { return len(x) + len(y) }(&h, b))
}
