// GODEBUG=inittrace=1: a line for each package that is initialised, and what main's init allocates.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

type node struct {
	next *node
	data [1000]byte
}

var (
	list  *node
	large []byte
)

func init() {
	for range 10 {
		list = &node{next: list}
	}
	large = make([]byte, 1<<20)
	if len(os.Args) > 1 {
		println("main's init")
	}
}

func main() {
	if len(os.Args) > 1 {
		return
	}
	form := regexp.MustCompile(`^init [a-z0-9/]+ @[0-9.]+ ms, [0-9.]+ ms clock, [0-9]+ bytes, [0-9]+ allocs$`)
	cmd := exec.Command(os.Args[0], "child")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		panic(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	for i, l := range lines {
		switch {
		case l == "main's init":
			fmt.Println(l, i == len(lines)-2)
		case !form.MatchString(l):
			fmt.Printf("%q\n", l)
		case strings.HasPrefix(l, "init main @"):
			fmt.Println(l[strings.Index(l, "clock"):])
		}
	}
	fmt.Println("packages:", len(lines) > 5)
}
