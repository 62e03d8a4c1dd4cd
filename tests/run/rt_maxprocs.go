// GOMAXPROCS follows the number of CPUs until the program sets it, and again after SetDefaultGOMAXPROCS; and may change at any time.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// allow lets all threads run on the CPUs of a mask.
func allow(mask []uint64) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		panic(err)
	}
	for _, t := range tasks {
		id, _ := strconv.Atoi(t.Name())
		syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(id), uintptr(len(mask)*8), uintptr(unsafe.Pointer(&mask[0])))
	}
}

func allowed() []uint64 {
	mask := make([]uint64, 1024)
	n, _, _ := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, uintptr(len(mask)*8), uintptr(unsafe.Pointer(&mask[0])))
	return mask[:n/8]
}

// first is a mask with the first CPU of another.
func first(mask []uint64) []uint64 {
	one := make([]uint64, len(mask))
	for i, w := range mask {
		if w != 0 {
			one[i] = w & -w
			break
		}
	}
	return one
}

// become waits for GOMAXPROCS to be n. It is looked at once a second.
func become(n int) bool {
	for range 3000 {
		if runtime.GOMAXPROCS(0) == n {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

func main() {
	began := runtime.GOMAXPROCS(0)
	mask := allowed()
	allow(first(mask))
	fmt.Println("one CPU:", become(1))
	allow(mask)

	// Under load: goroutines that wake each other, that compute, and timers.
	var stop atomic.Bool
	var wg sync.WaitGroup
	var rounds [3]atomic.Int64
	c := make(chan int)
	for i, f := range []func(){
		func() {
			select {
			case c <- 1:
			case <-c:
			case <-time.After(time.Millisecond):
			}
		},
		func() {
			for x := range 10000 {
				if x < 0 {
					panic("x")
				}
			}
		},
		func() { time.Sleep(100 * time.Microsecond) },
	} {
		for range 3 {
			wg.Go(func() {
				for !stop.Load() {
					f()
					rounds[i].Add(1)
				}
			})
		}
	}
	for i := range 300 {
		n := 1 + i*7%9
		runtime.GOMAXPROCS(n)
		if got := runtime.GOMAXPROCS(0); got != n {
			fmt.Println("set to", n, "is", got)
		}
	}
	for i := range rounds {
		for n := rounds[i].Load(); rounds[i].Load() == n; {
			time.Sleep(time.Millisecond)
		}
	}
	stop.Store(true)
	wg.Wait()
	runtime.GOMAXPROCS(5)
	runtime.SetDefaultGOMAXPROCS()
	fmt.Println("default:", runtime.GOMAXPROCS(0) == began)
}
