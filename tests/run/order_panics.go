// Which part of an expression panics first: slice expressions and assertions before what else is in the statement.
package main

import "fmt"

var by = -1

func try(f func() int) {
	defer func() { fmt.Println(recover()) }()
	fmt.Println(f())
}

func main() {
	b := []byte{1, 2, 3, 4}
	i := 0
	try(func() int { return int(b[i+by-1]) + len(b[i:i+by]) })
	try(func() int { x := int(b[i+by-1]) + len(b[i:i+by]); return x })
	try(func() int { return int(b[i+by-1]) + cap(b[i:i+by]) + 1 })
	try(func() int { n := 1; n += int(b[i+by-1]); n += len(b[i : i+by]); return n })
	try(func() int { n := 1; n += int(b[i+by-1]) * len(string(b[i:i+by])); return n })
	try(func() int { s := "abc"; n := int(b[i+by-1]) * len(s[i:i+by]); return n })
	try(func() int { s := "abc"; return int(b[i+by-1]) * len(s[i:i+by]+"x") })
	try(func() int {
		s := "abc"
		if b[i+by-1] == 1 && s[i:i+by] == "x" {
			return 1
		}
		return 2
	})
	try(func() int {
		s := "abc"
		if (b[i+by-1] == 1) == (s[i:i+by] == "x") {
			return 1
		}
		return 2
	})
	try(func() int { var p *[4]int; return p[1] + len(b[i:i+by]) })
	try(func() int { var p *[4]int; return p[1] + int(b[i+by-1]) })
	try(func() int { var p *[4]int; return int(b[i+by-1]) + p[1] })
	try(func() int { c := [][]byte{b[i:2], b[i : i+by]}; return int(b[i+by-2]) + len(c) })
	try(func() int { c := append(b[i:i+by], b[i+by-3]); return len(c) })
	try(func() int { return copy(b[i:i+by], b[i+by-7:]) })
	try(func() int { return int(b[i+by-1]) / len(b[i:i+by]) })
	try(func() int { z := 0; return int(b[i+1])/z + len(b[i:i+by]) })
	try(func() int { z := 0; return int(b[i+1])/z + int(b[i+by]) })
	var a any = "text"
	try(func() int { return int(b[i+by-1]) + a.(int) })
	try(func() int { return b2(b[i+by-1], b[i:i+by]) })
	try(func() int { x, y := b[i+by-1], b[i:i+by]; return int(x) + len(y) })
	try(func() int { b[i+by-1] = b[i : i+by][0]; return 0 })
	try(func() int { return pair(b, i) })
}

//go:noinline
func b2(x byte, y []byte) int { return int(x) + len(y) }

func pair(b []byte, i int) int {
	x, y := func() (byte, []byte) { return b[i+by-1], b[i : i+by] }()
	return int(x) + len(y)
}
