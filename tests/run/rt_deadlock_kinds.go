package main

import "runtime"

func main() {
	runtime.LockOSThread()
	c := make(chan int)
	go func() {
		select {
		case <-c:
		case c <- 1:
		}
	}()
	go func() {
		var n chan int
		n <- 1
	}()
	go func() {
		select {}
	}()
	select {}
}
