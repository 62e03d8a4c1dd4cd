// Conversions between strings, bytes and runes, which look at eight ASCII bytes at a time: ill-formed text at each place, and
// conversions of conversions.
package main

import (
	"fmt"
	"unicode/utf8"
)

type bs []byte
type st string

// ranged compares what a range finds first with utf8.DecodeRune, for all pairs of bytes and some behind them.
func ranged() (bad int, sum uint32) {
	tails := []string{"", "a", "\x80", "\xbf", "\xc2", "\x7f\x80", "\x80\x80", "\xbf\xbf", "\x80a", "\xff\x80"}
	for c := range 256 {
		for d := range 256 {
			for _, tail := range tails {
				s := string([]byte{byte(c), byte(d)}) + tail
				want, size := utf8.DecodeRuneInString(s)
				last := 0
				for i, r := range s {
					sum = sum*31 + uint32(r)
					switch {
					case i == 0 && r != want:
						bad++
					case last == 0 && i > 0 && i != size:
						bad++
					}
					last = i
				}
				for i := range s {
					sum += uint32(i)
				}
			}
		}
	}
	return bad, sum
}

//go:noinline
func count(s string) (a, b, c, d, e, f, g, h int) {
	for i, r := range s {
		switch r % 8 {
		case 0:
			a += i
		case 1:
			b += i
		case 2:
			c += i
		case 3:
			d += i
		case 4:
			e += i
		case 5:
			f += i
		case 6:
			g += i
		default:
			h += i
		}
	}
	return
}

func main() {
	fmt.Println(ranged())
	fmt.Println(count("größer als ひと, naïve café; abc\xff\xe3\x81 𝄞𝄢\xf0\x9d\x84"))
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
