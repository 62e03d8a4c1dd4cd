// GODEBUG=gccheckmark=1: an object that marking has missed is found at the end of it. The program hides pointers in numbers
// and brings them back, without the barrier that pointers have, while objects are marked.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
	"unsafe"
)

type node struct {
	left, right *node
	n           int
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{tree(depth - 1), tree(depth - 1), depth}
}

var (
	root  *node
	slots [4096]*node
	busy  int
)

//go:noinline
func newHidden() uintptr {
	return ^uintptr(unsafe.Pointer(tree(0)))
}

//go:noinline
func bringBack(i int, h uintptr) {
	if h != 0 {
		*(*uintptr)(unsafe.Pointer(&slots[i%len(slots)])) = ^h
	}
}

func keep(i int, p *node) {
	slots[i%len(slots)] = p
}

func work(hide bool, d time.Duration) {
	root = tree(17)
	go func() {
		for {
			runtime.GC()
		}
	}()
	var hidden [32]uintptr
	for i, start := 0, time.Now(); time.Since(start) < d; i++ {
		if hide {
			h := &hidden[i%len(hidden)]
			bringBack(i, *h)
			*h = newHidden()
		} else {
			keep(i, tree(0))
		}
		for k := range 10000 {
			busy += k
		}
	}
	fmt.Println("nothing noticed", root.n)
}

func main() {
	switch {
	case len(os.Args) < 2:
		for _, how := range []string{"kept", "hidden"} {
			cmd := exec.Command(os.Args[0], how)
			cmd.Env = append(os.Environ(), "GODEBUG=gccheckmark=1", "GOTRACEBACK=none")
			out, err := cmd.CombinedOutput()
			noticed := bytes.Contains(out, []byte("runtime: checkmarks found unexpected unmarked object obj=0x")) &&
				bytes.Contains(out, []byte("\nfatal error: checkmark found unmarked object\n")) ||
				bytes.Contains(out, []byte("\nfatal error: marking free object\n"))
			fmt.Println(how, noticed, bytes.HasPrefix(out, []byte("nothing")), err)
		}
	case os.Args[1] == "kept":
		work(false, 200*time.Millisecond)
	default:
		work(true, time.Minute)
	}
}
