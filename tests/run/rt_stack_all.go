package main

// runtime.Stack of all goroutines and goroutine profiles while the goroutines run, block and end.

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/pprof"
	"sync/atomic"
)

var sink atomic.Int64

//go:noinline
func deep(n int, c chan int) int {
	var a [32]int
	a[n%32] = n
	if n == 0 {
		c <- 1
		return <-c
	}
	return deep(n-1, c) + a[(n+1)%32]
}

func main() {
	runtime.GOMAXPROCS(4)
	var stop atomic.Bool
	for i := 0; i < 4; i++ {
		go func() {
			for !stop.Load() {
				c := make(chan int)
				go func() {
					v := <-c
					c <- v + 1
				}()
				sink.Add(int64(deep(20+i*40, c)))
			}
		}()
	}
	buf := make([]byte, 1<<20)
	// Rounds and not time: on a busy machine either Go gets through three in what is a hundred on a quiet one.
	for range 20 {
		text := buf[:runtime.Stack(buf, true)]
		if !bytes.HasPrefix(text, []byte("goroutine 1 [running]:\nmain.main()")) {
			fmt.Printf("%.200s\n", text)
		}
		var b bytes.Buffer
		if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil || !bytes.Contains(b.Bytes(), []byte("main.main")) {
			fmt.Printf("%v %.200s\n", err, b.Bytes())
		}
	}
	stop.Store(true)
	fmt.Println("dumped")
}
