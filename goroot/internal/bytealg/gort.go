package bytealg

import "unsafe"

//go:linkname cmpstring runtime.cmpstring
func cmpstring(a, b string) int

func Compare(a, b []byte) int {
	return cmpstring(unsafe.String(unsafe.SliceData(a), len(a)), unsafe.String(unsafe.SliceData(b), len(b)))
}

func CompareString(a, b string) int { return cmpstring(a, b) }
