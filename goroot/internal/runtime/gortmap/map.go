// Package gortmap joins compiled map operations to upstream's internal/runtime/maps: what package runtime of
// the official toolchain holds around it. It is part of every program that uses a map.
package gortmap

import (
	"internal/abi"
	"internal/runtime/maps"
	"unsafe"
)

func init() { maps.AlgInit() }

// makemap_small makes a map for up to eight entries. The compiler makes those in a frame itself that do not escape, from the
// size of a group in t; so it must see the call.
//
//go:noinline
//go:linkname makemap_small runtime.makemap_small
func makemap_small(t *abi.MapType) *maps.Map { return maps.NewEmptyMap() }

//go:linkname makemap runtime.makemap
func makemap(t *abi.MapType, hint int, m *maps.Map) *maps.Map {
	if hint < 0 {
		hint = 0
	}
	return maps.NewMap(t, uintptr(hint), m, maxAlloc)
}

// maxAlloc is the largest table that makes sense: no more memory can be addressed.
const maxAlloc = 1 << 48

//go:linkname mapaccess1 runtime.mapaccess1
func mapaccess1(t *abi.MapType, m *maps.Map, key unsafe.Pointer) unsafe.Pointer

//go:linkname mapaccess2 runtime.mapaccess2
func mapaccess2(t *abi.MapType, m *maps.Map, key unsafe.Pointer) (unsafe.Pointer, bool)

//go:linkname mapaccess1_fat runtime.mapaccess1_fat
func mapaccess1_fat(t *abi.MapType, m *maps.Map, key, zero unsafe.Pointer) unsafe.Pointer {
	e, ok := mapaccess2(t, m, key)
	if !ok {
		return zero
	}
	return e
}

//go:linkname mapaccess2_fat runtime.mapaccess2_fat
func mapaccess2_fat(t *abi.MapType, m *maps.Map, key, zero unsafe.Pointer) (unsafe.Pointer, bool) {
	e, ok := mapaccess2(t, m, key)
	if !ok {
		return zero, false
	}
	return e, true
}

//go:linkname mapdelete runtime.mapdelete
func mapdelete(t *abi.MapType, m *maps.Map, key unsafe.Pointer) { m.Delete(t, key) }

//go:linkname mapclear runtime.mapclear
func mapclear(t *abi.MapType, m *maps.Map) { m.Clear(t) }

//go:linkname mapIterStart runtime.mapIterStart
func mapIterStart(t *abi.MapType, m *maps.Map, it *maps.Iter) {
	it.Init(t, m)
	it.Next()
}

//go:linkname mapIterNext runtime.mapIterNext
func mapIterNext(it *maps.Iter) { it.Next() }
