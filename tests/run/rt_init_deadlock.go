package main

import "runtime"

var x = f()

func f() int {
	c := make(chan int)
	go func() { runtime.Gosched(); c <- 4 }()
	return <-c
}

func init() {
	println("init", x)
	c := make(chan int)
	<-c
}

func main() {}
