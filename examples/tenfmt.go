// Ten goroutines on one P print their index with fmt while main sleeps: 9 first, then 0 to 8, for the reason
// that lastfirst.go explains.
package main

import (
	"fmt"
	"runtime"
	"time"
)

func main() {
	runtime.GOMAXPROCS(1)
	for i := 0; i < 10; i++ {
		go func() { fmt.Println(i) }()
	}
	time.Sleep(50 * time.Millisecond)
}
