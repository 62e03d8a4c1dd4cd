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

//go:linkname aescbcencrypt runtime.aescbcencrypt
func aescbcencrypt(keys uintptr, rounds int, iv, dst, src uintptr, blocks int)

//go:linkname aescbcdecrypt runtime.aescbcdecrypt
func aescbcdecrypt(keys uintptr, rounds int, iv, dst, src uintptr, blocks int)

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

// EncryptionKeys are the round keys, for package gcm. They are for the natives only where SupportsAES.
func EncryptionKeys(c *Block) (keys *[60]uint32, rounds int) { return &c.enc, c.rounds }

// largest is how many bytes a native gets at once, as a goroutine is not preempted there: a quarter of a millisecond.
const largest = 256 << 10

func cryptBlocksEnc(c *Block, iv *[BlockSize]byte, dst, src []byte) {
	if !supportsAES {
		cryptBlocksEncGeneric(c, iv, dst, src)
		return
	}
	keys, v := uintptr(unsafe.Pointer(&c.enc)), uintptr(unsafe.Pointer(iv))
	for len(src) > 0 {
		n := min(len(src), largest)
		d, s := uintptr(unsafe.Pointer(unsafe.SliceData(dst))), uintptr(unsafe.Pointer(unsafe.SliceData(src)))
		aescbcencrypt(keys, c.rounds, v, d, s, n/BlockSize)
		dst, src = dst[n:], src[n:]
	}
}

func cryptBlocksDec(c *Block, iv *[BlockSize]byte, dst, src []byte) {
	if !supportsAES {
		cryptBlocksDecGeneric(c, iv, dst, src)
		return
	}
	keys, v := uintptr(unsafe.Pointer(&c.dec)), uintptr(unsafe.Pointer(iv))
	for len(src) > 0 {
		n := min(len(src), largest)
		d, s := uintptr(unsafe.Pointer(unsafe.SliceData(dst))), uintptr(unsafe.Pointer(unsafe.SliceData(src)))
		aescbcdecrypt(keys, c.rounds, v, d, s, n/BlockSize)
		dst, src = dst[n:], src[n:]
	}
}
