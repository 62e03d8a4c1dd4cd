package main

// The first go statement starts the watching thread, while the first threads of the program may run out of work
// already: whoever counts them then must not find a deadlock. The program runs itself, since that is once a process.

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
)

func child() {
	c := make(chan int)
	for range 20 {
		go func() { <-c }()
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {})
	}
	wg.Wait()
	for range 20 {
		c <- 1
	}
}

func main() {
	if len(os.Args) > 1 {
		child()
		return
	}
	for i := range 24 {
		cmd := exec.Command(os.Args[0], "child")
		cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", 2+i%3))
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Println(err, string(out))
		}
	}
	fmt.Println("done")
}
