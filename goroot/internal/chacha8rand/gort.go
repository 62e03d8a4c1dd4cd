package chacha8rand

import _ "unsafe"

// The block function without assembly.
//
//go:linkname blockInGo internal/chacha8rand.block
func blockInGo(seed *[4]uint64, blocks *[32]uint64, counter uint32) {
	block_generic(seed, blocks, counter)
}
