// Channels and select: unbuffered, buffered, nil, closed, default, several senders.
package main

func producer(n int, out chan<- int, done chan<- bool) {
	for i := 0; i < n; i++ {
		out <- i
	}
	done <- true
}

func main() {
	a, b, done := make(chan int), make(chan int, 3), make(chan bool)
	go producer(1000, a, done)
	go producer(1000, b, done)
	sum, finished := 0, 0
	for finished < 2 {
		select {
		case v := <-a:
			sum += v
		case v, ok := <-b:
			if ok {
				sum += v
			}
		case <-done:
			finished++
		}
	}
	for len(b) > 0 {
		sum += <-b
	}
	println(sum)
	select {
	case <-a:
		println("a")
	default:
		println("none")
	}
	close(b)
	v, ok := <-b
	println(v, ok, cap(b))
	var none chan int
	select {
	case none <- 1:
	case <-none:
	case x, ok := <-b:
		println(x, ok)
	}
	func() {
		defer func() { println(recover().(error).Error()) }()
		b <- 1
	}()
	func() {
		defer func() { println(recover().(error).Error()) }()
		close(none)
	}()
	for i := range 3 {
		go func() { a <- i }()
	}
	total := 0
	for range 3 {
		total += <-a
	}
	println(total)
}
