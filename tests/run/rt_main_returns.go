package main

import "runtime"

// main returns while another goroutine runs deferred calls of its panic: the panic must still be seen.
func main() {
	started := make(chan bool)
	go func() {
		defer func() {
			close(started)
			for i := 0; i < 100; i++ {
				runtime.Gosched()
			}
		}()
		panic("beside main")
	}()
	<-started
}
