// Functions and variables of the library that official Go keeps open to //go:linkname: modules take them by name.
package main

import (
	"fmt"
	"math/big"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"unsafe"
)

//go:linkname nanotime runtime.nanotime
func nanotime() int64

//go:linkname cputicks runtime.cputicks
func cputicks() int64

//go:linkname fastrandn runtime.fastrandn
func fastrandn(n uint32) uint32

//go:linkname cheaprandn runtime.cheaprandn
func cheaprandn(n uint32) uint32

//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

//go:linkname getAuxv runtime.getAuxv
func getAuxv() []uintptr

//go:linkname memhash runtime.memhash
func memhash(p unsafe.Pointer, h, s uintptr) uintptr

//go:linkname stringHash runtime.stringHash
func stringHash(s string, seed uintptr) uintptr

//go:linkname strhash runtime.strhash
func strhash(p unsafe.Pointer, h uintptr) uintptr

//go:linkname mallocgc runtime.mallocgc
func mallocgc(size uintptr, typ unsafe.Pointer, needzero bool) unsafe.Pointer

//go:linkname newarray runtime.newarray
func newarray(typ unsafe.Pointer, n int) unsafe.Pointer

//go:linkname growslice runtime.growslice
func growslice(old unsafe.Pointer, newLen, oldCap, num int, typ unsafe.Pointer) []int

//go:linkname typedslicecopy runtime.typedslicecopy
func typedslicecopy(typ, dst unsafe.Pointer, dstLen int, src unsafe.Pointer, srcLen int) int

//go:linkname callers runtime.callers
func callers(skip int, pcs []uintptr) int

//go:linkname getitab runtime.getitab
func getitab(inter, typ unsafe.Pointer, canfail bool) unsafe.Pointer

//go:linkname entersyscallblock runtime.entersyscallblock
func entersyscallblock()

//go:linkname exitsyscall runtime.exitsyscall
func exitsyscall()

//go:linkname goyield runtime.goyield
func goyield()

//go:linkname unsafeNew reflect.unsafe_New
func unsafeNew(typ unsafe.Pointer) unsafe.Pointer

//go:linkname typelinks reflect.typelinks
func typelinks() ([]unsafe.Pointer, [][]int32)

//go:linkname kind reflect.(*rtype).Kind
func kind(typ unsafe.Pointer) reflect.Kind

//go:linkname prlimit syscall.prlimit
func prlimit(pid, resource int, set, old *syscall.Rlimit) error

//go:linkname addMulVVW math/big.addMulVVW
func addMulVVW(z, x []big.Word, y big.Word) big.Word

//go:linkname shlVU math/big.shlVU
func shlVU(z, x []big.Word, s uint) big.Word

//go:linkname overflowError runtime.overflowError
var overflowError error

// An iterator as it was before Go 1.24.
type hiter struct {
	key, elem unsafe.Pointer
	_         [10]uintptr
}

//go:linkname mapiterinit runtime.mapiterinit
func mapiterinit(typ, m unsafe.Pointer, it *hiter)

//go:linkname mapiternext reflect.mapiternext
func mapiternext(it *hiter)

//go:linkname mapiterkey reflect.mapiterkey
func mapiterkey(it *hiter) unsafe.Pointer

// typeOf is the descriptor of a value's type, data its other word.
func words(x any) (typ, data unsafe.Pointer) {
	w := (*[2]unsafe.Pointer)(unsafe.Pointer(&x))
	return w[0], w[1]
}

func typeOf(x any) unsafe.Pointer {
	typ, _ := words(x)
	return typ
}

func frames() string {
	pcs := make([]uintptr, 2)
	n := callers(0, pcs)
	var names []string
	frames := runtime.CallersFrames(pcs[:n])
	for {
		f, more := frames.Next()
		names = append(names, f.Function)
		if !more {
			return strings.Join(names, " ")
		}
	}
}

func main() {
	fmt.Println(nanotime() > 0, cputicks() != cputicks(), overflowError)
	fmt.Println(fastrandn(7) < 7, cheaprandn(1))
	p := procPin()
	procUnpin()
	fmt.Println(p >= 0 && p < runtime.GOMAXPROCS(0))
	auxv := getAuxv()
	for i := 0; i < len(auxv); i += 2 {
		if auxv[i] == 6 {
			fmt.Println("page size", auxv[i+1])
		}
	}

	s := "hash"
	fmt.Println(stringHash(s, 3) == strhash(unsafe.Pointer(&s), 3), memhash(unsafe.Pointer(&s), 1, 8) != 0)

	typ := typeOf(0)
	a := unsafe.Slice((*int)(newarray(typ, 3)), 3)
	copy(a, []int{1, 2, 3})
	fmt.Println(a, *(*int)(mallocgc(8, typ, true)), *(*int)(unsafeNew(typ)), kind(typ))
	g := growslice(unsafe.Pointer(&a[0]), 4, 3, 1, typ)
	fmt.Println(len(g), cap(g), g[:3])
	b := make([]int, 2)
	fmt.Println(typedslicecopy(typ, unsafe.Pointer(&b[0]), 2, unsafe.Pointer(&a[1]), 2), b)

	fmt.Println(frames())
	stringer := reflect.TypeFor[fmt.Stringer]()
	_, inter := words(stringer)
	fmt.Println(getitab(inter, typeOf(1), true) == nil, getitab(inter, typeOf(reflect.Int), true) != nil)
	entersyscallblock()
	exitsyscall()
	goyield()

	sections, offsets := typelinks()
	fmt.Println(len(sections) == len(offsets), len(offsets[0]) > 10)
	var limit syscall.Rlimit
	fmt.Println(prlimit(0, syscall.RLIMIT_NOFILE, nil, &limit), limit.Cur > 0)

	z := []big.Word{5, 1}
	fmt.Println(addMulVVW(z, []big.Word{2, 3}, 10), z, shlVU(z, z, 0), shlVU(z, z, 60), z)

	m := map[string]int{"a": 1, "b": 2, "c": 3}
	mt, mp := words(m)
	sum, keys := 0, 0
	var it hiter
	for mapiterinit(mt, mp, &it); it.key != nil; mapiternext(&it) {
		if mapiterkey(&it) == it.key {
			keys++
		}
		sum += *(*int)(it.elem) * len(*(*string)(it.key))
	}
	fmt.Println(keys, sum)
}
