// gort only: the section gcroots of its executables.
package main

// The records of package variables that may point to the heap: none of those that hold no pointers, one for a table of
// any length, one for each object that a variable was given at build time.

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"sort"
	"strings"
)

type T struct {
	a int
	p *int
	s string
}

type I interface{ M() }

type twoTables struct {
	numbers [5000]int
	t       [200]T
	i       any
}

var (
	number  int
	text    = "a text"
	pointer *int
	iface   I
	table   [1 << 20]*T
	structs [100]T
	nested  [50][40]T
	few     [3]T
	two     twoTables
	known   = &T{p: &number}
	words   = []string{"a", "b"}
	numbers = []int{1, 2, 3}
	bits    [1 << 16]uint64
	fixed   = any(T{a: 1})
	closure = func() int { return number }
	unused  *int
)

type root struct{ Addr, Mask, Words, Stride, Count uint32 }

func main() {
	number = len(os.Args)
	pointer, table[number], structs[number].p, nested[number][number].p = &number, known, known.p, pointer
	few[number].p, two.i, iface = pointer, text, nil
	bits[number] = uint64(len(words) + len(numbers) + closure())
	fmt.Println(fixed, bits[number], iface == nil)

	exe, err := elf.Open("/proc/self/exe")
	if err != nil {
		panic(err)
	}
	symbols, err := exe.Symbols()
	if err != nil {
		panic(err)
	}
	data, _ := exe.Section("gcroots").Data()
	roots := make([]root, len(data)/20)
	binary.Read(bytes.NewReader(data), binary.LittleEndian, roots)
	var lines []string
	for _, r := range roots {
		for _, s := range symbols {
			if off := uint64(r.Addr) - s.Value; off < s.Size && strings.HasPrefix(s.Name, "main.") {
				lines = append(lines, fmt.Sprintf("%s+%d: %d of %d bytes, words %s", s.Name, off, r.Count, r.Stride, mask(exe, r)))
			}
		}
	}
	sort.Strings(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

// mask is a record's mask, a digit a word.
func mask(exe *elf.File, r root) string {
	s := exe.Section(".rodata")
	bits := make([]byte, (r.Words+7)/8)
	s.ReadAt(bits, int64(uint64(r.Mask)-s.Addr))
	var text strings.Builder
	for w := range r.Words {
		text.WriteByte('0' + bits[w/8]>>(w%8)&1)
	}
	return text.String()
}
