// Sums, ciphers and large numbers at all short lengths and around the steps of the native code: one line for each
// kind, to be compared with what official Go prints.
package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"fmt"
	"hash"
	"hash/crc32"
	"math/big"
)

var lengths = func() (all []int) {
	for n := range 300 {
		all = append(all, n)
	}
	return append(all, 383, 384, 385, 511, 512, 1023, 3071, 3072, 3073, 6543, 10000)
}()

func data(n int) []byte {
	b := make([]byte, n+1)
	for i := range b {
		b[i] = byte(i*i>>3 + 7*i)
	}
	return b[1:] // at an odd address
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func main() {
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	all := sha256.New()
	var ieee, c uint32
	for _, n := range lengths {
		b := data(n)
		s := sha256.Sum256(b)
		all.Write(s[:])
		h := sha256.New()
		for i := 0; i < n; i += 37 {
			h.Write(b[i:min(n, i+37)])
		}
		if !bytes.Equal(h.Sum(nil), s[:]) {
			fmt.Println("in parts", n)
		}
		ieee = crc32.Update(ieee, crc32.IEEETable, b)
		c = crc32.Update(c, castagnoli, b)
	}
	fmt.Printf("sha256 %x\ncrc32 %08x %08x\n", all.Sum(nil), ieee, c)

	for name, h := range []func() hash.Hash{md5.New, sha1.New, sha512.New, sha512.New384} {
		all := sha256.New()
		for _, n := range lengths {
			b, whole, parts := data(n), h(), h()
			whole.Write(b)
			for i := 0; i < n; i += 101 {
				parts.Write(b[i:min(n, i+101)])
			}
			s := whole.Sum(nil)
			all.Write(s)
			if !bytes.Equal(parts.Sum(nil), s) {
				fmt.Println("in parts", name, n)
			}
		}
		fmt.Printf("hash %d %x\n", name, all.Sum(nil)[:8])
	}

	all.Reset()
	for _, n := range lengths {
		x, y := data(n), data(n + 2)[1:]
		want := make([]byte, n+2)
		for i := range x {
			want[i+1] = x[i] ^ y[i]
		}
		out := make([]byte, n+2)
		subtle.WithDataIndependentTiming(func() { subtle.XORBytes(out[1:], x, y) })
		if !bytes.Equal(out, want) {
			fmt.Println("xor", n)
		}
		for _, place := range [][]byte{x, y[:n]} {
			before := bytes.Clone(place)
			subtle.XORBytes(place, x, y)
			if !bytes.Equal(place, want[1:n+1]) {
				fmt.Println("xor in place", n)
			}
			copy(place, before)
		}
		all.Write(out)
	}
	fmt.Printf("xor %x\n", all.Sum(nil)[:8])

	for _, size := range []int{16, 24, 32} {
		block := must(aes.NewCipher(data(size)))
		sum := sha256.New()
		x := data(16)
		for range 100 {
			block.Encrypt(x, x)
			sum.Write(x)
		}
		for range 100 {
			block.Decrypt(x, x)
		}
		fmt.Printf("aes %d %x %v\n", 8*size, sum.Sum(nil)[:8], bytes.Equal(x, data(16)))

		// counters that carry within a step, over 32, 64 and 128 bits
		for _, low := range []byte{0, 0xf0, 0xf9, 0xff} {
			for _, ones := range []int{0, 4, 8, 16} {
				iv := data(16)
				for i := range ones {
					iv[15-i] = 0xff
				}
				iv[15] = low
				stream := cipher.NewCTR(block, iv)
				for _, n := range lengths {
					b := data(n)
					stream.XORKeyStream(b, b)
					sum.Write(b)
				}
			}
		}
		fmt.Printf("ctr %x\n", sum.Sum(nil)[:8])

		iv := data(16)
		for n := 0; n < 400; n += 16 {
			b := data(n)
			cipher.NewCBCEncrypter(block, iv).CryptBlocks(b, b)
			sum.Write(b)
			cipher.NewCBCDecrypter(block, iv).CryptBlocks(b, b)
			if !bytes.Equal(b, data(n)) {
				fmt.Println("cbc", n)
			}
		}
		fmt.Printf("cbc %x\n", sum.Sum(nil)[:8])

		// more than natives get at once; the counter carries behind the border
		iv = bytes.Repeat([]byte{0xff}, 16)
		iv[14] = 0xbe
		for _, n := range []int{256 << 10, 256<<10 + 48, 600000} {
			b, there, back := data(n), make([]byte, n), make([]byte, n)
			cipher.NewCTR(block, iv).XORKeyStream(there, b)
			sum.Write(there)
			cipher.NewCBCEncrypter(block, iv).CryptBlocks(there, b)
			sum.Write(there)
			cipher.NewCBCDecrypter(block, iv).CryptBlocks(back, there)
			if !bytes.Equal(b, back) {
				fmt.Println("long cbc", n)
			}
		}
		fmt.Printf("long %x\n", sum.Sum(nil)[:8])

		for _, nonces := range []int{12, 1, 16, 40} {
			gcm := must(cipher.NewGCMWithNonceSize(block, nonces))
			for _, n := range lengths {
				nonce, plain, extra := data(nonces), data(n), data(n*7%61)
				sealed := gcm.Seal(nil, nonce, plain, extra)
				sum.Write(sealed)
				place := append(make([]byte, 0, n+16), plain...)
				if !bytes.Equal(gcm.Seal(place[:0], nonce, place, extra), sealed) {
					fmt.Println("gcm in place", n)
				}
				if !bytes.Equal(must(gcm.Open(nil, nonce, sealed, extra)), plain) {
					fmt.Println("gcm open", n)
				}
				sealed[n*5%len(sealed)] ^= 4
				if out, err := gcm.Open(nil, nonce, sealed, extra); err == nil || out != nil {
					fmt.Println("gcm opened what is wrong", n)
				}
			}
		}
		fmt.Printf("gcm %x\n", sum.Sum(nil)[:8])
	}

	sum := sha256.New()
	number := func(words int, seed int64) *big.Int {
		z := new(big.Int).Exp(big.NewInt(seed), big.NewInt(int64(words)*16), nil)
		return z.Rsh(z, uint(max(0, z.BitLen()-64*words)))
	}
	for n := 1; n < 70; n++ {
		x, y := number(n, 1000003), number(max(1, n*7%23), 999983)
		ones := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(64*n)), big.NewInt(1))
		z := new(big.Int)
		for _, a := range []*big.Int{x, ones} {
			for _, b := range []*big.Int{x, y, ones} {
				sum.Write(z.Add(a, b).Bytes())
				sum.Write(z.Sub(a, b).Bytes())
				sum.Write(z.Mul(a, b).Bytes())
				sum.Write(z.Quo(z, b).Bytes())
				sum.Write(z.Rem(a, b).Bytes())
				z.Set(a)
				sum.Write(z.Add(z, z).Bytes())
				sum.Write(z.Sub(z, b).Bytes())
			}
			for s := range uint(66) {
				sum.Write(z.Lsh(a, s).Bytes())
				sum.Write(z.Rsh(z, s/2).Bytes())
			}
			sum.Write([]byte(a.String()))
		}
	}
	fmt.Printf("big %x\n", sum.Sum(nil)[:8])
}
