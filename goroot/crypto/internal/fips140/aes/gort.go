package aes

import (
	"crypto/internal/fips140deps/cpu"
	"crypto/internal/impl"
	"unsafe"
)

// Natives of the runtime (simd/aes.rs). They take addresses as numbers: a pointer given to a native counts as kept
// for ever.

//go:linkname aesexpand runtime.aesexpand
func aesexpand(key uintptr, words int, enc, dec uintptr)

//go:linkname aesencrypt runtime.aesencrypt
func aesencrypt(keys uintptr, rounds int, dst, src uintptr)

//go:linkname aesdecrypt runtime.aesdecrypt
func aesdecrypt(keys uintptr, rounds int, dst, src uintptr)

//go:linkname aesctr runtime.aesctr
func aesctr(c, dst, src uintptr, blocks int)

// ctrArgs is what aesctr works with; it leaves the counter of the block after the last.
type ctrArgs struct {
	keys   uintptr
	rounds int
	hi, lo uint64
	only32 bool // only the last 32 bits count on, as in GCM
}

var supportsAES = cpu.X86HasAES

func init() { impl.Register("aes", "AES-NI", &supportsAES) }

// SupportsAES reports whether blocks made now are for the natives.
func SupportsAES() bool { return supportsAES }

func checkGenericIsExpected() {
	if supportsAES {
		panic("crypto/aes: internal error: using generic implementation despite hardware support")
	}
}

// A block's round keys are words for the generic code, and bytes for the natives.
type block struct {
	blockExpanded
}

func newBlock(c *Block, key []byte) *Block {
	if !supportsAES {
		newBlockExpanded(&c.blockExpanded, key)
		return c
	}
	words := len(key) / 4
	c.rounds = words + 6
	enc, dec := uintptr(unsafe.Pointer(&c.enc)), uintptr(unsafe.Pointer(&c.dec))
	aesexpand(uintptr(unsafe.Pointer(unsafe.SliceData(key))), words, enc, dec)
	return c
}

func encryptBlock(c *Block, dst, src []byte) {
	if !supportsAES {
		encryptBlockGeneric(&c.blockExpanded, dst, src)
		return
	}
	d, s := (*[BlockSize]byte)(dst), (*[BlockSize]byte)(src)
	aesencrypt(uintptr(unsafe.Pointer(&c.enc)), c.rounds, uintptr(unsafe.Pointer(d)), uintptr(unsafe.Pointer(s)))
}

func decryptBlock(c *Block, dst, src []byte) {
	if !supportsAES {
		decryptBlockGeneric(&c.blockExpanded, dst, src)
		return
	}
	d, s := (*[BlockSize]byte)(dst), (*[BlockSize]byte)(src)
	aesdecrypt(uintptr(unsafe.Pointer(&c.dec)), c.rounds, uintptr(unsafe.Pointer(d)), uintptr(unsafe.Pointer(s)))
}

func ctrBlocks1(b *Block, dst, src *[BlockSize]byte, ivlo, ivhi uint64) {
	ctrNative(b, dst[:], src[:], ivlo, ivhi)
}

func ctrBlocks2(b *Block, dst, src *[2 * BlockSize]byte, ivlo, ivhi uint64) {
	ctrNative(b, dst[:], src[:], ivlo, ivhi)
}

func ctrBlocks4(b *Block, dst, src *[4 * BlockSize]byte, ivlo, ivhi uint64) {
	ctrNative(b, dst[:], src[:], ivlo, ivhi)
}

func ctrBlocks8(b *Block, dst, src *[8 * BlockSize]byte, ivlo, ivhi uint64) {
	ctrNative(b, dst[:], src[:], ivlo, ivhi)
}

func ctrNative(b *Block, dst, src []byte, ivlo, ivhi uint64) {
	if !supportsAES {
		ctrBlocks(b, dst, src, ivlo, ivhi)
		return
	}
	args := ctrArgs{keys: uintptr(unsafe.Pointer(&b.enc)), rounds: b.rounds, hi: ivhi, lo: ivlo}
	count(&args, dst, src)
}

// count is counter mode over all whole blocks of src, which dst has room for.
func count(args *ctrArgs, dst, src []byte) {
	_ = dst[:len(src)]
	d, s := unsafe.SliceData(dst), unsafe.SliceData(src)
	aesctr(uintptr(unsafe.Pointer(args)), uintptr(unsafe.Pointer(d)), uintptr(unsafe.Pointer(s)), len(src)/BlockSize)
}

// CTR32 is the counter mode of GCM over src, for package gcm: the counter counts on by one for each block and part of
// a block. Only where SupportsAES.
func CTR32(b *Block, dst, src []byte, hi, lo uint64) (nextHi, nextLo uint64) {
	args := ctrArgs{keys: uintptr(unsafe.Pointer(&b.enc)), rounds: b.rounds, hi: hi, lo: lo, only32: true}
	count(&args, dst, src)
	if rest := len(src) % BlockSize; rest != 0 {
		var last [BlockSize]byte
		whole := len(src) - rest
		copy(last[:], src[whole:])
		count(&args, last[:], last[:])
		copy(dst[whole:], last[:rest])
	}
	return args.hi, args.lo
}
