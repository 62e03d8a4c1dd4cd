package runtime

import "unsafe"

// For packages sync, sync/atomic and internal/sync.

//go:linkname sync_runtime_registerPoolCleanup sync.runtime_registerPoolCleanup
func sync_runtime_registerPoolCleanup(f func()) { poolcleanup = f }

//go:linkname sync_runtime_procPin sync.runtime_procPin
func sync_runtime_procPin() int { return poolpin() }

//go:linkname sync_runtime_procUnpin sync.runtime_procUnpin
func sync_runtime_procUnpin() { procunpin() }

//go:linkname sync_atomic_runtime_procPin sync/atomic.runtime_procPin
func sync_atomic_runtime_procPin() int { return procpin() }

//go:linkname sync_atomic_runtime_procUnpin sync/atomic.runtime_procUnpin
func sync_atomic_runtime_procUnpin() { procunpin() }

//go:linkname internal_sync_runtime_canSpin internal/sync.runtime_canSpin
func internal_sync_runtime_canSpin(i int) bool { return canspin(i) }

//go:linkname internal_sync_runtime_doSpin internal/sync.runtime_doSpin
func internal_sync_runtime_doSpin() { procyield(30) }

//go:linkname internal_sync_nanotime internal/sync.runtime_nanotime
func internal_sync_nanotime() int64 { return nanotime() }

//go:linkname internal_sync_throw internal/sync.throw
func internal_sync_throw(s string) { throw(s) }

//go:linkname internal_sync_fatal internal/sync.fatal
func internal_sync_fatal(s string) { fatal(s) }

//go:linkname sync_throw sync.throw
func sync_throw(s string) { throw(s) }

//go:linkname sync_fatal sync.fatal
func sync_fatal(s string) { fatal(s) }

//go:linkname atomic_casPointer internal/runtime/atomic.casPointer
func atomic_casPointer(ptr *unsafe.Pointer, old, new unsafe.Pointer) bool {
	return casp(ptr, old, new)
}

//go:linkname atomic_storePointer internal/runtime/atomic.storePointer
func atomic_storePointer(ptr *unsafe.Pointer, new unsafe.Pointer) { storep(ptr, new) }

//go:linkname casp sync/atomic.CompareAndSwapPointer
func casp(ptr *unsafe.Pointer, old, new unsafe.Pointer) bool

//go:linkname storep sync/atomic.StorePointer
func storep(ptr *unsafe.Pointer, new unsafe.Pointer)

//go:linkname bytealg_MakeNoZero internal/bytealg.MakeNoZero
func bytealg_MakeNoZero(n int) []byte {
	array, cap := makebytes(n)
	return unsafe.Slice((*byte)(array), cap)[:n]
}

// write is for internal/godebug.
func write(fd uintptr, p unsafe.Pointer, n int32) int32 {
	r, _, err := syscall6(1, fd, uintptr(p), uintptr(n), 0, 0, 0)
	if err != 0 {
		return -int32(err)
	}
	return int32(r)
}
