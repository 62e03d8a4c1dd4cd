// Pinned objects stay where they are; what is not a pointer cannot be pinned.
package main

import (
	"fmt"
	"runtime"
	"unsafe"
)

type node struct {
	next *node
	n    int
}

func try(what any) {
	defer func() { fmt.Println(recover()) }()
	var p runtime.Pinner
	defer p.Unpin()
	p.Pin(what)
	fmt.Println("pinned")
}

func main() {
	var p runtime.Pinner
	defer p.Unpin()
	list := &node{n: 1}
	addr := uintptr(unsafe.Pointer(list))
	p.Pin(list)
	for i := range 1000 {
		n := &node{list, i}
		p.Pin(n)
	}
	runtime.GC()
	fmt.Println(addr == uintptr(unsafe.Pointer(list)), list.n)
	p.Unpin()
	p.Unpin()
	p.Pin(unsafe.Pointer(list))
	try(nil)
	try(42)
	try([]int{1})
	try(new(int))
	try(unsafe.Pointer(nil))
}
