package main

// MemStats: what is idle is not negative, and counts do not go down when GOMAXPROCS does.

import (
	"fmt"
	"runtime"
)

var keep []byte

func main() {
	var m runtime.MemStats
	keep = make([]byte, 100<<20)
	runtime.ReadMemStats(&m)
	fmt.Println("idle:", m.HeapIdle < 1<<40, "sys covers what is in use:", m.HeapSys >= m.HeapInuse)
	runtime.GOMAXPROCS(4)
	done := make(chan int)
	for range 8 {
		go func() {
			n := 0
			for i := range 20000 {
				n += *escapes(i)
			}
			done <- n
		}()
	}
	for range 8 {
		<-done
	}
	runtime.ReadMemStats(&m)
	mallocs, total := m.Mallocs, m.TotalAlloc
	runtime.GOMAXPROCS(1)
	runtime.ReadMemStats(&m)
	fmt.Println("counts stay:", m.Mallocs >= mallocs, m.TotalAlloc >= total)
}

//go:noinline
func escapes(i int) *int {
	p := new([4]int)
	p[0] = i
	return &p[0]
}
