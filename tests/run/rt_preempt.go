package main

import "runtime"

// Loops without calls are preempted, while GOMAXPROCS changes, channels work and goroutines come and go.

func spin() {
	for n := 1; n != 0; {
		n += 2
	}
}

func main() {
	for i := 0; i < 3; i++ {
		go spin()
	}
	c := make(chan int)
	for _, p := range []int{1, 2, 8, 1, 3} {
		runtime.GOMAXPROCS(p)
		sum := 0
		for i := 0; i < 5; i++ {
			go func() { c <- i }()
			sum += <-c
			runtime.Gosched()
		}
		println(runtime.GOMAXPROCS(0), sum)
	}
	println(runtime.NumGoroutine())
}
