package main

// A deadline that is moved into the future around the moment it passes, and one that several goroutines set at once: a read
// behind it does not time out. Then the deadline counts for those who wait already.
import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

var pairs sync.Mutex

// pair makes both ends of a connection.
func pair(l net.Listener) (net.Conn, net.Conn) {
	pairs.Lock()
	defer pairs.Unlock()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	s, err := l.Accept()
	if err != nil {
		panic(err)
	}
	return c, s
}

func main() {
	runtime.GOMAXPROCS(4)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	var wrong atomic.Int64
	var wg sync.WaitGroup
	for range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c, s := pair(l)
			b := make([]byte, 1)
			end := time.Now().Add(300 * time.Millisecond)
			for i := 0; time.Now().Before(end); i++ {
				d := time.Duration(20+i%100) * time.Microsecond
				start := time.Now()
				s.SetReadDeadline(start.Add(d))
				for time.Since(start) < d+time.Duration(i%9-4)*time.Microsecond {
				}
				var setters sync.WaitGroup
				for range i % 3 {
					setters.Add(1)
					go func() {
						s.SetDeadline(time.Now().Add(time.Hour))
						setters.Done()
					}()
				}
				s.SetReadDeadline(time.Now().Add(time.Hour))
				setters.Wait()
				for range 3 {
					c.Write(b)
					if _, err := s.Read(b); err != nil {
						wrong.Add(1)
						s.SetReadDeadline(time.Time{})
						s.Read(b)
					}
				}
			}
			s.SetDeadline(time.Now().Add(time.Microsecond))
			// Closed with the deadline on its way; its descriptor serves the next pair.
			s.Close()
			c.Close()
			c, s = pair(l)
			c.Write(b)
			if _, err := s.Read(b); err != nil {
				wrong.Add(1)
			}
		}()
	}
	wg.Wait()
	fmt.Println("wrong time-outs:", wrong.Load())

	c, s := pair(l)
	read := make(chan error)
	go func() {
		_, err := s.Read(make([]byte, 1))
		read <- err
	}()
	time.Sleep(5 * time.Millisecond)
	s.SetDeadline(time.Now().Add(10 * time.Millisecond))
	fmt.Println(errors.Is(<-read, os.ErrDeadlineExceeded))
	_, err = s.Write([]byte{1})
	fmt.Println(errors.Is(err, os.ErrDeadlineExceeded))
	s.SetWriteDeadline(time.Time{})
	_, err = s.Write([]byte{1})
	fmt.Println(err)
	go func() {
		_, err := c.Read(make([]byte, 1))
		_, err = c.Read(make([]byte, 1))
		read <- err
	}()
	time.Sleep(5 * time.Millisecond)
	c.SetReadDeadline(time.Now().Add(-time.Second))
	fmt.Println(errors.Is(<-read, os.ErrDeadlineExceeded))
}
