// Conversions between strings, bytes and runes, which look at eight ASCII bytes at a time: ill-formed text at each place, and
// conversions of conversions.
package main

import "fmt"

type bs []byte
type st string

func main() {
	s := "größer ひと abc\xff\xe3\x81"
	b := []byte(s)
	fmt.Println(len(string([]byte(s))), len([]byte(string(b))), len([]rune(string(b))), len(st(bs(s))), len([]rune(st(b))))
	for n := 0; n < 40; n++ {
		t := "0123456789abcdefghij"[:n/2] + s + "0123456789abcdefghij"[n/2:]
		r := []rune(t)
		fmt.Println(len(r), r, string(r), len(string(r)))
	}
	fmt.Println(string([]rune{-1, 0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdfff, 0xe000, 0xffff, 0x10000, 0x10ffff, 0x110000, 1 << 30}))
	fmt.Println([]byte(string([]rune{0x10ffff, 0x110000, 0xdfff})), string([]rune{}) == "", []rune("") == nil, len([]rune("")))
}
