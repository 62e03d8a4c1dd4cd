package runtime

import "unsafe"

// Natives. "direct" runs on the goroutine stack, "leaf" on the system stack,
// "may park" may suspend the goroutine; the kinds are fixed in crates/gort-rt/src/arch.

// direct
func getg() *g
func memmove(to, from unsafe.Pointer, n uintptr)
func memclrNoHeapPointers(ptr unsafe.Pointer, n uintptr)
func memmoveHasPointers(to, from unsafe.Pointer, n uintptr)
func memclrHasPointers(ptr unsafe.Pointer, n uintptr)
func memequal(p, q unsafe.Pointer, n uintptr) bool
func cmpstring(a, b string) int
func inittasks() unsafe.Pointer

// leaf: memory
func newobject(typ *_type) unsafe.Pointer
func mallocgc(size uintptr, typ *_type, needzero bool) unsafe.Pointer
func makeslice(et *_type, len, cap int) unsafe.Pointer
func growslice(oldPtr unsafe.Pointer, newLen, oldCap, num int, et *_type) (ptr unsafe.Pointer, cap int)
func typedmemmove(typ *_type, dst, src unsafe.Pointer)
func typedmemclr(typ *_type, ptr unsafe.Pointer)
func convT16(v uint16) unsafe.Pointer
func convT32(v uint32) unsafe.Pointer
func convT64(v uint64) unsafe.Pointer

// leaf: strings
func concatstring2(a, b string) string
func concatstring3(a, b, c string) string
func concatstrings(a *string, n int) string
func slicebytetostring(ptr *byte, n int) string
func intstring(v int64) string
func makebytes(n int) (array unsafe.Pointer, cap int) // all that the size class has room for
func stringtoslicebyte(ptr unsafe.Pointer, n int) (array unsafe.Pointer, cap int)

// leaf: interfaces
func getitab(inter *interfacetype, t *_type) *itab
func missingmethod(inter *interfacetype, t *_type) *byte

// leaf: print
func printlock()
func printunlock()
func printbool(v bool)
func printint(v int64)
func printuint(v uint64)
func printhex(v uint64)
func printfloat(v float64)
func printfloat32(v float32)
func printstring(s string)
func printpointer(p unsafe.Pointer)
func printuintptr(p uintptr)
func printnl()
func printsp()

// leaf: panics
func canrecover(fp uintptr) bool
func candeferredrecover() bool
func recovery(fp uintptr)
func panicdefers(delta int)
func startpanic()
func dopanic(bubble *synctestBubble)
func dothrow(s string)
func dofatal(s string)

// may park: goroutines and channels
func newproc(fn func())
func newsystem(fn func()) // a goroutine of the runtime's own
func goexit1()
func makechan(t *chantype, size int) *hchan
func chansend1(c *hchan, elem unsafe.Pointer)
func chanrecv1(c *hchan, elem unsafe.Pointer)
func chanrecv2(c *hchan, elem unsafe.Pointer) bool
func closechan(c *hchan)
func selectnbsend(c *hchan, elem unsafe.Pointer) bool
func selectnbrecv(elem unsafe.Pointer, c *hchan) (selected, received bool)
func selectgo(cas0 *scase, order0 *uint16, nsends, nrecvs int, block bool) (int, bool)
func block()
func goschedNative()
func setmaxprocs(n int) int
func setdefaultmaxprocs() bool

// leaf: questions
func chanlen(c *hchan) int
func chancap(c *hchan) int
func callers(skip int, pcbuf *uintptr, n int) int
func pcinfo(pc uintptr, depth int, out *pcInfo) bool
func findfunc(pc uintptr) unsafe.Pointer
func stackdump(buf *byte, n int, all bool) int
func gcount() int
func ncpu() int
func lockthread(delta int)
func exit(code int)
func mainstart(godebug string)
func initbegins() bool
func initended(pc uintptr)
func panicsrunning() bool
func mainexit()

// hchan and scase are known to native code.
type hchan struct{ _ uintptr }

type scase struct {
	c    *hchan
	elem unsafe.Pointer
}

func convTstring(v string) unsafe.Pointer {
	p := new(string)
	*p = v
	return unsafe.Pointer(p)
}

func convTslice(v []uint8) unsafe.Pointer {
	p := new([]uint8)
	*p = v
	return unsafe.Pointer(p)
}

func printfloat64(v float64) { printfloat(v) }

func printcomplex128(c complex128) { printcomplex(c) }

func printcomplex(c complex128) {
	printlock()
	printstring("(")
	printfloat(real(c))
	printimag(imag(c) >= 0 || imag(c) != imag(c))
	printfloat(imag(c))
	printstring("i)")
	printunlock()
}

func printcomplex64(c complex64) {
	printlock()
	printstring("(")
	printfloat32(real(c))
	printimag(imag(c) >= 0 || imag(c) != imag(c))
	printfloat32(imag(c))
	printstring("i)")
	printunlock()
}

// printimag prints the sign between the parts of a complex number: the number brings its own minus.
func printimag(plus bool) {
	if plus {
		printstring("+")
	}
}

func printslice(s []byte) {
	sp := (*slice)(unsafe.Pointer(&s))
	printlock()
	printstring("[")
	printint(int64(sp.len))
	printstring("/")
	printint(int64(sp.cap))
	printstring("]")
	printpointer(sp.array)
	printunlock()
}

func printeface(e any) {
	p := efaceOf(&e)
	printpair(unsafe.Pointer(p._type), p.data)
}

func printiface(i interface{ Error() string }) {
	p := (*iface)(unsafe.Pointer(&i))
	printpair(unsafe.Pointer(p.tab), p.data)
}

func printpair(a, b unsafe.Pointer) {
	printlock()
	printstring("(")
	printpointer(a)
	printstring(",")
	printpointer(b)
	printstring(")")
	printunlock()
}
