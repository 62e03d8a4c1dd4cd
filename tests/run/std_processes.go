package main

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"reflect"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

func pull() {
	seq := func(yield func(int) bool) {
		defer fmt.Println("seq done")
		for i := 0; i < 5; i++ {
			if !yield(i * i) {
				return
			}
		}
	}
	next, stop := iter.Pull(seq)
	for {
		v, ok := next()
		if !ok {
			break
		}
		fmt.Print(v, " ")
	}
	fmt.Println()
	stop()
	next, stop = iter.Pull(seq)
	fmt.Println(next())
	stop()
	fmt.Println(next())
	n2, s2 := iter.Pull2(func(y func(string, int) bool) { y("a", 1); panic("boom") })
	fmt.Println(n2())
	func() {
		defer func() { fmt.Println("rec", recover()) }()
		n2()
	}()
	s2()
	next, stop = iter.Pull(func(y func(int) bool) {
		for i := 0; y(i); i++ {
		}
	})
	s := 0
	for i := 0; i < 300000; i++ {
		v, _ := next()
		s += v
	}
	stop()
	fmt.Println(s)
}

func main() {
	pull()
	c := make(chan os.Signal, 3)
	signal.Notify(c, syscall.SIGUSR1, syscall.SIGTERM, syscall.SIGQUIT)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println(<-c)
	syscall.Kill(os.Getpid(), syscall.SIGTERM)
	fmt.Println(<-c)
	syscall.Kill(os.Getpid(), syscall.SIGQUIT)
	fmt.Println(<-c)
	signal.Ignore(syscall.SIGHUP)
	syscall.Kill(os.Getpid(), syscall.SIGHUP)
	fmt.Println(signal.Ignored(syscall.SIGHUP))
	for i := 0; i < 20; i++ {
		out, err := exec.Command("sh", "-c", "echo hi $0; exit 3", fmt.Sprint(i)).CombinedOutput()
		if i%7 == 0 {
			fmt.Printf("%q %v\n", out, err)
		}
	}
	done := make(chan bool)
	for i := 0; i < 8; i++ {
		go func() {
			for k := 0; k < 20; k++ {
				if out, err := exec.Command("/bin/true").Output(); err != nil {
					fmt.Println(out, err)
				}
			}
			done <- true
		}()
	}
	for i := 0; i < 8; i++ {
		<-done
	}
	ch := make(chan int, 1)
	ch2 := make(chan string)
	cases := []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ch2)}, {Dir: reflect.SelectSend, Chan: reflect.ValueOf(ch), Send: reflect.ValueOf(42)}}
	fmt.Println(reflect.Select(cases))
	go func() { ch2 <- "s" }()
	fmt.Println(reflect.Select(cases))
	cases = append(cases, reflect.SelectCase{Dir: reflect.SelectDefault})
	fmt.Println(reflect.Select(cases))
	fmt.Println(debug.SetMaxStack(1<<20), debug.SetMaxThreads(500), debug.SetPanicOnFault(true), debug.SetGCPercent(50), debug.SetMemoryLimit(-1))
	r := rand.New(rand.NewChaCha8([32]byte{1}))
	fmt.Println(r.Int(), r.Int(), runtime.NumGoroutine() < 5)
	p := exec.Command("sleep", "10")
	p.Start()
	p.Process.Kill()
	fmt.Println(p.Wait())
	signal.Reset()
	syscall.Kill(os.Getpid(), syscall.SIGTERM)
	time.Sleep(time.Second)
}
