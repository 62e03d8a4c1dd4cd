package main

// A loop that makes a megabyte at a time stays near its goal, also while the thread that marks has lost its processor: one
// of two Ps has nothing to run, so that an idle thread marks, and other processes keep the processors busy.

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
)

var sink []byte

// busy runs until its standard input ends.
func busy() {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
	}
}

func main() {
	if len(os.Args) > 1 {
		busy()
	}
	for range 4 * runtime.NumCPU() {
		cmd := exec.Command(os.Args[0], "busy")
		if in, err := cmd.StdinPipe(); err == nil && cmd.Start() == nil {
			defer cmd.Wait()
			defer in.Close()
		}
	}
	runtime.GOMAXPROCS(2)
	var m runtime.MemStats
	for range 300 {
		sink = make([]byte, 1<<20)
		if runtime.ReadMemStats(&m); m.Alloc > 40<<20 {
			fmt.Println("too much:", m.Alloc>>20, "MB")
			return
		}
	}
	fmt.Println("done")
}
