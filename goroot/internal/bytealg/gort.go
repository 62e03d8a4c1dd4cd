package bytealg

import "unsafe"

// Natives of the runtime (arch/x86_64/search.rs, compare.rs). They take addresses as numbers: a pointer given to a
// native counts as kept for ever.

//go:linkname cmpstring runtime.cmpstring
func cmpstring(a, b string) int

//go:linkname indexbyte runtime.indexbyte
func indexbyte(p uintptr, n int, c byte) int

//go:linkname countbyte runtime.countbyte
func countbyte(p uintptr, n int, c byte) int

//go:linkname indexshort runtime.indexshort
func indexshort(p uintptr, n int, q uintptr, m int) int

func of(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

func ofString(s string) uintptr { return uintptr(unsafe.Pointer(unsafe.StringData(s))) }

func Compare(a, b []byte) int {
	return cmpstring(unsafe.String(unsafe.SliceData(a), len(a)), unsafe.String(unsafe.SliceData(b), len(b)))
}

func CompareString(a, b string) int { return cmpstring(a, b) }

func IndexByte(b []byte, c byte) int { return indexbyte(of(b), len(b), c) }

func IndexByteString(s string, c byte) int { return indexbyte(ofString(s), len(s), c) }

func Count(b []byte, c byte) int { return countbyte(of(b), len(b), c) }

func CountString(s string, c byte) int { return countbyte(ofString(s), len(s), c) }

// MaxBruteForce is the length up to which Index alone is the best way to search.
const MaxBruteForce = 64

func init() { MaxLen = 63 }

// Cutover says after how many candidates of IndexByte, for n bytes searched, Index is better.
func Cutover(n int) int { return (n + 16) / 8 }

// Index is the first index of b in a, or -1; 2 <= len(b) <= MaxLen.
func Index(a, b []byte) int { return indexshort(of(a), len(a), of(b), len(b)) }

// IndexString is Index of strings.
func IndexString(a, b string) int { return indexshort(ofString(a), len(a), ofString(b), len(b)) }
