package runtime

import "unsafe"

// The heap notes the type of each object in 32 bits, since compiled descriptors lie below 2 GiB. Those that reflect
// makes are objects themselves, far above: for them the heap gets a copy in low memory, of the part that says
// where the pointers are. Copies stay, as reflect's types do.

// lowTypes is a hash table from descriptor to copy, with linear probing, at most half full.
var lowTypes = struct {
	sema    uint32 // 1 if free
	n       int
	entries []lowType
	free    []byte // of low memory
}{sema: 1}

type lowType struct{ high, low *_type }

// heaptype is the descriptor to allocate with.
func heaptype(t *_type) *_type {
	if uintptr(unsafe.Pointer(t))>>32 == 0 {
		return t
	}
	l := &lowTypes
	semacquire1(&l.sema, false, semaPlain)
	if 2*l.n >= len(l.entries) {
		growLowTypes()
	}
	e := findLowType(t)
	if e.low == nil {
		l.n++
		e.high, e.low = t, copyLow(t)
	}
	low := e.low
	semrelease(&l.sema, false)
	return low
}

// findLowType returns the entry of t, or the free one where it would be.
func findLowType(t *_type) *lowType {
	list := lowTypes.entries
	i := uintptr(unsafe.Pointer(t)) >> 4 * 0x9e3779b97f4a7c15 >> 32
	for {
		e := &list[i%uintptr(len(list))]
		if e.high == t || e.high == nil {
			return e
		}
		i++
	}
}

func growLowTypes() {
	old := lowTypes.entries
	lowTypes.entries = make([]lowType, max(64, 2*len(old)))
	for _, e := range old {
		if e.high != nil {
			*findLowType(e.high) = e
		}
	}
}

// copyLow copies the descriptor without methods.
func copyLow(t *_type) *_type {
	const (
		mmap      = 9
		chunk     = 64 << 10
		readWrite = 3
		low       = 0x40 // MAP_32BIT
		anonymous = 0x22 // and private
	)
	l := &lowTypes
	size := kindSize(t.Kind_)
	if uintptr(len(l.free)) < size {
		p, _, errno := syscall6(mmap, 0, chunk, readWrite, low|anonymous, ^uintptr(0), 0)
		if errno != 0 {
			throw("no memory below 2 GiB for a type made by reflect")
		}
		l.free = unsafe.Slice((*byte)(unsafe.Pointer(p)), chunk)
	}
	c := (*_type)(unsafe.Pointer(&l.free[0]))
	l.free = l.free[(size+15)&^15:]
	memmove(unsafe.Pointer(c), unsafe.Pointer(t), size)
	c.TFlag &^= tflagUncommon
	return c
}
