package sha512

import (
	"crypto/internal/fips140deps/cpu"
	"crypto/internal/impl"
	"unsafe"
)

var useAVX2 = cpu.X86HasAVX2 && cpu.X86HasBMI2

func init() { impl.Register("sha512", "AVX2", &useAVX2) }

// sha512blocks is a native of the runtime (simd/sha512.rs): n blocks at p, added to the state h. It takes addresses
// as numbers: a pointer given to a native counts as kept for ever.
//
//go:linkname sha512blocks runtime.sha512blocks
func sha512blocks(h, p uintptr, n int)

func block(dig *Digest, p []byte) {
	n := len(p) / chunk
	switch {
	case !useAVX2:
		blockGeneric(dig, p)
	case n > 0:
		sha512blocks(uintptr(unsafe.Pointer(&dig.h)), uintptr(unsafe.Pointer(unsafe.SliceData(p))), n)
	}
}
