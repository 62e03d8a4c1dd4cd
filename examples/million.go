// A million goroutines, all parked on one channel, then all woken.
package main

func main() {
	const n = 1000000
	start := make(chan bool)
	done := make(chan int, 1024)
	for i := 0; i < n; i++ {
		go func() {
			<-start
			done <- i & 1
		}()
	}
	close(start)
	odd := 0
	for i := 0; i < n; i++ {
		odd += <-done
	}
	println(n, "goroutines,", odd, "of them odd")
}
