// The traces of goroutines that have not run yet: their function, at its first line.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

func declared() {
	fmt.Println("declared")
}

func withArgs(n int, s string) {
	fmt.Println(n, s)
}

type t struct{ n int }

func (v *t) method() {
	fmt.Println(v.n)
}

func main() {
	runtime.GOMAXPROCS(1)
	buf := make([]byte, 1<<16)
	n := 0
	go declared()
	go withArgs(1, "x")
	go (&t{3}).method()
	go func() {
		n++
	}()
	text := string(buf[:runtime.Stack(buf, true)])
	for i, g := range strings.Split(text, "\n\n") {
		lines := strings.Split(g, "\n")
		if i == 0 || len(lines) < 5 {
			continue
		}
		line := lines[2][strings.LastIndex(lines[2], "/")+1:]
		fmt.Println(strings.Contains(lines[0], "[runnable]"), lines[1], line)
	}
}
