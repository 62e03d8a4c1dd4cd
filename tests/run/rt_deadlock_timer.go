package main

// A timer with a channel on which nobody waits is no reason to hope.
import (
	"fmt"
	"time"
)

func main() {
	t := time.NewTimer(time.Hour)
	fmt.Println(t.Reset(2 * time.Hour))
	k := time.NewTicker(time.Hour)
	c := make(chan int)
	<-c
	fmt.Println(t, k)
}
