package main

// Sleep, timers, tickers, AfterFunc, stop and reset without stale values, Cond.
import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

func main() {
	t0 := time.Now()
	time.Sleep(20 * time.Millisecond)
	d := time.Since(t0)
	fmt.Println("slept", d >= 20*time.Millisecond, d < 40*time.Millisecond)
	wg := make(chan bool)
	order := make(chan int, 10)
	for i := 0; i < 10; i++ {
		go func() {
			defer func() { wg <- true }()
			time.Sleep(time.Duration(30*(10-i)) * time.Millisecond)
			order <- i
		}()
	}
	for i := 0; i < 10; i++ {
		<-wg
	}
	close(order)
	for i := range order {
		fmt.Print(i, " ")
	}
	fmt.Println()
	select {
	case <-time.After(10 * time.Millisecond):
		fmt.Println("after")
	}
	tick := time.NewTicker(5 * time.Millisecond)
	for i := 0; i < 5; i++ {
		<-tick.C
	}
	tick.Stop()
	fmt.Println("ticks")
	t := time.NewTimer(time.Millisecond)
	time.Sleep(10 * time.Millisecond)
	fmt.Println("stop fired, unread:", t.Stop())
	select {
	case <-t.C:
		fmt.Println("stale")
	default:
		fmt.Println("no stale value")
	}
	fmt.Println("reset:", t.Reset(time.Millisecond))
	<-t.C
	fmt.Println("stop read:", t.Stop())
	done := make(chan bool)
	time.AfterFunc(time.Millisecond, func() { done <- true })
	<-done
	f := time.AfterFunc(time.Hour, func() {})
	fmt.Println("stop func", f.Stop(), f.Stop())
	runtime.GOMAXPROCS(1)
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	n := 0
	for i := 0; i < 5; i++ {
		go func() {
			mu.Lock()
			for n == 0 {
				c.Wait()
			}
			n++
			mu.Unlock()
			done <- true
		}()
	}
	time.Sleep(5 * time.Millisecond)
	mu.Lock()
	n = 1
	c.Broadcast()
	mu.Unlock()
	for i := 0; i < 5; i++ {
		<-done
	}
	fmt.Println(n)
	fmt.Println(runtime.NumGoroutine())
}
