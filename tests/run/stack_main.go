// Deep calls with stack arguments on goroutine 1 and on others; goroutine 1 ends first, and its stack is used again.
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type big struct{ a [20]int }

func deep(n int, b big, x, y, z, w, v, u, t int) int {
	if n == 0 {
		return b.a[3] + x + y + z + w + v + u + t
	}
	b.a[3]++
	return deep(n-1, b, x+1, y, z, w, v+2, u, t) + int(b.a[0])
}

func f() (r int) {
	defer func() {
		if e := recover(); e != nil {
			r = 7
		}
	}()
	deep(3000, big{}, 1, 2, 3, 4, 5, 6, 7)
	var p *int
	return *p
}

func main() {
	fmt.Println(deep(10, big{}, 1, 2, 3, 4, 5, 6, 7), deep(5000, big{}, 1, 2, 3, 4, 5, 6, 7))
	fmt.Println(f())
	debug.SetMaxStack(1 << 22)
	done := make(chan int)
	go func() {
		done <- deep(3000, big{}, 1, 2, 3, 4, 5, 6, 7)
	}()
	fmt.Println(<-done)
	go func() {
		for i := 0; i < 3; i++ {
			runtime.Gosched()
			fmt.Println(deep(i*500, big{}, 1, 2, 3, 4, 5, 6, 7))
		}
		for i := 0; i < 3; i++ {
			go func() { done <- deep(100, big{}, 1, 2, 3, 4, 5, 6, 7) }()
		}
		fmt.Println(<-done + <-done + <-done)
		panic("over")
	}()
	runtime.Goexit()
}
