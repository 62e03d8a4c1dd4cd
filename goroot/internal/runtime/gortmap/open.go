package gortmap

import (
	"internal/abi"
	"internal/runtime/maps"
	"unsafe"
)

// What modules outside of the library take by linkname: iterators as they were before Go 1.24, when the caller held
// them, and the hash of a string.

// A mapiter is at most as large as those of the callers, who read the first three fields.
type mapiter struct {
	key, elem unsafe.Pointer
	typ       *abi.MapType
	it        *maps.Iter
}

func (i *mapiter) next() {
	i.it.Next()
	i.key, i.elem = i.it.Key(), i.it.Elem()
}

//go:linkname mapiterinit runtime.mapiterinit
func mapiterinit(t *abi.MapType, m *maps.Map, i *mapiter) {
	i.typ, i.it = t, new(maps.Iter)
	i.it.Init(t, m)
	i.next()
}

//go:linkname mapiternext runtime.mapiternext
func mapiternext(i *mapiter) { i.next() }

//go:linkname reflect_mapiterinit reflect.mapiterinit
func reflect_mapiterinit(t *abi.MapType, m *maps.Map, i *mapiter) { mapiterinit(t, m, i) }

//go:linkname reflect_mapiternext reflect.mapiternext
func reflect_mapiternext(i *mapiter) { i.next() }

//go:linkname reflect_mapiterkey reflect.mapiterkey
func reflect_mapiterkey(i *mapiter) unsafe.Pointer { return i.it.Key() }

//go:linkname reflect_mapiterelem reflect.mapiterelem
func reflect_mapiterelem(i *mapiter) unsafe.Pointer { return i.it.Elem() }

//go:linkname stringHash runtime.stringHash
func stringHash(s string, seed uintptr) uintptr { return maps.StrHash(s, seed) }
