package main

// Very many sleepers on mutexes that all have the same hash in the runtime's table, opened from the last to the first and
// in between; then many on one mutex.
import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

type padded struct {
	sync.Mutex
	_ [251*8 - unsafe.Sizeof(sync.Mutex{})]byte
}

func main() {
	const n = 20000
	mus := make([]padded, n)
	var wg sync.WaitGroup
	var got atomic.Int64
	for i := range mus {
		mus[i].Lock()
		for range 1 + i%2 {
			wg.Add(1)
			go func() {
				mus[i].Lock()
				got.Add(1)
				mus[i].Unlock()
				wg.Done()
			}()
		}
	}
	time.Sleep(20 * time.Millisecond)
	for i := n - 2; i >= 0; i -= 2 {
		mus[i].Unlock()
	}
	for i := n - 1; i >= 0; i -= 2 {
		mus[i].Unlock()
	}
	wg.Wait()
	fmt.Println(got.Load())

	var one sync.RWMutex
	one.Lock()
	count := 0
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i%10 == 0 {
				one.Lock()
				count++
				one.Unlock()
				return
			}
			one.RLock()
			_ = count
			one.RUnlock()
		}()
	}
	time.Sleep(10 * time.Millisecond)
	one.Unlock()
	wg.Wait()
	fmt.Println(count)
}
