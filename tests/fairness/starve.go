package main

// One kind of work takes all that it can get. Does everything else get on? For each of the others, the longest time without
// a step, in milliseconds: name, value, `max`, bound. A step takes microseconds, so what never gets a turn shows the
// whole time, and what waits for its turn behind others some tens of milliseconds.
//
//	starve OVERLOAD [SECONDS]

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// Of the time.
const bound = 0.8

var start = time.Now()

func now() int64 { return int64(time.Since(start)) }

// Something that is to get on.
type victim struct {
	name  string
	last  atomic.Int64
	worst atomic.Int64
}

func (v *victim) step() {
	t := now()
	if gap := t - v.last.Swap(t); gap > v.worst.Load() {
		v.worst.Store(gap)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

var sink atomic.Int64

//go:noinline
func compute(n int) {
	x := uint64(1)
	for range n {
		x = x*6364136223846793005 + 1442695040888963407
	}
	sink.Store(int64(x))
}

func pause() { time.Sleep(time.Millisecond) }

// Asks b for an answer, again and again.
func ask(v *victim, question, answer chan int) {
	for {
		question <- 1
		<-answer
		v.step()
		pause()
	}
}

func echo(c net.Conn) {
	b := make([]byte, 64)
	for {
		n, err := c.Read(b)
		if err != nil {
			c.Close()
			return
		}
		c.Write(b[:n])
	}
}

var victims = map[string]func(*victim){
	// Longer than a turn: it is interrupted, and waits in the global queue.
	"queue": func(v *victim) {
		for {
			for t := now(); now()-t < 15e6; {
				compute(10000)
				v.step()
			}
			pause()
		}
	},
	// Comes back to no P, and waits in the global queue.
	"syscall": func(v *victim) {
		for {
			syscall.Nanosleep(&syscall.Timespec{Nsec: 1e6}, nil)
			v.step()
		}
	},
	"timer": func(v *victim) {
		for {
			pause()
			v.step()
		}
	},
	"ticker": func(v *victim) {
		for range time.NewTicker(2 * time.Millisecond).C {
			v.step()
		}
	},
	"channel": func(v *victim) {
		q, a := make(chan int), make(chan int)
		go func() {
			for range q {
				a <- 1
			}
		}()
		ask(v, q, a)
	},
	"locked": func(v *victim) {
		q, a := make(chan int), make(chan int)
		go func() {
			runtime.LockOSThread()
			for range q {
				a <- 1
			}
		}()
		ask(v, q, a)
	},
	"network": func(v *victim) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		check(err)
		go func() {
			c, err := l.Accept()
			check(err)
			echo(c)
		}()
		c, err := net.Dial("tcp", l.Addr().String())
		check(err)
		for {
			b := []byte{1}
			c.Write(b)
			_, err := io.ReadFull(c, b)
			check(err)
			v.step()
			pause()
		}
	},
	"deadline": func(v *victim) {
		a, _ := net.Pipe()
		r, w, err := os.Pipe()
		check(err)
		defer w.Close()
		for {
			a.SetReadDeadline(time.Now().Add(time.Millisecond))
			a.Read(make([]byte, 1))
			r.SetReadDeadline(time.Now().Add(time.Millisecond))
			r.Read(make([]byte, 1))
			v.step()
		}
	},
}

var overloads = map[string]func(procs int){
	"loops": func(procs int) {
		for range 2 * procs {
			go func() {
				for {
					compute(1 << 20)
				}
			}()
		}
	},
	// Each wakes the other through runnext.
	"pingpong": func(procs int) {
		for range procs {
			a, b := make(chan int), make(chan int)
			go func() {
				for {
					a <- <-b
				}
			}()
			go func() {
				for {
					b <- 1
					<-a
				}
			}()
		}
	},
	"timers": func(int) {
		for range 5000 {
			var t *time.Timer
			ready := make(chan bool)
			t = time.AfterFunc(time.Millisecond, func() {
				<-ready
				t.Reset(50 * time.Microsecond)
			})
			close(ready)
		}
	},
	"connections": func(procs int) {
		l, err := net.Listen("unix", fmt.Sprintf("@fairness-%d", os.Getpid()))
		check(err)
		go func() {
			for {
				c, err := l.Accept()
				check(err)
				go echo(c)
			}
		}()
		for range 8 * procs {
			go func() {
				b := []byte{1}
				for {
					c, err := net.Dial("unix", l.Addr().String())
					if err != nil {
						continue // the listener's queue is full
					}
					c.Write(b)
					c.Read(b)
					c.Close()
				}
			}()
		}
	},
	// Each starts its successor, and some in groups.
	"spawn": func(procs int) {
		var next func()
		next = func() { go next() }
		for range procs {
			go next()
			go func() {
				done := make(chan int, 100)
				for {
					for range 100 {
						go func() { done <- 1 }()
					}
					for range 100 {
						<-done
					}
				}
			}()
		}
	},
	"yields": func(procs int) {
		for range 2 * procs {
			go func() {
				for {
					runtime.Gosched()
				}
			}()
		}
	},
}

func main() {
	overload, seconds := overloads[os.Args[1]], 2.0
	if len(os.Args) > 2 {
		seconds, _ = strconv.ParseFloat(os.Args[2], 64)
	}
	var all []*victim
	for name, run := range victims {
		v := &victim{name: name}
		all = append(all, v)
		v.last.Store(now())
		go run(v)
	}
	time.Sleep(20 * time.Millisecond)
	for _, v := range all {
		v.worst.Store(0)
	}
	overload(runtime.GOMAXPROCS(0))
	time.Sleep(time.Duration(seconds * 1e9))
	for _, v := range all {
		worst := max(v.worst.Load(), now()-v.last.Load())
		fmt.Printf("%s %.1f max %.0f\n", v.name, float64(worst)/1e6, bound*seconds*1e3)
	}
	os.Exit(0)
}
