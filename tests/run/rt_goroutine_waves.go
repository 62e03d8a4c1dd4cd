// gort only: official Go keeps that memory.
package main

// Waves of goroutines: the memory of those that have ended goes back to the system while others run.

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// resident is VmRSS in MB.
func resident() int {
	text, _ := os.ReadFile("/proc/self/status")
	for _, l := range strings.Split(string(text), "\n") {
		var kb int
		if n, _ := fmt.Sscanf(l, "VmRSS: %d kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}

func main() {
	start := resident()
	const n = 50_000
	var all sync.WaitGroup
	gate := make(chan bool)
	all.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			<-gate
			all.Done()
		}()
	}
	time.Sleep(10 * time.Millisecond)
	peak := resident()
	close(gate)
	all.Wait()
	stop := make(chan bool)
	go func() { // something runs all the time
		for t := time.NewTicker(time.Millisecond); ; {
			select {
			case <-t.C:
				go func() {}()
			case <-stop:
				return
			}
		}
	}()
	for i := 0; i < 100 && resident() > start+20; i++ {
		time.Sleep(100 * time.Millisecond)
	}
	close(stop)
	fmt.Println("peak above 90 MB:", peak-start > 90, "back within 20 MB:", resident() <= start+20)
}
