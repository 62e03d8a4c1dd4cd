// gort only: official Go waits for seconds, as it cannot stop such loops either but by luck.
package main

// Loops that copy, clear, compare, search and hash much memory: they are stopped all the same, a stop of the world does not wait for
// them, and what they compute is right.

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const size = 1 << 20

var stop atomic.Bool

func fill(seed byte) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i*7)%200 + seed
	}
	return b
}

var loops = []func() bool{
	func() bool {
		a, b := fill(1), fill(2)
		for n := byte(0); !stop.Load(); n++ {
			b[size/2] = n
			copy(a, b)
			if a[size/2] != n || a[0] != b[0] || a[size-1] != b[size-1] {
				return false
			}
		}
		return true
	},
	func() bool {
		a := fill(3)
		for !stop.Load() {
			a[0], a[size-1] = 1, 1
			clear(a)
			if a[0]+a[size-1] != 0 {
				return false
			}
		}
		return true
	},
	func() bool {
		a, b := fill(4), fill(4)
		for n := 0; !stop.Load(); n++ {
			b[size-1] = a[size-1] + byte(n%2)
			if bytes.Equal(a, b) != (n%2 == 0) || bytes.Compare(a, b) != -(n%2) {
				return false
			}
		}
		return true
	},
	func() bool {
		a := fill(1)
		for n := 0; !stop.Load(); n++ {
			at := size - 1 - n%100
			a[at] = 255
			if bytes.IndexByte(a, 255) != at || bytes.Count(a, []byte{255}) != 1 {
				return false
			}
			a[at] = 1
		}
		return true
	},
	func() bool {
		m := map[string]int{}
		keys := [2]string{strings.Repeat("a", size), strings.Repeat("b", size)}
		for n := 0; !stop.Load(); n++ {
			m[keys[n%2]] = n
			if m[keys[n%2]] != n || len(m) > 2 {
				return false
			}
		}
		return true
	},
}

func main() {
	runtime.GOMAXPROCS(2)
	var wg sync.WaitGroup
	for i, f := range loops {
		wg.Go(func() {
			if !f() {
				fmt.Println("wrong:", i)
			}
		})
	}
	var worst time.Duration
	for i := range 40 {
		time.Sleep(time.Millisecond)
		start := time.Now()
		if i%4 == 0 {
			runtime.GC()
		} else {
			runtime.GOMAXPROCS(2 + i%2)
		}
		worst = max(worst, time.Since(start))
	}
	stop.Store(true)
	wg.Wait()
	if worst > 5*time.Second {
		fmt.Println("longest:", worst)
	}
	// A fault in such a loop is the program's own.
	defer func() {
		fmt.Println("recovered:", recover())
	}()
	var none *[size]byte
	copy(none[:], fill(1))
}
