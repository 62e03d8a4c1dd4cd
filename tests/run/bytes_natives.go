// Searching, counting, comparing and hashing of bytes against plain loops: all short lengths at all alignments, long
// ones around the steps of the vector code, and operands that begin or end at a page that cannot be read.
package main

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"strings"
	"syscall"
)

func indexByte(b []byte, c byte) int {
	for i, x := range b {
		if x == c {
			return i
		}
	}
	return -1
}

func count(b []byte, c byte) int {
	n := 0
	for _, x := range b {
		if x == c {
			n++
		}
	}
	return n
}

func compare(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i] < b[i]:
			return -1
		case a[i] > b[i]:
			return 1
		}
	}
	switch {
	case len(a) < len(b):
		return -1
	case len(a) > len(b):
		return 1
	}
	return 0
}

func index(s, sep []byte) int {
	for i := 0; i+len(sep) <= len(s); i++ {
		if compare(s[i:i+len(sep)], sep) == 0 {
			return i
		}
	}
	return -1
}

var failures int

func check(what string, b []byte, got, want any) {
	if got != want {
		if failures++; failures < 20 {
			fmt.Println(what, len(b), "bytes: got", got, "want", want)
		}
	}
}

// fenced is n pages between two that cannot be read.
func fenced(n int) []byte {
	const page = 4096
	m, err := syscall.Mmap(-1, 0, (n+2)*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	for _, edge := range [][]byte{m[:page], m[(n+1)*page:]} {
		if err := syscall.Mprotect(edge, syscall.PROT_NONE); err != nil {
			panic(err)
		}
	}
	return m[page : (n+1)*page : (n+1)*page]
}

var seed uint32 = 1

func random(n int) int {
	seed = seed*1664525 + 1013904223
	return int(seed>>8) % n
}

// windows calls f with all places of n bytes that matter: at each alignment, at both edges.
func windows(room []byte, n int, f func(b []byte)) {
	for off := 0; off < 33 && off+n <= len(room); off++ {
		f(room[off : off+n : off+n])
		f(room[len(room)-off-n : len(room)-off : len(room)-off])
	}
}

func lengths(f func(n int)) {
	for n := 0; n <= 160; n++ {
		f(n)
	}
	for _, n := range []int{191, 192, 193, 255, 256, 257, 319, 320, 1000, 4095, 4096} {
		f(n)
	}
}

func main() {
	room, other := fenced(2), fenced(2)
	lengths(func(n int) {
		windows(room, n, func(b []byte) {
			for i := range b {
				b[i] = byte('a' + random(3))
			}
			s := string(b)
			check("IndexByte none", b, bytes.IndexByte(b, 'x'), -1)
			check("Count none", b, bytes.Count(b, []byte{'x'}), 0)
			check("Count", b, bytes.Count(b, []byte{'b'}), count(b, 'b'))
			check("strings.Count", b, strings.Count(s, "c"), count(b, 'c'))
			check("LastIndexByte", b, bytes.LastIndexByte(b, 'x'), -1)
			if n == 0 {
				return
			}
			at := random(n)
			b[at] = 'x'
			check("IndexByte one", b, bytes.IndexByte(b, 'x'), at)
			check("IndexByteString", b, strings.IndexByte(string(b), 'x'), at)
			b[random(n)] = 'x'
			check("IndexByte two", b, bytes.IndexByte(b, 'x'), indexByte(b, 'x'))
			b[n-1] = 'y'
			check("IndexByte last", b, bytes.IndexByte(b, 'y'), n-1)
			// what lies around does not count
			b[0] = 'z'
			check("IndexByte around", b, bytes.IndexByte(b[1:], 'z'), -1)
			check("IndexByte around", b, bytes.IndexByte(b[:n-1], 'y'), -1)
			check("Count around", b, bytes.Count(b[1:], []byte{'z'}), 0)
			check("Count around", b, bytes.Count(b[:n-1], []byte{'y'}), 0)
		})
	})
	fmt.Println("bytes", failures)

	lengths(func(n int) {
		windows(room, n, func(a []byte) {
			for i := range a {
				a[i] = byte(random(256))
			}
			for _, b := range [][]byte{other[:n:n], other[len(other)-n:], a} {
				copy(b, a)
				check("Equal same", a, bytes.Equal(a, b), true)
				check("Compare same", a, bytes.Compare(a, b), 0)
				if n == 0 {
					continue
				}
				check("Compare shorter", a, bytes.Compare(a[:n-1], b), -1)
				check("Compare longer", a, bytes.Compare(a, b[:n-1]), 1)
				if &a[0] == &b[0] {
					continue
				}
				for range 3 {
					i := random(n)
					b[i] ^= byte(1 + random(255))
					check("Equal other", a, bytes.Equal(a, b), false)
					check("Compare other", a, bytes.Compare(a, b), compare(a, b))
					check("Compare strings", a, strings.Compare(string(a), string(b)), compare(a, b))
					if n > 1 {
						b[random(n)] ^= 0x80
						check("Compare two", a, bytes.Compare(a, b), compare(a, b))
					}
					copy(b, a)
				}
			}
		})
	})
	fmt.Println("compare", failures)

	// one operand within the other
	for n := 1; n < 200; n++ {
		for shift := 1; shift < 20; shift++ {
			b := room[:n+shift]
			for i := range b {
				b[i] = byte('a' + i%shift)
			}
			check("overlap equal", b, bytes.Equal(b[:n], b[shift:]), true)
			b[n+shift-1]++
			check("overlap compare", b, bytes.Compare(b[:n], b[shift:]), compare(b[:n], b[shift:]))
			check("overlap index", b, bytes.Index(b, b[shift:]), index(b, b[shift:]))
		}
	}
	fmt.Println("overlap", failures)

	for m := 2; m <= 70; m++ {
		for _, n := range []int{m, m + 1, m + 3, m + 14, m + 15, m + 16, m + 17, m + 30, m + 31, m + 32, m + 33, m + 64, m + 100, m + 500} {
			for off := range 3 {
				for _, s := range [][]byte{room[off : off+n : off+n], room[len(room)-off-n : len(room)-off]} {
					sep := other[len(other)-m:]
					for i := range s {
						s[i] = byte('a' + random(2))
					}
					for i := range sep {
						sep[i] = byte('a' + random(2))
					}
					check("Index random", s, bytes.Index(s, sep), index(s, sep))
					check("strings.Index", s, strings.Index(string(s), string(sep)), index(s, sep))
					check("Index at edge", s, bytes.Index(s, append([]byte(nil), sep...)), index(s, sep))
					copy(s[random(n-m+1):], sep)
					check("Index found", s, bytes.Index(s, sep), index(s, sep))
					copy(s, bytes.Repeat([]byte{'a'}, n))
					copy(sep, bytes.Repeat([]byte{'a'}, m))
					sep[m/2] = 'b'
					check("Index all candidates", s, bytes.Index(s, sep), -1)
					copy(s[n-m:], sep)
					check("Index last place", s, bytes.Index(s, sep), n-m)
					check("Index short", s, bytes.Index(s[:n-1], sep), -1)
				}
			}
		}
	}
	fmt.Println("index", failures)

	// Hashes depend on all bytes and on nothing else.
	key := maphash.MakeSeed()
	lengths(func(n int) {
		first := other[:n]
		for i := range first {
			first[i] = byte(random(256))
		}
		want := maphash.Bytes(key, first)
		windows(room, n, func(b []byte) {
			copy(b, first)
			check("hash of the same", b, maphash.Bytes(key, b), want)
			if n > 0 {
				b[random(n)] ^= 1 << random(8)
				check("hash of another", b, maphash.Bytes(key, b) != want, true)
			}
		})
	})
	fmt.Println("hash", failures)
}
