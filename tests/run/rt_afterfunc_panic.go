package main

// The goroutine of AfterFunc says where it comes from.
import "time"

func fail() { panic("out of time") }

func main() {
	time.AfterFunc(time.Millisecond, fail)
	select {}
}
