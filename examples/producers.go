// Two producers print 1..3 and 4..6; main takes what they print from a channel.
//
// The producers run as the scheduler likes, so main puts the numbers in order: it shows that all six
// arrived, each once.
package main

func produce(from, to int, out chan<- int, done chan<- bool) {
	for i := from; i <= to; i++ {
		out <- i
	}
	done <- true
}

func main() {
	out := make(chan int)
	done := make(chan bool)
	go produce(1, 3, out, done)
	go produce(4, 6, out, done)
	var seen [7]bool
	for finished := 0; finished < 2; {
		select {
		case i := <-out:
			seen[i] = true
		case <-done:
			finished++
		}
	}
	for i := 1; i <= 6; i++ {
		println(i, seen[i])
	}
}
