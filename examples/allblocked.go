// Two senders and main are all blocked: the report lists every goroutine with its wait reason and where
// it was started.
package main

func send(ch chan<- int) {
	ch <- 1
}

func main() {
	a, b := make(chan int), make(chan int)
	go send(a)
	go send(a)
	<-b
}
