package maps

import "unsafe"

// memhashaes is a native of the runtime (arch/x86_64/memhash.rs). It takes addresses as numbers: a pointer given to
// a native counts as kept for ever.
//
//go:linkname memhashaes runtime.memhashaes
func memhashaes(p, h, n, keys uintptr) uintptr

const memHashAESImplemented = true
const memHashUsesVAES = false

func MemHash(p unsafe.Pointer, h, s uintptr) uintptr {
	if UseAeshash {
		return memHashAES(p, h, s)
	}
	return memHashFallback(p, h, s)
}

func memHashAES(p unsafe.Pointer, h, s uintptr) uintptr {
	return memhashaes(uintptr(p), h, s, uintptr(unsafe.Pointer(&aeskeysched)))
}

func StrHash(s string, h uintptr) uintptr {
	return MemHash(unsafe.Pointer(unsafe.StringData(s)), h, uintptr(len(s)))
}

// One word: two multiplications in place are faster than a call. Tried: one, which saves a tenth of a lookup; maphash's tests see
// that the upper bits of a key hardly change those of the hash.

func MemHash32(k uint32, h uintptr) uintptr { return memHash32Fallback(k, h) }

func MemHash64(k uint64, h uintptr) uintptr { return memHash64Fallback(k, h) }

func memHash32AES(k uint32, h uintptr) uintptr { return memHash32Fallback(k, h) }

func memHash64AES(k uint64, h uintptr) uintptr { return memHash64Fallback(k, h) }

func checkMasksAndShiftsAlignment() bool { return true }
