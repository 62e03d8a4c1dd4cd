package main

// What unique.Make keeps is copied; pointers in it keep what they lead to. Strings of bytes are looked up without a copy.

import (
	"fmt"
	"runtime"
	"unique"
)

type key struct {
	name string
	p    *int
}

var (
	numbers = []int{12345678, 7, 99999999}
	handles []unique.Handle[any]
	keys    []unique.Handle[key]
	words   []unique.Handle[string]
)

//go:noinline
func fill() {
	buf := []byte("bytes 0 that are changed behind the back")
	for i, n := range numbers {
		handles = append(handles, unique.Make[any](n))
		m := n
		keys = append(keys, unique.Make(key{fmt.Sprint("key", i), &m}))
		buf[6] = byte('0' + i)
		words = append(words, unique.Make(string(buf)))
	}
}

//go:noinline
func overwrite(depth int) int {
	var junk [100]int
	for i := range junk {
		junk[i] = -1
	}
	if depth == 0 {
		return junk[99]
	}
	return overwrite(depth-1) + junk[depth]
}

func main() {
	fill()
	overwrite(20)
	runtime.GC()
	for i := range handles {
		k := keys[i].Value()
		fmt.Println(handles[i].Value(), k.name, *k.p, words[i].Value())
	}
	fmt.Println(handles[0] == unique.Make[any](12345678), handles[0] == handles[1], words[2] == unique.Make("bytes 2 that are changed behind the back"))
}
