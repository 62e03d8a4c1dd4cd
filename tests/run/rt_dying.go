// How programs end whose end has more to say than one line: each way is a process of its own.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
)

var ways = []struct {
	name string
	end  func()
}{
	{"fatal error under a panic", func() {
		defer func() { var m sync.RWMutex; m.Unlock() }()
		panic("first")
	}},
	{"under two", func() {
		defer func() {
			defer func() { var m sync.RWMutex; m.Unlock() }()
			panic("second")
		}()
		panic("first")
	}},
	{"under a recovered one", func() {
		defer func() { recover(); var m sync.RWMutex; m.Unlock() }()
		panic("first")
	}},
	{"under Goexit", func() {
		defer func() { var m sync.RWMutex; m.Unlock() }()
		runtime.Goexit()
	}},
	{"stack overflow", func() {
		debug.SetMaxStack(1 << 20)
		println(deep(0))
	}},
	{"stack overflow, large frames", func() {
		debug.SetMaxStack(3 << 20)
		println(deeper(0))
	}},
	{"signal in a raw system call", func() { kill(); println("x") }},
}

func deep(n int) int {
	var pad [100]int
	pad[n%100] = n
	return deep(n+1) + pad[(n+1)%100]
}

func deeper(n int) int {
	var pad [3000]int
	pad[n%100] = n
	return deeper(n+1) + pad[(n+1)%100]
}

//go:noinline
func kill() { syscall.Kill(syscall.Getpid(), syscall.SIGABRT) }

// interesting are the lines before the first goroutine's, and the functions of main that follow.
func interesting(text string) []string {
	head, tail, _ := strings.Cut(text, "\n\ngoroutine 1 ")
	head, _, _ = strings.Cut(head, "\n\nruntime stack")
	var lines []string
	for _, line := range strings.Split(head, "\n") {
		if !strings.HasPrefix(line, "runtime: sp=") && !strings.HasPrefix(line, "PC=") {
			lines = append(lines, line)
		}
	}
	tail, _, _ = strings.Cut(tail, "\n\n")
	name := regexp.MustCompile(`(?m)^(main\.[\w.]+|syscall\.\w+)\(`)
	for i, m := range name.FindAllStringSubmatch(tail, -1) {
		if i == 4 {
			break
		}
		lines = append(lines, m[1])
	}
	return lines
}

func main() {
	if len(os.Args) > 1 {
		for _, w := range ways {
			if w.name == os.Args[1] {
				w.end()
			}
		}
	}
	for _, w := range ways {
		out, err := exec.Command(os.Args[0], w.name).CombinedOutput()
		fmt.Printf("%s: %v\n", w.name, err)
		for _, line := range interesting(string(out)) {
			fmt.Printf("\t%s\n", line)
		}
	}
}
