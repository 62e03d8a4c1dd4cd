// TCP echo with deadlines, a hash, a regular expression.
package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"net"
	"regexp"
	"sync"
	"time"
)

func main() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for {
					s, err := r.ReadString('\n')
					if err != nil {
						return
					}
					fmt.Fprintf(c, "echo %s", s)
				}
			}()
		}
	}()
	var wg sync.WaitGroup
	for i := 0; i < 20; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				fmt.Println(err)
				return
			}
			defer c.Close()
			fmt.Fprintf(c, "hi %d\n", i)
			s, _ := bufio.NewReader(c).ReadString('\n')
			if s != fmt.Sprintf("echo hi %d\n", i) {
				fmt.Println("bad", s)
			}
		}()
	}
	wg.Wait()
	fmt.Printf("%x\n", sha256.Sum256([]byte("abc")))
	fmt.Println(regexp.MustCompile(`(\w+)@(\w+)`).FindStringSubmatch("me@home"))
	select {
	case <-time.After(20 * time.Millisecond):
		fmt.Println("timeout")
	}
	c, _ := net.Dial("tcp", ln.Addr().String())
	c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err = c.Read(make([]byte, 1))
	fmt.Println(err.(net.Error).Timeout())
}
