package main

// debug.WriteHeapDump: the dump is well-formed to its end, and has the objects, goroutines and finalizers of this
// program.

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"unsafe"
)

type thing struct {
	mark uint64
	next *thing
	text []byte
}

var things []*thing

func main() {
	for i := range 100 {
		t := &thing{mark: 0x1234567800000000 + uint64(i), text: make([]byte, 100)}
		if i > 0 {
			t.next = things[i-1]
		}
		runtime.SetFinalizer(t, func(*thing) {})
		things = append(things, t)
	}
	runtime.SetFinalizer(things[0], nil)
	stop := make(chan bool)
	for range 3 {
		go sleeper(stop)
	}
	runtime.Gosched()
	f, err := os.CreateTemp("", "heapdump")
	if err != nil {
		panic(err)
	}
	defer os.Remove(f.Name())
	debug.WriteHeapDump(f.Fd())
	data, err := os.ReadFile(f.Name())
	if err != nil {
		panic(err)
	}
	read(data)
	close(stop)
	runtime.KeepAlive(things)
}

//go:noinline
func sleeper(stop chan bool) { <-stop }

type dump struct{ data []byte }

func (d *dump) n() uint64 {
	v, k := binary.Uvarint(d.data)
	if k <= 0 {
		panic("the dump ends in a number")
	}
	d.data = d.data[k:]
	return v
}

func (d *dump) ns(n int) (all []uint64) {
	for range n {
		all = append(all, d.n())
	}
	return all
}

func (d *dump) bytes() []byte {
	n := d.n()
	b := d.data[:n]
	d.data = d.data[n:]
	return b
}

func (d *dump) fields() (pointers []uint64) {
	for {
		switch kind := d.n(); kind {
		case 0:
			return pointers
		case 1:
			pointers = append(pointers, d.n())
		default:
			panic(kind)
		}
	}
}

func read(data []byte) {
	const head = "go1.7 heap dump\n"
	d := &dump{bytes.TrimPrefix(data, []byte(head))}
	fmt.Println("head:", len(data)-len(d.data) == len(head))
	types := 0
	counts := map[uint64]int{}
	marked, finalizers, sleepers := 0, 0, 0
	address := map[uint64]uint64{}
	for i, t := range things {
		address[uint64(uintptr(unsafe.Pointer(t)))] = uint64(i)
	}
	for {
		tag := d.n()
		counts[tag]++
		switch tag {
		case 0:
			fmt.Println("end:", len(d.data) == 0)
			fmt.Println("things:", marked, "finalizers:", finalizers, "sleepers:", sleepers, "types:", types > 0)
			for _, tag := range []uint64{1, 3, 4, 5, 6, 8, 9, 10, 12, 13} {
				fmt.Print(tag, ":", counts[tag] > 0, " ")
			}
			fmt.Println()
			return
		case 1: // object
			addr, b := d.n(), d.bytes()
			fields := d.fields()
			if i, ok := address[addr]; ok && binary.LittleEndian.Uint64(b) == 0x1234567800000000+i && len(fields) >= 2 {
				marked++
			}
		case 3: // type
			d.ns(2)
			if len(d.bytes()) > 0 {
				types++
			}
			d.n()
		case 4: // goroutine
			d.ns(8)
			d.bytes()
			d.ns(4)
		case 5: // frame
			d.ns(3)
			d.bytes()
			d.ns(3)
			if string(d.bytes()) == "main.sleeper" {
				sleepers++
			}
			d.fields()
		case 6: // parameters
			p := d.ns(4)
			arch, version := string(d.bytes()), string(d.bytes())
			fmt.Println("parameters:", p[:2], p[2] < p[3], arch, strings.HasPrefix(version, "go1."), d.n() == uint64(runtime.NumCPU()))
		case 7, 11: // finalizer, due or not
			if _, ok := address[d.ns(5)[0]]; ok {
				finalizers++
			}
		case 8: // itab
			d.ns(2)
		case 9: // thread
			d.ns(3)
		case 10: // MemStats
			d.ns(24 + 256 + 1)
		case 12, 13: // variables
			d.n()
			d.bytes()
			d.fields()
		case 14: // deferred call
			d.ns(7)
		case 15: // panic
			d.ns(6)
		case 16: // bucket of the heap profile
			d.ns(2)
			for range d.n() {
				d.bytes()
				d.bytes()
				d.n()
			}
			d.ns(2)
		case 17: // sample
			d.ns(2)
		default:
			panic(tag)
		}
	}
}
