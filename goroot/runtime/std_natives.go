package runtime

import "unsafe"

// Natives behind the packages of the standard library.

func goargs(out *[2]uintptr)
func entersyscall()
func exitsyscall()
func nanotime() int64
func walltime(out *[2]int64)
func timesleep(ns int64)
func timeradd(t *timerNode)
func timerdel(t *timerNode) bool
func timerrunning(t *timerNode) bool
func timerdue() *timerNode
func timerchan(c *hchan)
func systemgoroutine()
func pollopen(fd uintptr) int
func pollclose(d uintptr)
func pollreset(d uintptr, mode int) int
func pollwait(d uintptr, mode int) int
func pollunblock(d uintptr)
func polldeadline(d uintptr, mode int, expired bool)
func pollfd() uintptr
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
func semrelease(addr *uint32, handoff bool)
func notifylistsize() uintptr
func notifylistwait(l unsafe.Pointer, t uint32)
func notifylistall(l unsafe.Pointer)
func notifylistone(l unsafe.Pointer)
