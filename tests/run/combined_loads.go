// Numbers that are read byte by byte, and what looks like it; divisions of numbers of both signs.
package main

import (
	"encoding/binary"
	"fmt"
	"math"
)

//go:noinline
func le64(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

//go:noinline
func be64(b []byte, i int) uint64 { return binary.BigEndian.Uint64(b[i:]) }

//go:noinline
func le16(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<8 }

//go:noinline
func be16wide(b []byte) int { return int(b[0])<<8 | int(b[1]) }

//go:noinline
func words(p []byte, i int) uint32 {
	return uint32(p[4*i])<<24 | uint32(p[4*i+1])<<16 | uint32(p[4*i+2])<<8 | uint32(p[4*i+3])
}

//go:noinline
func windowed(b []byte, i int32) uint64 {
	b = b[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

//go:noinline
func written(b []byte) uint32 {
	x := uint32(b[0]) | uint32(b[1])<<8
	b[2] = 99
	return x | uint32(b[2])<<16 | uint32(b[3])<<24
}

//go:noinline
func gap(b []byte) uint32 { return uint32(b[0]) | uint32(b[2])<<8 }

//go:noinline
func twice(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[0])<<8 | uint32(b[1])<<16 | uint32(b[2])<<24
}

//go:noinline
func mixed(b []byte) uint32 {
	return uint32(b[0])<<8 | uint32(b[1]) | uint32(b[2])<<16 | uint32(b[3])<<24
}

//go:noinline
func signed(b []int8) int32 { return int32(b[0]) | int32(b[1])<<8 }

//go:noinline
func lost(b []byte) uint16 { return uint16(b[0]<<1) | uint16(b[1])<<8 }

//go:noinline
func halves(b []byte) uint64 {
	lo := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
	hi := uint32(b[4]) | uint32(b[5])<<8 | uint32(b[6])<<16 | uint32(b[7])<<24
	return uint64(lo) | uint64(hi)<<32
}

//go:noinline
func used(b []byte) (uint16, byte) {
	x := b[1]
	return uint16(b[0]) | uint16(x)<<8, x
}

//go:noinline
func array(p *[8]byte, i int) uint16 { return uint16(p[i]) | uint16(p[i+1])<<8 }

//go:noinline
func shorts(s []uint16) uint32 { return uint32(s[0]) | uint32(s[1])<<16 }

//go:noinline
func shortsSwapped(s []uint16) uint32 { return uint32(s[0])<<16 | uint32(s[1]) }

func try(name string, f func() any) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "panics:", r)
		}
	}()
	fmt.Println(name, f())
}

//go:noinline
func divide(x, y int) [8]int {
	r := [8]int{x / 8, x % 8, x / 7, x % 7}
	if x >= 0 {
		r[4], r[5] = x/16, x%16
		if y > 0 {
			r[6], r[7] = x/y, x%y
		}
	}
	return r
}

//go:noinline
func multiples(x int32) (n int) {
	for k := range 5 {
		if x%2 == 0 {
			n += 1 << k
		}
		if x%4 != 0 {
			n += 100 << k
		}
		if x%3 == 0 {
			n += 10000 << k
		}
		x = x/2 - 1
	}
	return n
}

//go:noinline
func odd(x int) bool { return x%2 == 1 }

//go:noinline
func small(x int8) [3]int8 { return [3]int8{x / 4, x % 4, x / -4} }

func hash(x uint64, kind uint8) uint64 {
	switch kind {
	case 3:
		return x << 8 * 506832829 >> 40
	case 4:
		return x << 16 * 889523592379 >> 30
	case 5:
		return x << 24 * 227718039650203 >> 20
	case 6:
		return x * 58295818150454627 >> 10
	}
	return x
}

func main() {
	b := []byte{0x81, 2, 0xf3, 4, 5, 0x86, 7, 8, 9, 10, 11, 12}
	fmt.Printf("%x %x %x %x\n", le64(b, 0), le64(b, 4), be64(b, 1), be64(b, 4))
	fmt.Printf("%x %x %x %x\n", le16(b), be16wide(b), words(b, 0), words(b, 2))
	fmt.Printf("%x %x %x\n", windowed(b, 0), windowed(b, 4), halves(b[3:]))
	fmt.Printf("%x %x %x %x\n", gap(b), twice(b), mixed(b), lost(b))
	fmt.Println(used(b))
	fmt.Println(signed([]int8{-1, 2}), signed([]int8{3, -2}))
	fmt.Printf("%x %x\n", shorts([]uint16{0x1234, 0x5678}), shortsSwapped([]uint16{0x1234, 0x5678}))
	fmt.Printf("%x %x\n", written(append([]byte(nil), b...)), array(&[8]byte{1, 2, 3, 4, 5, 6, 7, 8}, 6))
	try("le64", func() any { return le64(b, 5) })
	try("be64", func() any { return be64(b, 13) })
	try("words", func() any { return words(b, 3) })
	try("words negative", func() any { return words(b, -1) })
	try("windowed", func() any { return windowed(b, 5) })
	try("windowed negative", func() any { return windowed(b, -1) })
	try("windowed wraps", func() any { return windowed(b, math.MaxInt32-3) })
	try("short", func() any { return le16(b[:1]) })
	try("nil array", func() any { return array(nil, 6) })
	try("nil array far", func() any { return array(nil, 7) })
	try("array far", func() any { return array(&[8]byte{}, 7) })
	for _, x := range []int{0, 1, 7, 8, 9, 100, -1, -7, -8, -9, -100, math.MaxInt, math.MinInt} {
		fmt.Println(x, divide(x, 9), divide(x, -9), odd(x), multiples(int32(x)))
	}
	for x := -128; x < 128; x += 5 {
		fmt.Print(small(int8(x)))
	}
	fmt.Println()
	for k := range uint8(8) {
		fmt.Println(hash(0x123456789abcdef, k), hash(0x123456789abcdef, 4), hash(0x123456789abcdef, 9))
	}
}
