package main

// The usual time-out of a select, most of the time without a time-out, in a few loops: a ticker beside them gets its share.
import (
	"fmt"
	"sync/atomic"
	"time"
)

func main() {
	var rounds atomic.Int64
	for range 6 {
		c := make(chan int)
		go func() {
			for {
				c <- 1
			}
		}()
		go func() {
			for {
				select {
				case <-c:
				case <-time.After(time.Millisecond):
				}
				rounds.Add(1)
			}
		}()
	}
	t := time.NewTicker(time.Millisecond)
	ticks := 0
	for start := time.Now(); time.Since(start) < 500*time.Millisecond; ticks++ {
		<-t.C
	}
	fmt.Println("more than 40 ticks:", ticks > 40)
	fmt.Println("more than 1000 rounds:", rounds.Load() > 1000)
}
