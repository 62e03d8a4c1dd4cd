package aes

import (
	"crypto/internal/fips140"
	"crypto/internal/fips140/alias"
	"crypto/internal/fips140/subtle"
	"crypto/internal/fips140deps/byteorder"
	"math/bits"
	"unsafe"
)

// Counter mode. The package's own gives its assembly eight blocks a call; the native takes a text of any length, and
// has more blocks in flight than eight where the processor can.

//go:linkname aesctr runtime.aesctr
func aesctr(args, dst, src uintptr, n int)

// ctrArgs is what aesctr works with; it leaves the counter of the block after the text.
type ctrArgs struct {
	keys   *[60]uint32
	rounds int
	hi, lo uint64
}

// CTR is a stream in counter mode.
type CTR struct {
	b      Block
	hi, lo uint64 // the counter of the first block
	at     uint64 // where XORKeyStream goes on, in bytes
}

// NewCTR returns a stream that begins at the counter iv. It is inlined, so that the stream may stay in the caller's frame.
func NewCTR(b *Block, iv []byte) *CTR {
	c := newCTR(b, iv)
	return &c
}

func newCTR(b *Block, iv []byte) CTR {
	if len(iv) != BlockSize {
		panic("bad IV length")
	}
	return CTR{b: *b, hi: byteorder.BEUint64(iv[:8]), lo: byteorder.BEUint64(iv[8:])}
}

// advance moves on by n bytes.
func (c *CTR) advance(n uint64) {
	sum, carry := bits.Add64(c.at, n, 0)
	c.at = sum
	if carry != 0 {
		panic("crypto/aes: counter overflow")
	}
}

// XORKeyStream goes on with the stream.
func (c *CTR) XORKeyStream(dst, src []byte) {
	c.XORKeyStreamAt(dst, src, c.at)
	c.advance(uint64(len(src)))
}

// RoundToBlock moves on to the next whole block.
func RoundToBlock(c *CTR) {
	c.advance(-c.at % BlockSize)
}

// XORKeyStreamAt is the stream from offset, wherever XORKeyStream is.
func (c *CTR) XORKeyStreamAt(dst, src []byte, offset uint64) {
	if len(dst) < len(src) {
		panic("crypto/aes: len(dst) < len(src)")
	}
	dst = dst[:len(src)]
	if alias.InexactOverlap(dst, src) {
		panic("crypto/aes: invalid buffer overlap")
	}
	fips140.RecordApproved()

	lo, carry := bits.Add64(c.lo, offset/BlockSize, 0)
	hi := c.hi + carry
	if skip := int(offset % BlockSize); skip != 0 {
		// The end of a block, of which the front is gone.
		var block [BlockSize]byte
		n := copy(block[skip:], src)
		c.blocks(block[:], block[:], hi, lo)
		copy(dst, block[skip:skip+n])
		dst, src = dst[n:], src[n:]
		lo, carry = bits.Add64(lo, 1, 0)
		hi += carry
	}
	if len(src) > 0 {
		c.blocks(dst, src, hi, lo)
	}
}

// blocks is the stream from the block with the given counter on.
func (c *CTR) blocks(dst, src []byte, hi, lo uint64) {
	if supportsAES {
		args := ctrArgs{keys: &c.b.enc, rounds: c.b.rounds, hi: hi, lo: lo}
		for len(src) > 0 {
			n := min(len(src), largest)
			d, s := uintptr(unsafe.Pointer(unsafe.SliceData(dst))), uintptr(unsafe.Pointer(unsafe.SliceData(src)))
			aesctr(uintptr(unsafe.Pointer(&args)), d, s, n)
			dst, src = dst[n:], src[n:]
		}
		return
	}
	for len(src) > 0 {
		var block [BlockSize]byte
		byteorder.BEPutUint64(block[:8], hi)
		byteorder.BEPutUint64(block[8:], lo)
		encryptBlock(&c.b, block[:], block[:])
		n := subtle.XORBytes(dst, src, block[:])
		dst, src = dst[n:], src[n:]
		var carry uint64
		lo, carry = bits.Add64(lo, 1, 0)
		hi += carry
	}
}
