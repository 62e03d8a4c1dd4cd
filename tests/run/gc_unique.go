package main

// Handles of package unique that nobody has any more go, and come back as equal ones; sync.Pool and maps of weak pointers
// let go of what they hold.

// It counts collections.
// Not with gortgc.

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unique"
	"weak"
)

type key struct {
	a, b string
}

var alive atomic.Int64

//go:noinline
func make1(n int) {
	for i := range n {
		h := unique.Make(key{fmt.Sprint(i), "x"})
		if h != unique.Make(key{fmt.Sprint(i), "x"}) || h.Value().a != fmt.Sprint(i) {
			panic("handles differ")
		}
	}
}

func heap() uint64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

//go:noinline
func pooled(p *sync.Pool) weak.Pointer[[1000]int] {
	a := new([1000]int)
	p.Put(a)
	return weak.Make(a)
}

func main() {
	kept := unique.Make(key{"kept", "y"})
	make1(1000)
	before := heap()
	for range 20 {
		make1(10000)
	}
	after := heap()
	fmt.Println("handles go:", after < before+2<<20)
	fmt.Println("and stay:", kept == unique.Make(key{"kept", "y"}), kept.Value())

	var p sync.Pool
	w := pooled(&p)
	runtime.GC()
	fmt.Println("a victim:", w.Value() != nil)
	for range 100 {
		if w.Value() == nil {
			break
		}
		runtime.GC()
	}
	fmt.Println("gone:", w.Value() == nil, p.Get())
}
