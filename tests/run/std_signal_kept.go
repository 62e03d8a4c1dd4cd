package main

// signal.Reset leaves alone what signal.Ignore has said.

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signal.Ignore(syscall.SIGTERM)
	signal.Reset(syscall.SIGTERM)
	syscall.Kill(os.Getpid(), syscall.SIGTERM)
	fmt.Println("alive, ignored:", signal.Ignored(syscall.SIGTERM))
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	syscall.Kill(os.Getpid(), syscall.SIGTERM)
	fmt.Println(<-c, "ignored:", signal.Ignored(syscall.SIGTERM))
}
