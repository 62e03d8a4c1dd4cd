// What a call is given as uintptr(unsafe.Pointer(p)) lives until the call returns, although nobody has a pointer to it any
// more: through functions, methods, variadic parameters and deferred calls.
package main

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"
)

type object struct {
	next *object
	data [6]uint64
}

var ended atomic.Int32

// during collects garbage until a finalizer that nothing holds back has run.
//
//go:noinline
func during(what string) {
	done := make(chan bool)
	runtime.SetFinalizer(new(object), func(*object) { close(done) })
	for {
		runtime.GC()
		select {
		case <-done:
			time.Sleep(time.Millisecond)
			fmt.Println(what, ended.Load())
			return
		case <-time.After(time.Millisecond):
		}
	}
}

//go:noinline
//go:uintptrescapes
func one(p uintptr) { during("one") }

//go:noinline
//go:uintptrescapes
func two(what string, p, q uintptr) { during(what) }

//go:noinline
//go:uintptrescapes
func many(what string, p ...uintptr) { during(what) }

type holder struct{}

//go:noinline
//go:uintptrescapes
func (holder) method(p uintptr, n int) { during("method") }

//go:noinline
func fresh() unsafe.Pointer {
	o := &object{next: &object{}}
	runtime.SetFinalizer(o, func(*object) { ended.Add(1) })
	return unsafe.Pointer(o)
}

//go:noinline
func calls(h holder) {
	one(uintptr(fresh()))
	two("two", uintptr(fresh()), uintptr((fresh())))
	many("many", uintptr(fresh()), 7, uintptr(fresh()))
	many("none")
	h.method(uintptr(fresh()), 3)
	func() {
		defer two("deferred", uintptr(fresh()), 0)
	}()
}

func main() {
	calls(holder{})
	during("all")
}
