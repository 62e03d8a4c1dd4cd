// Bounds that the compiler can prove and bounds that it only seems to: each function is called where every index is good and
// where one is not.
package main

import (
	"fmt"
	"math"
	"unsafe"
)

func try(name string, f func() int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "panics:", r)
		}
	}()
	fmt.Println(name, f())
}

//go:noinline
func hinted(b []byte) int { _ = b[3]; return int(b[0]) + int(b[1])<<8 + int(b[3])<<16 }

//go:noinline
func guarded(b []byte, n int) int {
	if len(b) >= 4 {
		return int(b[0]) + int(b[n&3])
	}
	return int(b[n&3])
}

//go:noinline
func window(w *[8]int, from, to int) int {
	s := 0
	for i := from; i < to; i++ {
		s += w[i-2] + w[i]
	}
	return s
}

//go:noinline
func neighbours(s []int, end int) int {
	t := 0
	for i := 0; i < end-1; i++ {
		t += s[i] * s[i+1]
	}
	return t
}

//go:noinline
func search(s []int, x, hi int) int {
	lo := 0
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if s[m] < x {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// The sum is signed: with bounds that wrap the middle is negative.
//
//go:noinline
func signedMiddle(s []int, lo, hi int) int {
	if lo < hi && lo >= 0 {
		return s[(lo+hi)/2]
	}
	return -1
}

//go:noinline
func reversed(s []int, j int) int {
	for i := 0; i < j; i, j = i+1, j-1 {
		s[i], s[j] = s[j], s[i]
	}
	return s[0]
}

//go:noinline
func made(n, m int) int {
	s := make([]int, n)
	for i := 0; i < m; i++ {
		s[i] = i
	}
	return len(s)
}

//go:noinline
func backwards(s string, from int) int {
	n := 0
	for i := from; i >= 0; i-- {
		n = n*3 + int(s[i])
	}
	return n
}

//go:noinline
func steps(b []byte, by int) int {
	n := 0
	for i := 0; i+by <= len(b); i += by {
		n += int(b[i]) + int(b[i+by-1])
		n += len(b[i : i+by])
	}
	return n
}

//go:noinline
func wraps(s []int8) int {
	n := 0
	for i := int8(120); i >= 0; i++ {
		n += int(s[i])
	}
	return n
}

// Such a loop leaves by its index, which wraps.
//
//go:noinline
func wrapsFar(s []struct{}, by int) (last int) {
	defer func() { recover() }()
	for i := len(s) - 3; i < len(s); i += by {
		last = i
		s[i] = struct{}{}
	}
	return last
}

// What is refused only later may be asked before.
//
//go:noinline
func before(a, b []int, lo, hi int) int {
	n := hi - lo
	if n < len(a) {
		n = a[n]
	}
	return n + len(b[lo:hi])
}

//go:noinline
func beforeMake(a []int, n int) int {
	if n < len(a) {
		return a[n]
	}
	return len(make([]int, n))
}

//go:noinline
func beforeUnsafe(a []int, p *int, n int) int {
	if n < len(a) && n != 1 {
		n = a[n]
	}
	return len(unsafe.Slice(p, n))
}

//go:noinline
func remainder(t []int, h int) int {
	if len(t) == 0 {
		return -1
	}
	return t[h%len(t)]
}

//go:noinline
func remainderUnsigned(t []int, h uint) int { return t[h%uint(len(t))] }

//go:noinline
func masked(t []int, h int) int { return t[h&(len(t)-1)] }

//go:noinline
func cut(b []byte) int {
	n := 0
	for len(b) > 2 {
		n = n*2 + int(b[0]) + int(b[2])
		b = b[2:]
	}
	return n + int(b[1])
}

//go:noinline
func either(s []int, which bool, i int) int {
	j := 3
	if which {
		j = i
	}
	if j < len(s) {
		return s[j]
	}
	return -1
}

//go:noinline
func nested(m [][]int, n int) int {
	t := 0
	for i := 0; i < len(m); i++ {
		for j := i; j < n; j++ {
			if m[i][j] < 0 {
				break
			}
			t += m[i][j] * m[j][i]
		}
	}
	return t
}

//go:noinline
func divided(a []int, n int) int {
	t := 0
	for i := range a {
		t += n/(i+1) + n%(len(a)-i)
	}
	return t + n/(len(a)-3)
}

//go:noinline
func notEqual(s []int, i int) int {
	if i < 0 || i == len(s) {
		return -1
	}
	return s[i]
}

//go:noinline
func twoLoops(s []int, k int) int {
	t, i := 0, 0
	for ; i < len(s) && s[i] < k; i++ {
		t += s[i]
	}
	for ; i < len(s); i++ {
		t -= s[i]
	}
	return t*100 + s[i-k]
}

func main() {
	b := []byte{1, 2, 3, 4, 5, 6, 7}
	s := []int{1, 2, 3, 4, 5}
	try("hinted", func() int { return hinted(b) })
	try("hinted short", func() int { return hinted(b[:3]) })
	try("guarded", func() int { return guarded(b, 7) })
	try("guarded short", func() int { return guarded(b[:2], 6) })
	w := [8]int{1, 2, 3, 4, 5, 6, 7, 8}
	try("window", func() int { return window(&w, 2, 8) })
	try("window low", func() int { return window(&w, 1, 8) })
	try("window high", func() int { return window(&w, 2, 9) })
	try("neighbours", func() int { return neighbours(s, len(s)) })
	try("neighbours far", func() int { return neighbours(s, 7) })
	try("neighbours wrap", func() int { return neighbours(s, math.MinInt) })
	try("search", func() int { return search(s, 4, len(s)) })
	try("search far", func() int { return search(s, 9, 6) })
	try("signed middle", func() int { return signedMiddle(s, 1, 3) })
	try("signed middle wraps", func() int { return signedMiddle(s, math.MaxInt-1, math.MaxInt) })
	try("reversed", func() int { return reversed([]int{1, 2, 3, 4}, 3) })
	try("reversed far", func() int { return reversed([]int{1, 2, 3, 4}, 4) })
	try("made", func() int { return made(4, 4) })
	try("made short", func() int { return made(4, 5) })
	try("made none", func() int { return made(-1, -2) })
	try("backwards", func() int { return backwards("abc", 2) })
	try("backwards far", func() int { return backwards("abc", 3) })
	try("steps", func() int { return steps(b, 2) })
	try("steps negative", func() int { return steps(b, -1) })
	try("wraps", func() int { return wraps(make([]int8, 128)) })
	try("wraps short", func() int { return wraps(make([]int8, 126)) })
	try("wraps far", func() int { return wrapsFar(make([]struct{}, math.MaxInt), 2) - math.MaxInt })
	try("before", func() int { return before(s, s, 1, 3) })
	try("before negative", func() int { return before(s, s, 3, 1) })
	try("before make", func() int { return beforeMake(s, 3) })
	try("before make more", func() int { return beforeMake(s, 7) })
	try("before make negative", func() int { return beforeMake(s, -1) })
	try("before unsafe", func() int { return beforeUnsafe(s, &s[0], 0) })
	try("before unsafe negative", func() int { return beforeUnsafe(s, &s[0], -3) })
	try("remainder", func() int { return remainder(s, 7) })
	try("remainder negative", func() int { return remainder(s, -7) })
	try("remainder none", func() int { return remainder(nil, -7) })
	try("remainder unsigned", func() int { return remainderUnsigned(s, math.MaxUint) })
	try("remainder unsigned none", func() int { return remainderUnsigned(nil, 1) })
	try("masked", func() int { return masked(s, 6) })
	try("masked none", func() int { return masked(nil, 6) })
	try("cut", func() int { return cut(b[:6]) })
	try("cut odd", func() int { return cut(b) })
	try("either", func() int { return either(s, false, 1) + either(s, true, 1) })
	try("either negative", func() int { return either(s, true, -1) })
	m := [][]int{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}
	try("nested", func() int { return nested(m, 3) })
	try("nested far", func() int { return nested(m, 4) })
	m[1] = m[1][:1]
	try("nested short", func() int { return nested(m, 3) })
	try("divided", func() int { return divided(s, 40) })
	try("divided none", func() int { return divided(s[:3], 40) })
	try("not equal", func() int { return notEqual(s, 4) + notEqual(s, 5) })
	try("not equal far", func() int { return notEqual(s, 6) })
	try("two loops", func() int { return twoLoops(s, 3) })
	try("two loops far", func() int { return twoLoops(s, 9) })
}
