// What the runtime and reflection say of stacks and names: the frame that ends them, frames that were inlined, methods
// of generic types; the package of unsafe.Pointer; the word behind pointers to objects of size zero.
package main

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strings"
	"unsafe"
)

func stack(what string) {
	pc := make([]uintptr, 20)
	fs := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	for more := true; more; {
		var f runtime.Frame
		f, more = fs.Next()
		fmt.Println(what, f.Function)
	}
}

type set[T any] struct{ x T }

func (s *set[T]) method() {
	pc, _, _, _ := runtime.Caller(0)
	fmt.Println(runtime.FuncForPC(pc).Name())
	func() { stack("generic") }()
}

func (s set[T]) value() {
	pc, _, _, _ := runtime.Caller(0)
	fmt.Println(runtime.FuncForPC(pc).Name())
}

func generic[A, B any](a A, b B) {
	pc, _, _, _ := runtime.Caller(0)
	fmt.Println(runtime.FuncForPC(pc).Name())
}

func wait(c chan int)   { <-c }
func inline(c chan int) { wait(c) }

func profile() {
	c := make(chan int)
	go inline(c)
	for {
		var s strings.Builder
		pprof.Lookup("goroutine").WriteTo(&s, 1)
		if !strings.Contains(s.String(), "main.wait") {
			runtime.Gosched()
			continue
		}
		for _, m := range regexp.MustCompile(`main\.(wait|inline)\+\S+\s+\S+/(\S+)`).FindAllStringSubmatch(s.String(), -1) {
			fmt.Println("profile", m[1], m[2])
		}
		break
	}
	close(c)
}

func main() {
	stack("main")
	done := make(chan bool)
	go func() { stack("go"); done <- true }()
	<-done
	(&set[int]{}).method()
	set[map[string][]int]{}.value()
	generic(1, "x")
	fmt.Println(runtime.FuncForPC(reflect.ValueOf((*set[string]).method).Pointer()).Name())
	fmt.Println(runtime.FuncForPC(reflect.ValueOf(generic[int, error]).Pointer()).Name())
	profile()

	fmt.Printf("%q %q\n", reflect.TypeOf(unsafe.Pointer(nil)).PkgPath(), reflect.TypeOf(1).PkgPath())

	p := reflect.New(reflect.TypeFor[[0]int]()).UnsafePointer()
	*(*int)(p) = 1
	*(*int)(p) = 0
	fmt.Fprintln(os.Stdout, "written")
}
