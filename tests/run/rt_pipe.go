package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

// Pipes park the goroutine and not the thread; deadlines; close wakes readers.
func main() {
	const n = 100
	done := make(chan int)
	var ws [n]*os.File
	for i := 0; i < n; i++ {
		r, w, err := os.Pipe()
		if err != nil {
			panic(err)
		}
		ws[i] = w
		go func() {
			b, err := io.ReadAll(r)
			if err != nil {
				fmt.Println(err)
			}
			r.Close()
			done <- len(b)
		}()
	}
	runtime.Gosched()
	time.Sleep(5 * time.Millisecond)
	for i, w := range ws {
		for k := 0; k < 10; k++ {
			w.Write(make([]byte, i*100))
		}
		w.Close()
	}
	sum := 0
	for range ws {
		sum += <-done
	}
	fmt.Println(sum)

	r, w, _ := os.Pipe()
	r.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err := r.Read(make([]byte, 1))
	fmt.Println(err, errors.Is(err, os.ErrDeadlineExceeded))
	r.SetReadDeadline(time.Now().Add(-time.Second))
	_, err = r.Read(make([]byte, 1))
	fmt.Println(err)
	r.SetReadDeadline(time.Time{})
	go func() { time.Sleep(5 * time.Millisecond); w.Write([]byte("x")) }()
	k, err := r.Read(make([]byte, 4))
	fmt.Println(k, err)
	go func() { time.Sleep(5 * time.Millisecond); r.Close() }()
	_, err = r.Read(make([]byte, 4))
	fmt.Println(err)
	// A full pipe stops the writer.
	r, w, _ = os.Pipe()
	go func() { k, err := w.Write(make([]byte, 1<<20)); fmt.Println(k, err); w.Close() }()
	time.Sleep(5 * time.Millisecond)
	b, err := io.ReadAll(r)
	fmt.Println(len(b), err)
	time.Sleep(time.Millisecond)
}
