package runtime

import "unsafe"

// What official Go keeps open to modules outside of the library, which take it by linkname. A directive without symbol
// marks a function that is the same here; open_f stands in for an f that is something else in gort's runtime, or that it
// lacks (crates/gort-lower/src/linkname.rs). Functions that are also pushed to packages of the library by linkname, and
// map functions, are open without more.

//go:linkname FuncForPC
//go:linkname add
//go:linkname convT64
//go:linkname convTslice
//go:linkname convTstring
//go:linkname blockevent
//go:linkname cputicks
//go:linkname divideError
//go:linkname entersyscall
//go:linkname exitsyscall
//go:linkname fcntl
//go:linkname gopanic
//go:linkname memclrHasPointers
//go:linkname memclrNoHeapPointers
//go:linkname memequal
//go:linkname memmove
//go:linkname nanotime
//go:linkname overflowError
//go:linkname procyield
//go:linkname rand
//go:linkname throw
//go:linkname typedmemmove
//go:linkname vgetrandom
//go:linkname write
//go:linkname zeroVal

// The processor.

func cputicks() int64

func open_getAuxv() []uintptr {
	var a [2]uintptr
	goargs(&a)
	at := unsafe.Pointer(a[1] + (a[0]+1)*8)
	word := func() uintptr {
		w := *(*uintptr)(at)
		at = add(at, 8)
		return w
	}
	for word() != 0 {
		// the environment
	}
	var out []uintptr
	for {
		tag, value := word(), word()
		if tag == 0 {
			return out
		}
		out = append(out, tag, value)
	}
}

// Goroutines and threads.

//go:linkname open_procPin runtime.procpin
func open_procPin() int

//go:linkname open_procUnpin runtime.procunpin
func open_procUnpin()

// A system call that is known to block loses its P as any other that takes long.
//
//go:linkname open_entersyscallblock runtime.entersyscall
func open_entersyscallblock()

func open_goyield() { Gosched() }

//go:linkname sync_runtime_canSpin sync.runtime_canSpin
func sync_runtime_canSpin(i int) bool { return canspin(i) }

//go:linkname sync_runtime_doSpin sync.runtime_doSpin
func sync_runtime_doSpin() { procyield(30) }

// Random numbers.

func open_fastrand() uint32 { return uint32(rand()) }

func open_fastrand64() uint64 { return rand() }

func open_fastrandn(n uint32) uint32 { return open_randn(n) }

func open_cheaprand() uint32 { return uint32(rand()) }

func open_cheaprand64() int64 { return int64(rand()) }

func open_cheaprandn(n uint32) uint32 { return open_randn(n) }

// open_randn is a number below n; 0 if n is.
func open_randn(n uint32) uint32 { return uint32(uint64(uint32(rand())) * uint64(n) >> 32) }

// Memory.

func open_mallocgc(size uintptr, typ *_type, needzero bool) unsafe.Pointer {
	return mallocgc(size, typ, needzero)
}

func open_makeslice(et *_type, len, cap int) unsafe.Pointer {
	return makeslice(et, len, cap)
}

func open_newarray(typ *_type, n int) unsafe.Pointer { return makeslice(typ, n, n) }

func open_growslice(old unsafe.Pointer, newLen, oldCap, num int, et *_type) slice {
	p, c := growslice(old, newLen, oldCap, num, et)
	return slice{p, newLen, c}
}

//go:linkname reflect_memclrNoHeapPointers reflect.memclrNoHeapPointers
func reflect_memclrNoHeapPointers(p unsafe.Pointer, n uintptr) { memclrNoHeapPointers(p, n) }

func open_typedslicecopy(typ *_type, dst unsafe.Pointer, dstLen int, src unsafe.Pointer, srcLen int) int {
	return reflect_typedslicecopy(typ, slice{dst, dstLen, dstLen}, slice{src, srcLen, srcLen})
}

// open_noescape hides a pointer from escape analysis, which follows no number.
func open_noescape(p unsafe.Pointer) unsafe.Pointer {
	x := uintptr(p)
	return unsafe.Pointer(x ^ 0)
}

// open_atomicwb is called before a pointer is stored atomically: what a collector must know of it.
func open_atomicwb(ptr *unsafe.Pointer, new unsafe.Pointer) {}

func open_heapObjectsCanMove() bool { return false }

func open_gostring(p *byte) string { return cstring(p) }

// Types and frames.

func open_getitab(inter *interfacetype, typ *_type, canfail bool) *itab {
	if canfail {
		return assertE2I2(inter.underlying(), typ)
	}
	return assertE2I(inter.underlying(), typ)
}

// reflect_typelinks gives the offsets of all compiled types from 0: they lie below 2 GiB.
//
//go:linkname reflect_typelinks reflect.typelinks
func reflect_typelinks() (sections []unsafe.Pointer, offsets [][]int32) {
	types, _ := reflect_compiledTypelinks()
	list := make([]int32, len(types))
	for i, t := range types {
		list[i] = int32(uintptr(unsafe.Pointer(t)))
	}
	return []unsafe.Pointer{nil}, [][]int32{list}
}

func open_callers(skip int, pcbuf []uintptr) int {
	if len(pcbuf) == 0 {
		return 0
	}
	return callers(skip+1, &pcbuf[0], len(pcbuf))
}
