// A signal that arrives while signal.Stop is called for its last listener is either received or ends the process.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func child() {
	for range 20 {
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGINT)
		var wg sync.WaitGroup
		wg.Go(func() { signal.Stop(c) })
		syscall.Kill(syscall.Getpid(), syscall.SIGINT)
		select {
		case <-c:
		case <-time.After(5 * time.Second):
			fmt.Println("lost")
			os.Exit(1)
		}
		wg.Wait()
	}
}

func main() {
	if len(os.Args) > 1 {
		child()
		return
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT)
	wrong := 0
	for range 60 {
		out, err := exec.Command(os.Args[0], "child").CombinedOutput()
		if len(out) > 0 || err != nil && err.Error() != "signal: interrupt" {
			wrong++
			fmt.Printf("%s%v\n", out, err)
		}
	}
	fmt.Println("wrong:", wrong)
}
