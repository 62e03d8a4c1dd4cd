package main

import "fmt"

// Strings that are joined in a loop from what the round before has joined: no buffer may be written while it is read.

//go:noinline
func turned(n int) (sum int) {
	s := "0123456789"
	for range n {
		t := s[3:] + "ab" + s[:1]
		s = t
		for j := range len(s) {
			sum = sum*31 + int(s[j])
		}
	}
	return sum
}

//go:noinline
func grown(n int) (sum int) {
	s := "abc"
	for range n {
		s = "x" + s
		sum = sum*31 + int(s[len(s)-1]) + int(s[0])
	}
	return sum
}

//go:noinline
func cut(n int) (sum int) {
	s := "abcdefgh"
	for i := range n {
		s += last(s + s)
		s = last(s)
		b := []byte(s)
		b[0] += byte(i)
		s = string(b)
		for j := range len(s) {
			sum = sum*31 + int(s[j])
		}
	}
	return sum
}

func last(s string) string {
	if len(s) > 7 {
		return s[len(s)-7:]
	}
	return s
}

func main() {
	fmt.Println(turned(9), grown(10), cut(11))
}
