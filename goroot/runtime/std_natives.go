package runtime

import "unsafe"

// Natives behind the packages of the standard library.

func goargs(out *[2]uintptr)
func entersyscall()
func exitsyscall()
func nanotime() int64
func walltime(out *[2]int64)
func timesleep(ns int64)
func timerchan(t *timerNode, c *hchan, start *int64, local *unsafe.Pointer)
func timerfunc(t *timerNode, closure unsafe.Pointer)
func isgofunc(entry uintptr) bool
func timerreset(t *timerNode, when, period int64) bool
func timerstop(t *timerNode) bool
func timerbubbled(t *timerNode) bool
func pollopen(fd uintptr) int
func pollclose(d *pollDesc)
func pollreset(d *pollDesc, mode int) int
func pollwait(d *pollDesc, mode int) int
func pollunblock(d *pollDesc)
func polldeadline(d *pollDesc, mode int, ns int64)
func pollfd() uintptr
func poolpin() int
func procpin() int
func procunpin()
func procyield(n uint32)
func canspin(i int) bool
func typelinks(out *[2]uintptr)

// cstring is the string of a zero-terminated one of the kernel.
func cstring(p *byte) string {
	n := 0
	for *(*byte)(add(unsafe.Pointer(p), uintptr(n))) != 0 {
		n++
	}
	return slicebytetostring(p, n)
}

// cstrings copies n zero-terminated strings from an array of pointers.
func cstrings(list unsafe.Pointer, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = cstring(*(**byte)(add(list, uintptr(i)*8)))
	}
	return out
}

func semacquire(addr *uint32, lifo bool, kind int) bool
func semrelease(addr *uint32, handoff bool, skip int)
func notifylistsize() uintptr
func notifylistwait(l unsafe.Pointer, t uint32)
func notifylistall(l unsafe.Pointer)
func notifylistone(l unsafe.Pointer)
