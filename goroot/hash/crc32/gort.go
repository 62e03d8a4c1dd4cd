package crc32

import (
	"internal/cpu"
	"unsafe"
)

// The processor's instructions, through natives of the runtime (simd/crc32.rs).

// Addresses are numbers here: a pointer given to a native counts as kept for ever.

// crc32ieee continues the inverted sum crc over n bytes, at least 16.
//
//go:linkname crc32ieee runtime.crc32ieee
func crc32ieee(crc uint32, p uintptr, n int) uint32

// crc32castagnoli continues the inverted sum crc over n bytes.
//
//go:linkname crc32castagnoli runtime.crc32castagnoli
func crc32castagnoli(crc uint32, p uintptr, n int) uint32

func address(p []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(p))) }

func archAvailableIEEE() bool { return cpu.X86.HasPCLMULQDQ }

// restTable8 is for what is too short for the native.
var restTable8 *slicing8Table

func archInitIEEE() { restTable8 = slicingMakeTable(IEEE) }

func archUpdateIEEE(crc uint32, p []byte) uint32 {
	if len(p) >= 16 {
		return ^crc32ieee(^crc, address(p), len(p))
	}
	return slicingUpdate(crc, restTable8, p)
}

// SSE 4.2 is the baseline.
func archAvailableCastagnoli() bool { return true }

func archInitCastagnoli() {}

func archUpdateCastagnoli(crc uint32, p []byte) uint32 {
	return ^crc32castagnoli(^crc, address(p), len(p))
}
