package main

// Shifts whose count is masked need no test of it; those masked with more do.

import "fmt"

//go:noinline
func f(x uint64, k int, u uint8, s int8) (a, b, c, d, e uint64) {
	a = x << (k & 63)
	b = x >> (u % 64)
	c = x >> uint(s&31)
	d = uint64(int64(x) >> (k & 63))
	e = x << (k & 64)
	return
}

//go:noinline
func g(x uint32, k int, s int8) (a, b uint32, c int32) {
	a = x << (k & 63)
	b = x >> uint8(k&31)
	c = int32(x) >> (s & 31)
	return
}

func main() {
	for _, k := range []int{0, 1, 31, 32, 63, 64, 65, 127, -1} {
		fmt.Println(f(0x8123456789abcdef, k, uint8(k), int8(k)))
		fmt.Println(g(0x89abcdef, k, int8(k)))
	}
}
