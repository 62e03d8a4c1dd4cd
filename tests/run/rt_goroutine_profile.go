// runtime.GoroutineProfile has the stack of each goroutine, and zeros behind it.
package main

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

//go:noinline
func parked(ready, c chan int) {
	ready <- 1
	<-c
}

func main() {
	ready, c := make(chan int), make(chan int)
	for range 5 {
		go parked(ready, c)
		<-ready
	}
	for runtime.Gosched(); ; runtime.Gosched() {
		n, ok := runtime.GoroutineProfile(nil)
		fmt.Println(n, ok)
		p := make([]runtime.StackRecord, 8)
		for i := range p {
			for j := range p[i].Stack0 {
				p[i].Stack0[j] = 1
			}
		}
		n, ok = runtime.GoroutineProfile(p)
		found := map[string]int{}
		for _, r := range p[:n] {
			frames := runtime.CallersFrames(r.Stack())
			for {
				f, more := frames.Next()
				if strings.HasPrefix(f.Function, "main.") {
					found[f.Function]++
				}
				if !more {
					break
				}
			}
		}
		fmt.Println(n, ok, found)
		f, more := runtime.CallersFrames([]uintptr{reflect.ValueOf(parked).Pointer()}).Next()
		fmt.Println("entry:", f.Function, more)
		return
	}
}
