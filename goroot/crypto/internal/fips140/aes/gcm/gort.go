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

//go:linkname gcmcrypt runtime.gcmcrypt
func gcmcrypt(message uintptr)

// message is what gcmcrypt works with.
type message struct {
	keys    *[60]uint32
	rounds  int
	powers  *[16][gcmBlockSize]byte
	data    *byte
	dataLen int
	dst     *byte
	src     *byte
	n       int
	counter [gcmBlockSize]byte // of the tag's mask; those of the text follow
	tag     [gcmTagSize]byte   // the result
	opens   bool
}

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
	powers [16][gcmBlockSize]byte
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

// crypt is the text from src to dst, and gives the tag.
func (g *GCM) crypt(dst, src, nonce, data []byte, opens bool) [gcmTagSize]byte {
	m := message{
		powers: &g.powers,
		data:   unsafe.SliceData(data), dataLen: len(data),
		dst: unsafe.SliceData(dst), src: unsafe.SliceData(src), n: len(src),
		opens: opens,
	}
	m.keys, m.rounds = aes.EncryptionKeys(&g.cipher)
	if len(nonce) == gcmStandardNonceSize {
		copy(m.counter[:], nonce)
		m.counter[gcmBlockSize-1] = 1
	} else {
		g.hash(&m.counter, nonce)
		g.lengths(&m.counter, 0, len(nonce))
	}
	gcmcrypt(uintptr(unsafe.Pointer(&m)))
	return m.tag
}

func seal(out []byte, g *GCM, nonce, plaintext, data []byte) {
	if !native() {
		sealGeneric(out, g, nonce, plaintext, data)
		return
	}
	tag := g.crypt(out, plaintext, nonce, data, false)
	copy(out[len(plaintext):], tag[:])
}

// What open leaves in out after an error, its caller clears.
func open(out []byte, g *GCM, nonce, ciphertext, data []byte) error {
	if !native() {
		return openGeneric(out, g, nonce, ciphertext, data)
	}
	given := ciphertext[len(ciphertext)-g.tagSize:]
	tag := g.crypt(out, ciphertext[:len(ciphertext)-g.tagSize], nonce, data, true)
	if subtle.ConstantTimeCompare(tag[:g.tagSize], given) != 1 {
		return errOpen
	}
	return nil
}
