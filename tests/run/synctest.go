// Bubbles of testing/synctest: the clock, who counts as blocked, timers, and the end of a bubble.
package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func clock(t *testing.T) {
	start := time.Now()
	fmt.Println(start.UTC())
	time.Sleep(36 * time.Hour)
	fmt.Println("slept", time.Since(start))
	timer := time.NewTimer(time.Second)
	fmt.Println("reset", timer.Reset(time.Minute), len(timer.C), cap(timer.C))
	<-timer.C
	fmt.Println("timer", time.Since(start))
	fired := false
	after := time.AfterFunc(time.Second, func() { fired = true })
	time.Sleep(time.Second - 1)
	synctest.Wait()
	fmt.Println("fired early", fired)
	time.Sleep(1)
	synctest.Wait()
	fmt.Println("fired", fired, after.Stop())
	ticker := time.NewTicker(time.Hour)
	for range 3 {
		<-ticker.C
	}
	ticker.Stop()
	fmt.Println("ticked", time.Since(start))
}

func contexts(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	time.Sleep(5*time.Second - time.Nanosecond)
	synctest.Wait()
	fmt.Println("before:", ctx.Err())
	time.Sleep(time.Nanosecond)
	synctest.Wait()
	fmt.Println("after:", ctx.Err())
}

func blocked(t *testing.T) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	done := make(chan string)
	steps := 0
	wg.Go(func() {
		mu.Lock()
		cond.Wait()
		mu.Unlock()
		steps++
	})
	wg.Go(func() {
		select {
		case s := <-done:
			fmt.Println("got", s)
		case <-time.After(time.Hour):
			fmt.Println("late")
		}
		steps++
	})
	synctest.Wait()
	fmt.Println("steps", steps)
	done <- "it"
	synctest.Wait()
	fmt.Println("steps", steps)
	cond.Signal()
	wg.Wait()
	fmt.Println("steps", steps)
}

func equalTimes(t *testing.T) {
	first := map[int]bool{}
	for range 200 {
		var got []int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 2 {
			wg.Go(func() {
				time.Sleep(time.Second)
				mu.Lock()
				got = append(got, i)
				mu.Unlock()
			})
		}
		wg.Wait()
		first[got[0]] = true
	}
	fmt.Println("both were first:", len(first) == 2)
}

func deadlocked(t *testing.T) {
	go func() { <-make(chan int) }()
	select {}
}

func mainEnds(t *testing.T) {
	go func() { time.Sleep(time.Hour) }()
}

// bubble runs f in a bubble and says how that ended.
func bubble(name string, f func(*testing.T)) testing.InternalTest {
	return testing.InternalTest{Name: name, F: func(t *testing.T) {
		fmt.Println("---", name)
		defer func() {
			if r := recover(); r != nil {
				fmt.Println("recovered:", r)
			}
		}()
		synctest.Test(t, f)
	}}
}

func main() {
	var c chan int
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{
		bubble("clock", clock),
		bubble("contexts", contexts),
		bubble("blocked", blocked),
		bubble("equalTimes", equalTimes),
		bubble("deadlocked", deadlocked),
		bubble("mainEnds", mainEnds),
		bubble("makes", func(t *testing.T) { c = make(chan int, 1) }),
		// A channel of a bubble is of no use outside.
		{Name: "uses", F: func(t *testing.T) {
			go func() { c <- 1 }()
			select {}
		}},
	}, nil, nil)
}
