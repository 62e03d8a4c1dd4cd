// A system call on every thread, while threads sleep, run, and come and go.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const setKeepCaps, getKeepCaps = 8, 7

func main() {
	runtime.GOMAXPROCS(4)
	stop := make(chan bool)
	answers := make(chan uintptr)
	ask := make(chan bool)
	const locked = 5
	for range locked {
		go func() {
			runtime.LockOSThread()
			for range ask {
				v, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, getKeepCaps, 0, 0)
				answers <- v
			}
		}()
	}
	for range 2 {
		go func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
	}
	go func() {
		r, _, _ := os.Pipe()
		r.Read(make([]byte, 1))
	}()
	time.Sleep(time.Millisecond)
	for i := range 40 {
		if _, _, e := syscall.AllThreadsSyscall(syscall.SYS_PRCTL, setKeepCaps, uintptr(i&1), 0); e != 0 {
			fmt.Println("error", e)
			return
		}
		for range locked {
			ask <- true
			if v := <-answers; v != uintptr(i&1) {
				fmt.Println("a thread has", v, "in round", i)
			}
		}
	}
	close(stop)
	_, _, e := syscall.AllThreadsSyscall(syscall.SYS_PRCTL, setKeepCaps, 7, 0)
	fmt.Println("bad argument:", e)
	status, _ := os.ReadFile("/proc/self/status")
	fmt.Println(strings.Contains(string(status), "Threads:"), syscall.Setuid(syscall.Getuid()))
}
