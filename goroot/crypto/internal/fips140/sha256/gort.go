package sha256

import (
	"crypto/internal/fips140deps/cpu"
	"crypto/internal/impl"
	"unsafe"
)

var useSHANI = cpu.X86HasSHA

func init() { impl.Register("sha256", "SHA-NI", &useSHANI) }

// sha256blocks is a native of the runtime (simd/sha256.rs): n blocks at p, added to the state h. It takes addresses
// as numbers: a pointer given to a native counts as kept for ever.
//
//go:linkname sha256blocks runtime.sha256blocks
func sha256blocks(h, p uintptr, n int)

func block(dig *Digest, p []byte) {
	n := len(p) / chunk
	switch {
	case !useSHANI:
		blockGeneric(dig, p)
	case n > 0:
		sha256blocks(uintptr(unsafe.Pointer(&dig.h)), uintptr(unsafe.Pointer(unsafe.SliceData(p))), n)
	}
}
