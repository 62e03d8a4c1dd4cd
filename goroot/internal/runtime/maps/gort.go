package maps

import (
	"internal/abi"
	"math/bits"
	"unsafe"
)

// Hashes of memory: words by two multiplications of 128 bits in place, the rest by AES rounds, where the processor has
// them. The multiplications are those of wyhash (Wang Yi, public domain).
//
// Official Go chooses at each lookup, for words too. Tried: one multiplication for words, which saves a tenth of a lookup;
// maphash's tests see that the upper bits of a key hardly change those of the hash. Multiplications for all that is no longer
// than 16 bytes: a third slower than the native where lengths differ, since it asks for the length several times.

// What the compiler knows of maps that it makes in a frame (gort_abi::types): a difference is a negative array length.
var (
	_ [48 - unsafe.Sizeof(Map{})]struct{}
	_ [unsafe.Sizeof(Map{}) - 48]struct{}
	_ [8 - unsafe.Offsetof(Map{}.seed)]struct{}
	_ [16 - unsafe.Offsetof(Map{}.dirPtr)]struct{}
	_ [80 - unsafe.Offsetof(abi.MapType{}.GroupSize)]struct{}
	_ [bitsetEmpty - 0x8080808080808080]struct{}
)

// Names that upstream's lookups test, so that they call the functions below at once.
const memHashAESImplemented = false
const memHashUsesVAES = false

// An odd number with as many ones as zeros; the length is mixed into it.
const hashMultiplier = 0x9e3779b97f4a7c15

// memhashaes is a native of the runtime (arch/x86_64/memhash.rs). It takes addresses as numbers: a pointer given to
// a native counts as kept for ever.
//
//go:linkname memhashaes runtime.memhashaes
func memhashaes(p, h, n, keys uintptr) uintptr

func MemHash(p unsafe.Pointer, h, s uintptr) uintptr { return memHashFallback(p, h, s) }

func StrHash(s string, h uintptr) uintptr {
	return memHashFallback(unsafe.Pointer(unsafe.StringData(s)), h, uintptr(len(s)))
}

func MemHash32(k uint32, h uintptr) uintptr { return memHash32Fallback(k, h) }

func MemHash64(k uint64, h uintptr) uintptr { return memHash64Fallback(k, h) }

func memHash32AES(k uint32, h uintptr) uintptr { return memHash32Fallback(k, h) }

func memHash64AES(k uint64, h uintptr) uintptr { return memHash64Fallback(k, h) }

func memHashAES(p unsafe.Pointer, h, s uintptr) uintptr { return memHashFallback(p, h, s) }

func checkMasksAndShiftsAlignment() bool { return true }

func memHash32Fallback(k uint32, h uintptr) uintptr { return hashWords(uintptr(k), uintptr(k), h, 4) }

func memHash64Fallback(k uint64, h uintptr) uintptr { return hashWords(uintptr(k), uintptr(k), h, 8) }

func memHashFallback(p unsafe.Pointer, h, n uintptr) uintptr {
	if UseAeshash {
		return memhashaes(uintptr(p), h, n, uintptr(unsafe.Pointer(&aeskeysched)))
	}
	return hashPortable(p, h, n)
}

func hashPortable(p unsafe.Pointer, h, n uintptr) uintptr {
	switch {
	case n > 16:
		state := h
		// The last 16 bytes are left for the end, and may overlap.
		for at := uintptr(0); at+16 < n; at += 16 {
			state = multiply(wordAt(p, at)^hashkey[2], wordAt(p, at+8)^state)
		}
		return hashWords(wordAt(p, n-16), wordAt(p, n-8), state, n)
	case n >= 8:
		return hashWords(wordAt(p, 0), wordAt(p, n-8), h, n)
	case n >= 4:
		return hashWords(halfAt(p, 0), halfAt(p, n-4), h, n)
	case n > 0:
		ends := uintptr(*(*byte)(p)) | uintptr(*(*byte)(add(p, n-1)))<<8
		return hashWords(ends, uintptr(*(*byte)(add(p, n>>1))), h, n)
	}
	return h ^ hashkey[0]
}

func hashWords(a, b, h, n uintptr) uintptr {
	return multiply(hashMultiplier^n, multiply(a^hashkey[1], b^h^hashkey[0]))
}

func multiply(a, b uintptr) uintptr {
	high, low := bits.Mul64(uint64(a), uint64(b))
	return uintptr(high ^ low)
}

func wordAt(p unsafe.Pointer, at uintptr) uintptr { return uintptr(readUnaligned64(add(p, at))) }

func halfAt(p unsafe.Pointer, at uintptr) uintptr { return uintptr(readUnaligned32(add(p, at))) }
