package main

// AddCleanup's checks, and weak pointers while their objects live.

import (
	"fmt"
	"runtime"
	"unsafe"
	"weak"
)

type pair struct {
	a, b *int
	n    [4]int
}

var global pair
var globalByte byte

func try(name string, f func()) {
	defer func() {
		if e := recover(); e != nil {
			fmt.Printf("%s: %T %v\n", name, e, e)
		} else {
			fmt.Println(name + ": accepted")
		}
	}()
	f()
}

func checks() {
	p := new(pair)
	try("nil", func() { runtime.AddCleanup((*pair)(nil), func(int) {}, 1) })
	try("equal", func() { runtime.AddCleanup(p, func(*pair) {}, p) })
	try("equal unsafe", func() { runtime.AddCleanup(p, func(unsafe.Pointer) {}, unsafe.Pointer(p)) })
	try("within", func() { runtime.AddCleanup(p, func(*int) {}, &p.n[1]) })
	try("within, from inside", func() { runtime.AddCleanup(&p.n[2], func(*pair) {}, p) })
	try("closed over", func() { runtime.AddCleanup(p, func(int) { p.n[0]++ }, 1) })
	try("in an interface", func() { runtime.AddCleanup(p, func(any) {}, any(p)) })
	try("nil interface", func() { runtime.AddCleanup(p, func(any) {}, nil) })
	try("in a struct", func() { runtime.AddCleanup(p, func(pair) {}, pair{a: &p.n[0]}) })
	try("variable", func() { runtime.AddCleanup(&global, func(int) {}, 1).Stop() })
	try("variable and itself", func() { runtime.AddCleanup(&global, func(*pair) {}, &global) })
	try("variable and its inside", func() { runtime.AddCleanup(&global, func(*int) {}, &global.n[0]) })
	try("constant", func() { runtime.AddCleanup(unsafe.StringData("a constant"), func(int) {}, 1) })
	try("tiny", func() {
		a, b := new(byte), new(byte)
		runtime.AddCleanup(a, func(*byte) {}, b)
	})
	try("several, stopped", func() {
		a := runtime.AddCleanup(p, func(int) {}, 1)
		b := runtime.AddCleanup(p, func(int) {}, 2)
		a.Stop()
		b.Stop()
		a.Stop()
		runtime.Cleanup{}.Stop()
	})
	try("empty", func() { runtime.AddCleanup(new(struct{}), func(int) {}, 1) })
	runtime.KeepAlive(p)
}

func weaks() {
	p := new(pair)
	w := weak.Make(p)
	fmt.Println(w.Value() == p, w == weak.Make(p), w == weak.Make(new(pair)))
	n := weak.Make(&p.n[1])
	fmt.Println(n.Value() == &p.n[1], n == weak.Make(&p.n[1]), n == weak.Make(&p.n[2]))
	var zero weak.Pointer[pair]
	fmt.Println(zero.Value() == nil, weak.Make[pair](nil) == zero)
	g := weak.Make(&global)
	fmt.Println(g.Value() == &global, g == weak.Make(&global), weak.Make(&global.n[1]) == weak.Make(&global.n[1]))
	big := new([32 << 20]byte)
	fmt.Println(weak.Make(&big[5]).Value() == &big[5], weak.Make(&globalByte).Value() == &globalByte)
	handles := map[weak.Pointer[pair]]*pair{}
	for range 1000 {
		p := new(pair)
		handles[weak.Make(p)] = p
	}
	good := 0
	for w, p := range handles {
		if w.Value() == p && weak.Make(p) == w {
			good++
		}
	}
	fmt.Println(len(handles), good)
	runtime.KeepAlive(p)
}

func main() {
	checks()
	weaks()
}
