package md5

import "unsafe"

// As with assembly, strings need not be copied: the native keeps nothing.
const haveAsm = true

// md5blocks is a native of the runtime (simd/md5.rs): n blocks at p, added to the state s. It takes addresses
// as numbers: a pointer given to a native counts as kept for ever.
//
//go:linkname md5blocks runtime.md5blocks
func md5blocks(s, p uintptr, n int)

func block(dig *digest, p []byte) {
	if n := len(p) / BlockSize; n > 0 {
		md5blocks(uintptr(unsafe.Pointer(&dig.s)), uintptr(unsafe.Pointer(unsafe.SliceData(p))), n)
	}
}
