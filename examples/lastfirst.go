// Ten goroutines on one P print their index: 9 first, then 0 to 8.
//
// Why: a go statement puts the new goroutine in the P's runnext slot and moves the one that was there to
// the tail of the P's queue. After ten go statements runnext holds number 9 and the queue holds 0 to 8.
// When main blocks, the schedule loop takes runnext first and then the queue from its head.
package main

import "runtime"

func main() {
	runtime.GOMAXPROCS(1)
	done := make(chan bool)
	for i := 0; i < 10; i++ {
		go func() {
			println(i)
			done <- true
		}()
	}
	for i := 0; i < 10; i++ {
		<-done
	}
}
