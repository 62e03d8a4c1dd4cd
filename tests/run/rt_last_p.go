package main

// Timers and descriptors go on being watched however the last P becomes idle: its goroutine is locked to the
// thread, its thread sits in a system call, its thread ends.

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"
)

func init() {
	time.Sleep(5 * time.Millisecond) // init runs on the locked first thread
	fmt.Println("init slept")
}

// blocked runs f while the only other goroutine that could look after timers sits in read(2).
func blocked(f func(done func())) {
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		panic(err)
	}
	go f(func() { syscall.Write(fds[1], []byte{1}) })
	var b [1]byte
	if n, err := syscall.Read(fds[0], b[:]); n != 1 || err != nil {
		panic(fmt.Sprint(n, err))
	}
	syscall.Close(fds[0])
	syscall.Close(fds[1])
}

func main() {
	for _, procs := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(procs)

		runtime.LockOSThread()
		time.Sleep(2 * time.Millisecond)
		<-time.After(2 * time.Millisecond)
		runtime.UnlockOSThread()
		fmt.Println(procs, "locked goroutine slept")

		blocked(func(done func()) {
			time.Sleep(2 * time.Millisecond)
			done()
		})
		fmt.Println(procs, "sleeper beside a system call")

		blocked(func(done func()) {
			time.AfterFunc(2*time.Millisecond, done)
		})
		fmt.Println(procs, "function beside a system call")

		ended := make(chan bool)
		go func() {
			defer close(ended)
			runtime.LockOSThread() // never unlocked: its thread ends with it
			time.Sleep(time.Millisecond)
		}()
		<-ended
		time.Sleep(time.Millisecond)
		fmt.Println(procs, "thread ended")

		r, w, err := os.Pipe()
		if err != nil {
			panic(err)
		}
		go func() {
			runtime.LockOSThread()
			time.Sleep(time.Millisecond)
			w.Write([]byte("x"))
			w.Close()
		}()
		r.SetReadDeadline(time.Now().Add(10 * time.Second))
		text, err := io.ReadAll(r)
		fmt.Println(procs, "pipe:", string(text), err)
	}

	// A locked goroutine alone with a connection.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	runtime.GOMAXPROCS(1)
	go func() {
		runtime.LockOSThread()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			panic(err)
		}
		b := make([]byte, 1)
		for i := 0; i < 2000; i++ {
			c.Write(b)
			if _, err := io.ReadFull(c, b); err != nil {
				panic(err)
			}
		}
		c.Close()
	}()
	c, err := l.Accept()
	if err != nil {
		panic(err)
	}
	n, err := io.Copy(c, c)
	fmt.Println("echoed", n, err)
}
