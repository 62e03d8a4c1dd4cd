package main

// After a goroutine has been preempted in a loop without calls, what asks for its frames sees where it is now.

import (
	"fmt"
	"log"
	"os"
	"runtime"
	"strings"
)

var sink int

//go:noinline
func spin(n int) int {
	x := 1
	for i := 0; i < n; i++ {
		x = x*3 + i
	}
	return x
}

func line() int {
	_, _, line, _ := runtime.Caller(1)
	return line
}

//go:noinline
func recovers(n int) (s string) {
	defer func() { s = "went on" }()
	defer func() {
		defer recover()
		sink += spin(n)
	}()
	panic("p")
}

func main() {
	runtime.GOMAXPROCS(1)
	stop := make(chan bool)
	ready := make(chan bool)
	go func() { // somebody who wants the P as well
		ready <- true
		for {
			select {
			case <-stop:
				return
			default:
				sink += spin(1000)
			}
		}
	}()
	<-ready
	log.SetFlags(log.Lshortfile)
	log.SetOutput(os.Stdout)
	done := make(chan bool)
	go func() {
		log.Print("before")
		sink += spin(20_000_000)
		log.Print("after")
		sink += spin(20_000_000)
		fmt.Println("line", line())
		sink += spin(20_000_000)
		fmt.Println(recovers(20_000_000))
		sink += spin(20_000_000)
		buf := make([]byte, 4096)
		text := string(buf[:runtime.Stack(buf, false)])
		fmt.Println("spin in the trace:", strings.Contains(text, "spin"))
		close(done)
	}()
	<-done
	close(stop)
}
