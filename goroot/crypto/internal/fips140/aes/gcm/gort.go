package gcm

import (
	"crypto/internal/fips140/aes"
	"crypto/internal/fips140/subtle"
	"crypto/internal/fips140deps/byteorder"
	"crypto/internal/fips140deps/cpu"
	"crypto/internal/impl"
	"unsafe"
)

// Natives of the runtime (simd/ghash.rs). They take addresses as numbers: a pointer given to a native counts as kept
// for ever.

//go:linkname ghashinit runtime.ghashinit
func ghashinit(powers, key uintptr)

//go:linkname ghashnative runtime.ghash
func ghashnative(powers, sum, p uintptr, n int)

var supportsGCM = cpu.X86HasAES && cpu.X86HasPCLMULQDQ

func init() { impl.Register("gcm", "AES-NI", &supportsGCM) }

// native reports whether the natives are to be used. They need blocks made for those of package aes.
func native() bool { return supportsGCM && aes.SupportsAES() }

func checkGenericIsExpected() {
	if native() {
		panic("gcm: internal error: using generic implementation despite hardware support")
	}
}

// gcmPlatformData holds powers of the hash's key.
type gcmPlatformData struct {
	powers [8][gcmBlockSize]byte
}

func initGCM(g *GCM) {
	if !native() {
		return
	}
	var key [gcmBlockSize]byte
	aes.EncryptBlockInternal(&g.cipher, key[:], key[:])
	ghashinit(uintptr(unsafe.Pointer(&g.powers)), uintptr(unsafe.Pointer(&key)))
}

// hash adds p, filled up with zeros to whole blocks, to the sum.
func (g *GCM) hash(sum *[gcmBlockSize]byte, p []byte) {
	s := uintptr(unsafe.Pointer(sum))
	ghashnative(uintptr(unsafe.Pointer(&g.powers)), s, uintptr(unsafe.Pointer(unsafe.SliceData(p))), len(p))
}

// lengths adds the last block, lengths in bytes, to the sum.
func (g *GCM) lengths(sum *[gcmBlockSize]byte, first, second int) {
	var block [gcmBlockSize]byte
	byteorder.BEPutUint64(block[:8], uint64(first)*8)
	byteorder.BEPutUint64(block[8:], uint64(second)*8)
	g.hash(sum, block[:])
}

// start gives the mask of the tag and the counter of the first block of text.
func (g *GCM) start(nonce []byte) (mask [gcmBlockSize]byte, hi, lo uint64) {
	var counter [gcmBlockSize]byte
	if len(nonce) == gcmStandardNonceSize {
		copy(counter[:], nonce)
		counter[gcmBlockSize-1] = 1
	} else {
		g.hash(&counter, nonce)
		g.lengths(&counter, 0, len(nonce))
	}
	hi, lo = byteorder.BEUint64(counter[:8]), byteorder.BEUint64(counter[8:])
	hi, lo = aes.CTR32(&g.cipher, mask[:], mask[:], hi, lo)
	return
}

func (g *GCM) tag(mask *[gcmBlockSize]byte, ciphertext, data []byte) (tag [gcmTagSize]byte) {
	g.hash(&tag, data)
	g.hash(&tag, ciphertext)
	g.lengths(&tag, len(data), len(ciphertext))
	subtle.XORBytes(tag[:], tag[:], mask[:])
	return
}

func seal(out []byte, g *GCM, nonce, plaintext, data []byte) {
	if !native() {
		sealGeneric(out, g, nonce, plaintext, data)
		return
	}
	mask, hi, lo := g.start(nonce)
	aes.CTR32(&g.cipher, out, plaintext, hi, lo)
	tag := g.tag(&mask, out[:len(plaintext)], data)
	copy(out[len(plaintext):], tag[:])
}

func open(out []byte, g *GCM, nonce, ciphertext, data []byte) error {
	if !native() {
		return openGeneric(out, g, nonce, ciphertext, data)
	}
	given := ciphertext[len(ciphertext)-g.tagSize:]
	ciphertext = ciphertext[:len(ciphertext)-g.tagSize]
	mask, hi, lo := g.start(nonce)
	tag := g.tag(&mask, ciphertext, data)
	if subtle.ConstantTimeCompare(tag[:g.tagSize], given) != 1 {
		return errOpen
	}
	aes.CTR32(&g.cipher, out, ciphertext, hi, lo)
	return nil
}
