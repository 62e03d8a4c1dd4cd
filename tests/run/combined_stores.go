// Numbers that are written byte by byte, and what looks like it.
package main

import (
	"encoding/binary"
	"fmt"
)

type fields struct {
	a, b uint8
	c    uint16
	d    int32
	e    bool
	f    int8
}

//go:noinline
func le64(b []byte, x uint64) { binary.LittleEndian.PutUint64(b, x) }

//go:noinline
func be64(b []byte, x uint64) { binary.BigEndian.PutUint64(b[1:], x) }

//go:noinline
func be16(b []byte, x int) { b[0], b[1] = byte(x>>8), byte(x) }

//go:noinline
func upper(b []byte, x uint64) {
	b[0] = byte(x >> 32)
	b[1] = byte(x >> 40)
	b[2] = byte(x >> 48)
	b[3] = byte(x >> 56)
}

//go:noinline
func appended(b []byte, x uint32) []byte {
	return binary.BigEndian.AppendUint32(append(b, 1, 2, 3, 4, 5), x)
}

//go:noinline
func over(b []byte, x uint16) {
	_ = b[2]
	b[0] = byte(x)
	b[1] = byte(x >> 8)
	b[1] = 7
	b[2] = byte(x)
}

//go:noinline
func read(b []byte, x uint16) byte {
	_ = b[1]
	b[0] = byte(x)
	r := b[1]
	b[1] = byte(x >> 8)
	return r
}

//go:noinline
func two(a, b []byte, x uint16) {
	_, _ = a[1], b[1]
	a[0] = byte(x)
	b[0] = byte(x >> 8)
	a[1] = byte(x >> 8)
	b[1] = byte(x)
}

//go:noinline
func signed(b []byte, x int8) {
	_ = b[1]
	b[0] = byte(x)
	b[1] = byte(int16(x) >> 8)
}

//go:noinline
func shiftedIn(b []byte, x uint16) {
	_ = b[3]
	b[0] = byte(x)
	b[1] = byte(x >> 8)
	b[2] = byte(x >> 12)
	b[3] = byte(x >> 16)
}

//go:noinline
func constant(p *fields) { p.a, p.b, p.c, p.d, p.e, p.f = 1, 0xfe, 0x8001, -2, true, -128 }

//go:noinline
func partly(b []byte, x uint64) (err any) {
	defer func() { err = recover() }()
	b[0] = byte(x)
	b[1] = byte(x >> 8)
	b[2] = byte(x >> 16)
	b[3] = byte(x >> 24)
	return
}

//go:noinline
func null(p *[4]byte, x uint32) (err any) {
	defer func() { err = recover() }()
	p[0] = byte(x)
	p[1] = byte(x >> 8)
	p[2] = byte(x >> 16)
	p[3] = byte(x >> 24)
	return
}

func main() {
	b := make([]byte, 9)
	le64(b, 0x8877665544332211)
	fmt.Printf("%x\n", b)
	be64(b, 0x8877665544332211)
	fmt.Printf("%x\n", b)
	be16(b, 0xabcd)
	upper(b[4:], 0x123456789abcdef0)
	fmt.Printf("%x %x\n", b, appended(b[:0:0], 0xcafebabe))
	over(b, 0x0102)
	fmt.Println(read(b[3:], 0x0304), b)
	two(b[:4], b[1:], 0x5566)
	fmt.Printf("%x\n", b)
	signed(b, -3)
	shiftedIn(b[2:], 0xfedc)
	fmt.Printf("%x\n", b)
	var f fields
	constant(&f)
	fmt.Println(f)
	for n := range 5 {
		c := make([]byte, n)
		fmt.Println(partly(c, 0x01020304), c)
	}
	fmt.Println(null(nil, 1), null(&[4]byte{}, 1))
}
