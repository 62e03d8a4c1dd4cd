package sha1

import (
	"crypto/internal/impl"
	"internal/cpu"
	"unsafe"
)

var useSHANI = cpu.X86.HasSHA

func init() { impl.Register("sha1", "SHA-NI", &useSHANI) }

// sha1blocks is a native of the runtime (simd/sha1.rs): n blocks at p, added to the state h. It takes addresses
// as numbers: a pointer given to a native counts as kept for ever.
//
//go:linkname sha1blocks runtime.sha1blocks
func sha1blocks(h, p uintptr, n int)

func block(dig *digest, p []byte) {
	n := len(p) / chunk
	switch {
	case !useSHANI:
		blockGeneric(dig, p)
	case n > 0:
		sha1blocks(uintptr(unsafe.Pointer(&dig.h)), uintptr(unsafe.Pointer(unsafe.SliceData(p))), n)
	}
}
