package main

import "runtime"

// Deep recursion with arguments on the stack, across segment switches, in many goroutines at once.

type big struct{ a [30]int }

func args(a, b, c, d, e, f, g, h, i, j, k, l int, s string, x float64, n int) int {
	if n == 0 {
		return a + b + c + d + e + f + g + h + i + j + k + l + len(s) + int(x)
	}
	return args(b, c, d, e, f, g, h, i, j, k, l, a, s, x+0.5, n-1)
}

func values(v big, n int) (big, int, string, float64, bool) {
	v.a[n%30] += n
	if n == 0 {
		return v, 7, "seven", 7.5, true
	}
	r, i, s, f, b := values(v, n-1)
	r.a[0]++
	return r, i + 1, s, f + 1, !b
}

func floats(a, b, c, d, e, f, g, h, i, j float64, n int) float64 {
	if n == 0 {
		return a + 2*b + 3*c + 4*d + 5*e + 6*f + 7*g + 8*h + 9*i + 10*j
	}
	return floats(j, a, b, c, d, e, f, g, h, i, n-1)
}

func hot(n int) int {
	var pad [100]int
	pad[n%100] = n
	s := 0
	for i := 0; i < 1000; i++ {
		s += leaf(i, pad[:])
	}
	return s
}

func leaf(i int, p []int) int {
	var q [50]int
	q[i%50] = p[i%100]
	return q[(i+1)%50] + q[i%50]
}

func walk(n int) int {
	if n > 0 {
		return walk(n-1) + 1
	}
	return hot(3)
}

func yielding(n int) int {
	var pad [20]int
	for i := range pad {
		pad[i] = n + i
	}
	if n%50 == 0 {
		runtime.Gosched()
	}
	s := 0
	if n > 0 {
		s = yielding(n - 1)
	}
	for i := range pad {
		if pad[i] != n+i {
			println("stack damaged at", n)
		}
	}
	return s + 1
}

func main() {
	println(args(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, "hello", 1.5, 100000))
	v, i, s, f, b := values(big{}, 20000)
	println(v.a[0], v.a[1], v.a[29], i, s, f, b)
	println(floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12345))
	for d := 0; d < 40; d++ {
		if r := walk(d); r != 60+d {
			println("walk", d, r)
		}
	}
	done := make(chan int)
	for g := 0; g < 50; g++ {
		go func() { done <- yielding(1000 + g) }()
	}
	sum := 0
	for g := 0; g < 50; g++ {
		sum += <-done
	}
	println(sum)
	// A closure deep down keeps its frame's variables.
	var rec func(n int) func() int
	rec = func(n int) func() int {
		if n == 0 {
			return func() int { return n }
		}
		inner := rec(n - 1)
		return func() int { return inner() + n }
	}
	println(rec(1000)())
}
