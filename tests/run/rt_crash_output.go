package main

// debug.SetCrashOutput: the file gets what a dying program says; of a fatal error what follows its head line.

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
)

func die(how, file string) {
	f, err := os.Create(file)
	if err != nil {
		panic(err)
	}
	if err := debug.SetCrashOutput(f, debug.CrashOptions{}); err != nil {
		panic(err)
	}
	f.Close()
	println("not in the file")
	switch how {
	case "panic":
		defer func() {
			panic(fmt.Sprint("again: ", recover()))
		}()
		panic("a panic")
	case "throw":
		runtime.SetFinalizer(nil, nil)
	case "deadlock":
		select {}
	case "none":
		debug.SetCrashOutput(nil, debug.CrashOptions{})
		panic("nobody copies this")
	}
}

func main() {
	if len(os.Args) > 2 {
		die(os.Args[1], os.Args[2])
		return
	}
	dir, err := os.MkdirTemp("", "crash")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for _, how := range []string{"panic", "throw", "deadlock", "none"} {
		file := dir + "/" + how
		cmd := exec.Command(os.Args[0], how, file)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		err := cmd.Run()
		copied, _ := os.ReadFile(file)
		said, ok := bytes.CutPrefix(stderr.Bytes(), []byte("not in the file\n"))
		first, _, _ := bytes.Cut(copied, []byte("\n"))
		fmt.Printf("%s: %v, %v, the same: %v, its end: %v, %q, nothing: %v\n", how, err, ok, bytes.Equal(said, copied),
			bytes.HasSuffix(said, copied), first, len(copied) == 0)
	}
}
