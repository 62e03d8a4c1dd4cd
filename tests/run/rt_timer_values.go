package main

// What timers send and when they are in nobody's way: the time of a late look, Local as it is then, Stop and Reset of a
// timer that nobody has looked at, length and capacity, a million short-lived ones.
import (
	"fmt"
	"time"
)

func main() {
	start := time.Now()
	t := time.NewTimer(20 * time.Millisecond)
	k := time.NewTicker(20 * time.Millisecond)
	time.Sleep(50 * time.Millisecond)
	v := <-t.C
	at := v.Sub(start)
	fmt.Println("when it was due:", at >= 20*time.Millisecond && at < 30*time.Millisecond)
	v = <-k.C
	at = v.Sub(start)
	fmt.Println("the tick that was missed:", at >= 20*time.Millisecond && at < 30*time.Millisecond)
	v = <-k.C
	fmt.Println("the next one in step:", v.Sub(start) >= 60*time.Millisecond)
	fmt.Println(len(t.C), cap(t.C), t.Stop(), t.Reset(time.Hour), t.Reset(0))
	time.Sleep(time.Millisecond)
	fmt.Println("due, not looked at:", len(t.C), t.Stop())
	select {
	case <-t.C:
		fmt.Println("a value of the past")
	default:
	}
	time.Local = time.FixedZone("Here", 3600)
	t.Reset(time.Millisecond)
	v = <-t.C
	zone, _ := v.Zone()
	fmt.Println(zone, v.Location() == time.Local, time.Since(v) < time.Second)

	n := 0
	for range 1000000 {
		c := time.After(time.Hour)
		select {
		case <-c:
		default:
			n++
		}
	}
	fmt.Println(n)
	both := time.NewTimer(time.Millisecond)
	select {
	case <-both.C:
	case <-both.C:
	case <-time.After(time.Hour):
	}
	fmt.Println(both.Stop())
	done := make(chan bool)
	f := time.AfterFunc(time.Hour, func() { done <- true })
	fmt.Println(f.C == nil, f.Stop(), f.Stop(), f.Reset(0))
	<-done
	fmt.Println(f.Stop())
}
