package main

// SetFinalizer's checks, each in a process of its own, since most end the program.

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"unsafe"
)

type point struct{ x, y int }

type named *point

func (p *point) String() string { return "" }

var global point

var checks = []struct {
	name string
	f    func()
}{
	{"nil", func() { runtime.SetFinalizer(nil, func(*point) {}) }},
	{"no pointer", func() { runtime.SetFinalizer(point{}, func(*point) {}) }},
	{"no pointer but a func", func() { runtime.SetFinalizer(func() {}, nil) }},
	{"inside", func() { runtime.SetFinalizer(&escape(new(point)).y, func(*int) {}) }},
	{"inside with pointers", func() { runtime.SetFinalizer(&escape2(new([4]*int))[1], func(**int) {}) }},
	{"no function", func() { runtime.SetFinalizer(new(point), 1) }},
	{"no argument", func() { runtime.SetFinalizer(new(point), func() {}) }},
	{"two arguments", func() { runtime.SetFinalizer(new(point), func(a, b *point) {}) }},
	{"variadic", func() { runtime.SetFinalizer(new(point), func(a ...*point) {}) }},
	{"another pointer", func() { runtime.SetFinalizer(new(point), func(*int) {}) }},
	{"a value", func() { runtime.SetFinalizer(new(point), func(point) {}) }},
	{"an interface it lacks", func() { runtime.SetFinalizer(new(point), func(error) {}) }},
	{"twice", func() {
		p := new(point)
		runtime.SetFinalizer(p, func(*point) {})
		runtime.SetFinalizer(p, func(*point) {})
	}},
	{"taken back", func() {
		p := new(point)
		runtime.SetFinalizer(p, func(*point) {})
		runtime.SetFinalizer(p, nil)
		runtime.SetFinalizer(p, nil)
		runtime.SetFinalizer(p, func(*point) {})
	}},
	{"an interface", func() { runtime.SetFinalizer(new(point), func(fmt.Stringer) {}) }},
	{"any", func() { runtime.SetFinalizer(new(point), func(any) int { return 1 }) }},
	{"a named pointer", func() { runtime.SetFinalizer(new(point), func(named) {}) }},
	{"a variable", func() {
		runtime.SetFinalizer(&global, func(*point) {})
		runtime.SetFinalizer(&global, func(*point) {})
		runtime.SetFinalizer(&global, 1)
	}},
	{"no size", func() { runtime.SetFinalizer(new(struct{}), func(*struct{}) {}) }},
	{"tiny", func() { runtime.SetFinalizer(new(byte), func(*byte) {}) }},
	{"tiny inside", func() { runtime.SetFinalizer(&escape3(new([4]byte))[2], func(*byte) {}) }},
	{"large", func() { runtime.SetFinalizer(new([100000]byte), func(*[100000]byte) {}) }},
	{"huge", func() { runtime.SetFinalizer(new([20 << 20]byte), func(*[20 << 20]byte) {}) }},
	{"large inside", func() { runtime.SetFinalizer(&escape4(new([20 << 20]byte))[16], func(*byte) {}) }},
	{"constant", func() { runtime.SetFinalizer(stringData("text of the program"), func(*byte) {}) }},
}

func main() {
	if len(os.Args) > 1 {
		for _, c := range checks {
			if c.name == os.Args[1] {
				c.f()
				fmt.Println("accepted")
			}
		}
		return
	}
	for _, c := range checks {
		out, err := exec.Command(os.Args[0], c.name).CombinedOutput()
		line, _, _ := strings.Cut(string(out), "\n")
		fmt.Printf("%s: %s (%v)\n", c.name, line, err)
	}
}

//go:noinline
func escape(p *point) *point { return p }

//go:noinline
func escape2(p *[4]*int) *[4]*int { return p }

//go:noinline
func escape3(p *[4]byte) *[4]byte { return p }

//go:noinline
func escape4(p *[20 << 20]byte) *[20 << 20]byte { return p }

//go:noinline
func stringData(s string) *byte { return unsafe.StringData(s) }
