package main

// Ten connections beside eight compute loops and 10,000 timers a second: round trips of all connections and of the one with the fewest,
// ticks, and the longest time without either. A line a figure: name, value, `max` or `min`, bound.
//
//	mixed [SECONDS]

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	conns   = 10
	loops   = 8
	tickers = 100
	every   = 10 * time.Millisecond
)

var start = time.Now()

// Steps, and the longest time between two.
type steps struct {
	n, last, worst atomic.Int64
}

func (s *steps) step() {
	t := int64(time.Since(start))
	if gap := t - s.last.Swap(t); gap > s.worst.Load() {
		s.worst.Store(gap)
	}
	s.n.Add(1)
}

func (s *steps) gap() int64 { return max(s.worst.Load(), int64(time.Since(start))-s.last.Load()) }

var sink atomic.Int64

func loop() {
	for x := uint64(1); ; {
		for range 1 << 20 {
			x = x*6364136223846793005 + 1442695040888963407
		}
		sink.Store(int64(x))
	}
}

func main() {
	seconds := 2.0
	if len(os.Args) > 1 {
		seconds, _ = strconv.ParseFloat(os.Args[1], 64)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				panic(err)
			}
			go io.Copy(c, c)
		}
	}()
	var trips [conns]steps
	var ticks steps
	for i := range trips {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			panic(err)
		}
		go func() {
			b := make([]byte, 64)
			for {
				c.Write(b)
				if _, err := io.ReadFull(c, b); err != nil {
					panic(err)
				}
				trips[i].step()
			}
		}()
	}
	for range tickers {
		go func() {
			for range time.NewTicker(every).C {
				ticks.step()
			}
		}()
	}
	for range loops {
		go loop()
	}
	time.Sleep(100 * time.Millisecond)
	ticked := ticks.n.Load()
	for i := range trips {
		trips[i].n.Store(0)
		trips[i].worst.Store(0)
	}
	ticks.worst.Store(0)
	from := time.Now()
	time.Sleep(time.Duration(seconds * 1e9))
	took := time.Since(from).Seconds()
	sum, least, gap := int64(0), int64(1<<62), int64(0)
	for i := range trips {
		n := trips[i].n.Load()
		sum, least, gap = sum+n, min(least, n), max(gap, trips[i].gap())
	}
	fmt.Printf("trips_a_second %.0f min 20\n", float64(sum)/took)
	fmt.Printf("fewest_part %.3f min 0.1\n", float64(least)*conns/float64(sum))
	fmt.Printf("longest_trip_ms %.1f max 1000\n", float64(gap)/1e6)
	fmt.Printf("ticks_a_second %.0f min 1000\n", float64(ticks.n.Load()-ticked)/took)
	fmt.Printf("longest_between_ticks_ms %.1f max 500\n", float64(ticks.gap())/1e6)
	os.Exit(0)
}
