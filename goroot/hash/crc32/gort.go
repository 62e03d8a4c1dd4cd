package crc32

import (
	"unsafe"
)

// The processor's instructions, through natives of the runtime (lang/crc32.rs).

// crc32features says which of the natives the processor can run: 1 crc32ieee, 2 crc32castagnoli.
//
//go:linkname crc32features runtime.crc32features
func crc32features() int

// crc32ieee continues the inverted sum crc over n bytes, at least 64 and a multiple of 16.
//
//go:linkname crc32ieee runtime.crc32ieee
func crc32ieee(crc uint32, p *byte, n int) uint32

// crc32castagnoli continues the inverted sum crc over n bytes.
//
//go:linkname crc32castagnoli runtime.crc32castagnoli
func crc32castagnoli(crc uint32, p *byte, n int) uint32

func archAvailableIEEE() bool { return crc32features()&1 != 0 }

// restTable8 is for what is too short for the native.
var restTable8 *slicing8Table

func archInitIEEE() { restTable8 = slicingMakeTable(IEEE) }

func archUpdateIEEE(crc uint32, p []byte) uint32 {
	if len(p) >= 64 {
		n := len(p) &^ 15
		crc = ^crc32ieee(^crc, unsafe.SliceData(p), n)
		p = p[n:]
	}
	return slicingUpdate(crc, restTable8, p)
}

func archAvailableCastagnoli() bool { return crc32features()&2 != 0 }

func archInitCastagnoli() {}

func archUpdateCastagnoli(crc uint32, p []byte) uint32 {
	return ^crc32castagnoli(^crc, unsafe.SliceData(p), len(p))
}
