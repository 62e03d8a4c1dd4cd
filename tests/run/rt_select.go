package main

import "runtime"

// Select with many cases, closed and nil channels, several cases on one channel, at several GOMAXPROCS.

func many(procs int) {
	runtime.GOMAXPROCS(procs)
	const n = 20
	var cs [n]chan int
	for i := range cs {
		cs[i] = make(chan int, i%3)
	}
	done := make(chan int)
	for i := range cs {
		go func() {
			for k := 0; k < 200; k++ {
				cs[i] <- i*1000 + k
			}
			done <- i
		}()
	}
	var next [n]int
	sum, left := 0, n
	for left > 0 || sum < n*200 {
		var v int
		select {
		case v = <-cs[0]:
		case v = <-cs[1]:
		case v = <-cs[2]:
		case v = <-cs[3]:
		case v = <-cs[4]:
		case v = <-cs[5]:
		case v = <-cs[6]:
		case v = <-cs[7]:
		case v = <-cs[8]:
		case v = <-cs[9]:
		case v = <-cs[10]:
		case v = <-cs[11]:
		case v = <-cs[12]:
		case v = <-cs[13]:
		case v = <-cs[14]:
		case v = <-cs[15]:
		case v = <-cs[16]:
		case v = <-cs[17]:
		case v = <-cs[18]:
		case v = <-cs[19]:
		case <-done:
			left--
			continue
		}
		i := v / 1000
		if next[i] != v%1000 {
			println("out of order", i, v%1000, next[i])
		}
		next[i]++
		sum++
	}
	println(procs, sum)
}

func nilAndClosed() {
	var never chan int
	c := make(chan int)
	close(c)
	for i := 0; i < 3; i++ {
		select {
		case <-never:
			println("never")
		case never <- 1:
			println("never")
		case v, ok := <-c:
			println(v, ok)
		}
	}
	select {
	case <-never:
	default:
		println("default")
	}
	select {
	case v, ok := <-c:
		println(v, ok)
	default:
		println("default")
	}
}

func sameChannel() {
	c := make(chan int)
	go func() {
		for i := 0; i < 100; i++ {
			select {
			case c <- i:
			case c <- i:
			case v := <-make(chan int):
				println(v)
			}
		}
		close(c)
	}()
	sum := 0
	for {
		select {
		case v, ok := <-c:
			if !ok {
				println("sum", sum)
				return
			}
			sum += v
		case v, ok := <-c:
			if !ok {
				println("sum", sum)
				return
			}
			sum += v
		}
	}
}

func bothWays() {
	a, b := make(chan int), make(chan int)
	done := make(chan int)
	for w := 0; w < 4; w++ {
		go func() {
			n := 0
			for i := 0; i < 500; i++ {
				select {
				case a <- i:
				case <-b:
					n++
				case b <- i:
				case <-a:
					n++
				}
			}
			done <- n
		}()
	}
	got, finished := 0, 0
	for finished < 4 {
		select {
		case n := <-done:
			got += n
			finished++
		case a <- 0:
			got--
		case <-b:
			got++
		}
	}
	println("pairs", got >= -2000 && got <= 2000)
}

func closeWakes() {
	c := make(chan int)
	res := make(chan bool)
	for i := 0; i < 10; i++ {
		go func() {
			select {
			case _, ok := <-c:
				res <- ok
			case <-make(chan int):
			}
		}()
	}
	for i := 0; i < 10; i++ {
		go func() { _, ok := <-c; res <- ok }()
	}
	for i := 0; i < 20; i++ {
		runtime.Gosched()
	}
	close(c)
	n := 0
	for i := 0; i < 20; i++ {
		if !<-res {
			n++
		}
	}
	println("woken by close", n)
	d := make(chan int)
	for i := 0; i < 5; i++ {
		go func() {
			defer func() { res <- recover() != nil }()
			if i%2 == 0 {
				d <- 1
			} else {
				select {
				case d <- 1:
				case <-make(chan int):
				}
			}
		}()
	}
	for i := 0; i < 20; i++ {
		runtime.Gosched()
	}
	close(d)
	n = 0
	for i := 0; i < 5; i++ {
		if <-res {
			n++
		}
	}
	println("senders panicked", n)
}

func main() {
	for _, p := range []int{1, 2, 4, 8, 3, 1} {
		many(p)
		bothWays()
		sameChannel()
		closeWakes()
	}
	nilAndClosed()
}
