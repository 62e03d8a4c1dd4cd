package main

// Waves of a hundred thousand goroutines, of connections and of timers that come and go. What the process has afterwards is what it had before:
// goroutines, threads, descriptors, resident memory, and what the runtime holds outside the heap. A line a figure: name, value, `max`, bound.
//
//	waves [SECONDS]

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	goroutines  = 100_000
	timers      = 100_000
	connections = 200
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// status is a number of /proc/self/status.
func status(name string) int {
	text, err := os.ReadFile("/proc/self/status")
	check(err)
	for _, l := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(l, name+":"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			check(err)
			return n
		}
	}
	panic(name)
}

func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	check(err)
	return len(entries)
}

// spawned parks goroutines, some of them deep in their stacks, and lets them go.
func spawned() {
	var wg sync.WaitGroup
	gate := make(chan bool)
	for i := range goroutines {
		wg.Go(func() { deep(i%64/60*20, gate) })
	}
	close(gate)
	wg.Wait()
}

//go:noinline
func deep(n int, gate chan bool) int {
	var a [64]int
	if n > 0 {
		return deep(n-1, gate) + a[n%64]
	}
	<-gate
	return 0
}

// timed sets timers: some fire, some are stopped.
func timed() {
	var wg sync.WaitGroup
	all := make([]*time.Timer, timers)
	for i := range all {
		if i%2 == 0 {
			all[i] = time.NewTimer(time.Hour)
			continue
		}
		wg.Add(1)
		all[i] = time.AfterFunc(time.Duration(i%50)*time.Millisecond, wg.Done)
	}
	wg.Wait()
	for i := 0; i < len(all); i += 2 {
		if !all[i].Stop() {
			panic("a timer of an hour has fired")
		}
	}
}

// connected talks over sockets of one process, with deadlines.
func connected() {
	l, err := net.Listen("unix", fmt.Sprintf("@soak-%d", os.Getpid()))
	check(err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				io.Copy(c, c)
				c.Close()
			})
		}
	})
	var clients sync.WaitGroup
	for range connections {
		clients.Go(func() {
			var c net.Conn
			var err error
			for c == nil || err != nil { // the listener's queue may be full
				c, err = net.Dial("unix", l.Addr().String())
			}
			b := make([]byte, 100)
			for range 20 {
				c.SetDeadline(time.Now().Add(time.Minute))
				_, err := c.Write(b)
				check(err)
				_, err = io.ReadFull(c, b)
				check(err)
			}
			c.Close()
		})
	}
	clients.Wait()
	l.Close()
	wg.Wait()
}

type figures struct {
	goroutines, threads, descriptors, resident, outside int
}

// rest lets what is free go back, and reads what is left.
func rest() figures {
	debug.FreeOSMemory()
	// Threads without work end after ten seconds.
	time.Sleep(13 * time.Second)
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	outside := m.StackSys + m.MSpanSys + m.MCacheSys + m.BuckHashSys + m.GCSys + m.OtherSys
	return figures{runtime.NumGoroutine(), status("Threads"), descriptors(), status("VmRSS"), int(outside >> 10)}
}

func main() {
	seconds := 60.0
	if len(os.Args) > 1 {
		seconds, _ = strconv.ParseFloat(os.Args[1], 64)
	}
	wave := func() {
		spawned()
		timed()
		connected()
	}
	wave() // what is made once is made
	before := rest()
	waves := 0
	for start := time.Now(); time.Since(start).Seconds() < seconds; waves++ {
		wave()
	}
	after := rest()
	fmt.Printf("waves %d min 1\n", waves)
	fmt.Printf("goroutines %d max %d\n", after.goroutines, before.goroutines)
	fmt.Printf("threads %d max %d\n", after.threads, before.threads+2)
	fmt.Printf("descriptors %d max %d\n", after.descriptors, before.descriptors)
	fmt.Printf("resident_kb %d max %d\n", after.resident, before.resident*5/4+4096)
	fmt.Printf("outside_heap_kb %d max %d\n", after.outside, before.outside*5/4+4096)
}
