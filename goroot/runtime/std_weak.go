package runtime

import "unsafe"

// For package weak. Handles, and what makes them safe against the collector: gc/weak.rs.

func weakhandle(p unsafe.Pointer) unsafe.Pointer
func weakstrong(handle unsafe.Pointer) unsafe.Pointer

//go:linkname weak_runtime_registerWeakPointer weak.runtime_registerWeakPointer
func weak_runtime_registerWeakPointer(p unsafe.Pointer) unsafe.Pointer {
	h := weakhandle(p)
	if h == nil {
		throw("getWeakHandle on invalid pointer")
	}
	return h
}

//go:linkname weak_runtime_makeStrongFromWeak weak.runtime_makeStrongFromWeak
func weak_runtime_makeStrongFromWeak(h unsafe.Pointer) unsafe.Pointer { return weakstrong(h) }
