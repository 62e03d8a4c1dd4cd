package main

import "runtime"

// Goroutines locked to threads: they end locked, work with others, and main is locked at last.
func main() {
	for i := 0; i < 5; i++ {
		done := make(chan bool)
		go func() { runtime.LockOSThread(); runtime.LockOSThread(); close(done) }()
		<-done
	}
	done := make(chan int)
	for i := 0; i < 4; i++ {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			s := 0
			for k := 0; k < 100; k++ {
				runtime.Gosched()
				c := make(chan int)
				go func() { c <- k }()
				s += <-c
			}
			done <- s
		}()
	}
	s := 0
	for i := 0; i < 4; i++ {
		s += <-done
	}
	println(s)
	runtime.LockOSThread()
	go func() { done <- 5 }()
	println(<-done)
	runtime.UnlockOSThread()
}
