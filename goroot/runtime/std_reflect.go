package runtime

import "unsafe"

// For packages reflect and internal/reflectlite. Offsets in descriptors are absolute addresses below 2 GiB;
// negative ones stand for what reflect has made at run time.

// reflectOffs holds what the negative offsets stand for. Entries never move, so that reading takes no lock.
var reflectOffs = struct {
	sema   uint32 // 1 if free
	n      int
	chunks [1024]*[1024]unsafe.Pointer
}{sema: 1}

func reflectOff(off int32) unsafe.Pointer {
	if off >= 0 {
		return unsafe.Pointer(uintptr(off))
	}
	if off == -1 {
		return nil
	}
	i := int(-off - 2)
	return reflectOffs.chunks[i/1024][i%1024]
}

//go:linkname reflect_addReflectOff reflect.addReflectOff
func reflect_addReflectOff(ptr unsafe.Pointer) int32 {
	if uintptr(ptr) < 1<<31 {
		return int32(uintptr(ptr)) // compiled: the offset that native code understands
	}
	r := &reflectOffs
	semacquire1(&r.sema, false, semaPlain, 0)
	i := r.n
	if i == len(r.chunks)*len(r.chunks[0]) {
		throw("reflect: too many types made at run time")
	}
	if i%1024 == 0 {
		r.chunks[i/1024] = new([1024]unsafe.Pointer)
	}
	r.chunks[i/1024][i%1024] = ptr
	r.n++
	semrelease(&r.sema, false, 0)
	return int32(-i - 2)
}

//go:linkname reflect_resolveNameOff reflect.resolveNameOff
func reflect_resolveNameOff(base unsafe.Pointer, off int32) unsafe.Pointer { return reflectOff(off) }

//go:linkname reflect_resolveTypeOff reflect.resolveTypeOff
func reflect_resolveTypeOff(base unsafe.Pointer, off int32) unsafe.Pointer { return reflectOff(off) }

//go:linkname reflect_resolveTextOff reflect.resolveTextOff
func reflect_resolveTextOff(base unsafe.Pointer, off int32) unsafe.Pointer { return reflectOff(off) }

//go:linkname reflectlite_resolveNameOff internal/reflectlite.resolveNameOff
func reflectlite_resolveNameOff(base unsafe.Pointer, off int32) unsafe.Pointer {
	return reflectOff(off)
}

//go:linkname reflectlite_resolveTypeOff internal/reflectlite.resolveTypeOff
func reflectlite_resolveTypeOff(base unsafe.Pointer, off int32) unsafe.Pointer {
	return reflectOff(off)
}

//go:linkname reflect_compiledTypelinks reflect.compiledTypelinks
func reflect_compiledTypelinks() ([]*_type, [][]*_type) {
	var a [2]uintptr
	typelinks(&a)
	return unsafe.Slice((**_type)(unsafe.Pointer(a[0])), int(a[1])), nil
}

//go:linkname reflect_unsafe_New reflect.unsafe_New
func reflect_unsafe_New(t *_type) unsafe.Pointer { return newobject(t) }

//go:linkname reflectlite_unsafe_New internal/reflectlite.unsafe_New
func reflectlite_unsafe_New(t *_type) unsafe.Pointer { return newobject(t) }

//go:linkname reflect_unsafe_NewArray reflect.unsafe_NewArray
func reflect_unsafe_NewArray(t *_type, n int) unsafe.Pointer { return makeslice(t, n, n) }

//go:linkname reflect_typedmemmove reflect.typedmemmove
func reflect_typedmemmove(t *_type, dst, src unsafe.Pointer) { typedmemmove(t, dst, src) }

//go:linkname reflectlite_typedmemmove internal/reflectlite.typedmemmove
func reflectlite_typedmemmove(t *_type, dst, src unsafe.Pointer) { typedmemmove(t, dst, src) }

//go:linkname reflect_typedmemclr reflect.typedmemclr
func reflect_typedmemclr(t *_type, p unsafe.Pointer) { typedmemclr(t, p) }

//go:linkname reflect_typedmemclrpartial reflect.typedmemclrpartial
func reflect_typedmemclrpartial(t *_type, p unsafe.Pointer, off, size uintptr) {
	if t.PtrBytes != 0 {
		memclrHasPointers(p, size)
		return
	}
	memclrNoHeapPointers(p, size)
}

//go:linkname reflect_typedarrayclear reflect.typedarrayclear
func reflect_typedarrayclear(t *_type, p unsafe.Pointer, n int) {
	if t.PtrBytes != 0 {
		memclrHasPointers(p, t.Size_*uintptr(n))
		return
	}
	memclrNoHeapPointers(p, t.Size_*uintptr(n))
}

//go:linkname reflect_typedslicecopy reflect.typedslicecopy
func reflect_typedslicecopy(t *_type, dst, src slice) int {
	n := dst.len
	if src.len < n {
		n = src.len
	}
	if t.PtrBytes != 0 {
		memmoveHasPointers(dst.array, src.array, t.Size_*uintptr(n))
	} else {
		memmove(dst.array, src.array, t.Size_*uintptr(n))
	}
	return n
}

//go:linkname reflect_memmove reflect.memmove
func reflect_memmove(dst, src unsafe.Pointer, n uintptr) { memmoveHasPointers(dst, src, n) }

//go:linkname reflect_growslice reflect.growslice
func reflect_growslice(t *_type, old slice, num int) slice {
	// reflect gives the old length and how many more elements must fit.
	p, c := growslice(old.array, old.cap+num, old.cap, num, t)
	return slice{p, old.len, c}
}

//go:linkname reflect_unsafeslice reflect.unsafeslice
func reflect_unsafeslice(t *_type, p unsafe.Pointer, n int) { unsafeslicecheck(t.Size_, p, n) }

//go:linkname reflect_verifyNotInHeapPtr reflect.verifyNotInHeapPtr
func reflect_verifyNotInHeapPtr(p uintptr) bool { return true }

//go:linkname reflect_ifaceE2I reflect.ifaceE2I
func reflect_ifaceE2I(inter *interfacetype, e eface, dst *iface) {
	*dst = iface{assertE2I(inter.underlying(), e._type), e.data}
}

//go:linkname reflectlite_ifaceE2I internal/reflectlite.ifaceE2I
func reflectlite_ifaceE2I(inter *interfacetype, e eface, dst *iface) {
	*dst = iface{assertE2I(inter.underlying(), e._type), e.data}
}

// underlying is the type that itabs are made for: compiled code asks for that one, reflection has the named one.
func (t *interfacetype) underlying() *interfacetype {
	if u := uncommon(&t.Type); u != nil && u.Under != 0 {
		return (*interfacetype)(unsafe.Pointer(uintptr(uint32(u.Under))))
	}
	return t
}

//go:linkname staticuint64s runtime.staticuint64s
var staticuint64s [256]uint64

func getStaticuint64s() *[256]uint64 { return &staticuint64s }

//go:linkname reflect_makechan reflect.makechan
func reflect_makechan(t *chantype, size int) *hchan { return makechan(t, size) }

//go:linkname reflect_chanlen reflect.chanlen
func reflect_chanlen(c *hchan) int { return chanlen(c) }

//go:linkname reflectlite_chanlen internal/reflectlite.chanlen
func reflectlite_chanlen(c *hchan) int { return chanlen(c) }

//go:linkname reflect_chancap reflect.chancap
func reflect_chancap(c *hchan) int { return chancap(c) }

//go:linkname reflect_chanclose reflect.chanclose
func reflect_chanclose(c *hchan) { closechan(c) }

//go:linkname reflect_chansend reflect.chansend0
func reflect_chansend(c *hchan, elem unsafe.Pointer, nb bool) bool {
	if nb {
		return selectnbsend(c, elem)
	}
	chansend1(c, elem)
	return true
}

//go:linkname reflect_chanrecv reflect.chanrecv
func reflect_chanrecv(c *hchan, nb bool, elem unsafe.Pointer) (selected, received bool) {
	if nb {
		return selectnbrecv(elem, c)
	}
	return true, chanrecv2(c, elem)
}

//go:linkname reflect_maplen reflect.maplen
func reflect_maplen(m unsafe.Pointer) int {
	if m == nil {
		return 0
	}
	return int(*(*uint64)(m))
}

//go:linkname reflectlite_maplen internal/reflectlite.maplen
func reflectlite_maplen(m unsafe.Pointer) int { return reflect_maplen(m) }

// runtimeSelect is a case as reflect lays it out.
type runtimeSelect struct {
	dir int // 1 send, 2 receive, 3 default
	typ unsafe.Pointer
	ch  *hchan
	val unsafe.Pointer
}

// reflect_rselect orders the cases as selectgo wants them: sends from the front, receives behind.
//
//go:linkname reflect_rselect reflect.rselect
func reflect_rselect(cases []runtimeSelect) (chosen int, received bool) {
	const dirSend, dirDefault = 1, 3
	n := len(cases)
	list := make([]scase, n)
	origin := make([]int, n)
	nsends, nrecvs, dflt := 0, 0, -1
	for i := range cases {
		c := &cases[i]
		switch c.dir {
		case dirDefault:
			dflt = i
		case dirSend:
			list[nsends] = scase{c: c.ch, elem: c.val}
			origin[nsends] = i
			nsends++
		default:
			nrecvs++
			list[n-nrecvs] = scase{c: c.ch, elem: c.val}
			origin[n-nrecvs] = i
		}
	}
	if nsends+nrecvs == 0 {
		if dflt < 0 {
			block()
		}
		return dflt, false
	}
	if nsends+nrecvs < n {
		copy(list[nsends:], list[n-nrecvs:])
		copy(origin[nsends:], origin[n-nrecvs:])
	}
	order := make([]uint16, 2*n)
	chosen, received = selectgo(&list[0], &order[0], nsends, nrecvs, dflt < 0)
	if chosen < 0 {
		return dflt, false
	}
	return origin[chosen], received && chosen >= nsends
}

//go:linkname reflect_adjustAIX reflect.adjustAIXGCDataForRuntime
func reflect_adjustAIX(t *_type) {}

func heapobject(p unsafe.Pointer, object *[4]uintptr) bool

// reflect_gcbits tells reflect's tests where the heap has pointers: a byte, 0 or 1, for each word that x points
// to, up to the last pointer.
//
//go:linkname reflect_gcbits reflect.gcbits
func reflect_gcbits(x any) []byte {
	e := efaceOf(&x)
	t := (*ptrtype)(unsafe.Pointer(e._type)).Elem
	size := t.Size_
	var object [4]uintptr // first byte, bytes, type, bits of a small object
	if heapobject(e.data, &object) {
		t, size = (*_type)(unsafe.Pointer(object[2])), object[1]
	}
	if bits := object[3]; bits != 0 {
		var mask []byte
		for ; bits != 0; bits >>= 1 {
			mask = append(mask, byte(bits&1))
		}
		return mask
	}
	if t == nil || t.PtrBytes == 0 {
		return nil
	}
	mask := make([]byte, size/8)
	end := uintptr(0)
	for at := uintptr(0); at+t.Size_ <= size; at += t.Size_ {
		t.pointers(mask[at/8:])
		end = at + t.PtrBytes
	}
	return mask[:end/8]
}

// pointers sets the bytes of mask for words that hold pointers.
func (t *_type) pointers(mask []byte) {
	if t.PtrBytes == 0 {
		return
	}
	if t.TFlag&tflagGCMaskOnDemand == 0 {
		for i := uintptr(0); i < t.PtrBytes/8; i++ {
			mask[i] = *(*byte)(add(unsafe.Pointer(t.GCData), i/8)) >> (i % 8) & 1
		}
		return
	}
	switch t.Kind_ {
	case kindArray:
		a := (*arraytype)(unsafe.Pointer(t))
		for i := uintptr(0); i < a.Len; i++ {
			a.Elem.pointers(mask[i*a.Elem.Size_/8:])
		}
	case kindStruct:
		for _, f := range (*structtype)(unsafe.Pointer(t)).Fields {
			f.Typ.pointers(mask[f.Offset/8:])
		}
	}
}
