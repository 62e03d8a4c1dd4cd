// Two senders and main are all blocked: the report lists every goroutine with its wait reason and where
// it was started.
package main

func main() {
	a, b := make(chan int), make(chan int)
	go func() { a <- 1 }()
	go func() { a <- 2 }()
	<-b
}
