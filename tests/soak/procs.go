package main

// GOMAXPROCS is changed 10,000 times while goroutines wake each other, compute, sleep, talk over a socket and allocate: none of them is
// lost. A line a figure: name, value, `min`, bound.
//
//	procs [SECONDS]

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"
)

const most = 10_000

var sink atomic.Int64

func main() {
	seconds := 60.0
	if len(os.Args) > 1 {
		seconds, _ = strconv.ParseFloat(os.Args[1], 64)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		b := make([]byte, 1)
		for {
			c.Read(b)
			c.Write(b)
		}
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	ping, pong := make(chan int), make(chan int)
	go func() {
		for n := range ping {
			pong <- n
		}
	}()
	b := make([]byte, 1)
	kinds := []struct {
		name string
		step func()
		n    atomic.Int64
	}{
		{name: "channel", step: func() { ping <- 1; <-pong }},
		{name: "compute", step: func() {
			for i := range 1 << 16 {
				sink.Store(int64(i))
			}
		}},
		{name: "sleep", step: func() { time.Sleep(50 * time.Microsecond) }},
		{name: "socket", step: func() { conn.Write(b); conn.Read(b) }},
		{name: "allocate", step: func() {
			var keep [100][]byte
			for i := range keep {
				keep[i] = make([]byte, 2000)
			}
		}},
		{name: "timer", step: func() {
			done := make(chan bool)
			time.AfterFunc(20*time.Microsecond, func() { close(done) })
			<-done
		}},
		{name: "spawn", step: func() {
			done := make(chan bool, 10)
			for range 10 {
				go func() { done <- true }()
			}
			for range 10 {
				<-done
			}
		}},
	}
	for i := range kinds {
		k := &kinds[i]
		go func() {
			for {
				k.step()
				k.n.Add(1)
			}
		}()
	}
	changes := 0
	for start := time.Now(); changes < most && time.Since(start).Seconds() < seconds; changes++ {
		runtime.GOMAXPROCS(1 + changes*7%13)
		if changes%10 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	before := make([]int64, len(kinds))
	for i := range kinds {
		before[i] = kinds[i].n.Load()
	}
	time.Sleep(2 * time.Second)
	fmt.Printf("changes %d min %d\n", changes, most)
	for i := range kinds {
		fmt.Printf("%s_steps_after %d min 1\n", kinds[i].name, kinds[i].n.Load()-before[i])
	}
	os.Exit(0)
}
