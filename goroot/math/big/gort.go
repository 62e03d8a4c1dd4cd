package big

import "unsafe"

// Natives of the runtime (arch/x86_64/bignum.rs). They take addresses as numbers: a pointer given to a native counts
// as kept for ever.

//go:linkname addvv runtime.addvv
func addvv(z, x, y uintptr, n int) Word

//go:linkname subvv runtime.subvv
func subvv(z, x, y uintptr, n int) Word

//go:linkname lshvu runtime.lshvu
func lshvu(z, x uintptr, n int, s uint) Word

//go:linkname rshvu runtime.rshvu
func rshvu(z, x uintptr, n int, s uint) Word

//go:linkname muladdvww runtime.muladdvww
func muladdvww(z, x uintptr, n int, m, a Word) Word

//go:linkname addmulvvww runtime.addmulvvww
func addmulvvww(z, x, y uintptr, n int, m, a Word) Word

func words(x []Word) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(x))) }

func addVV(z, x, y []Word) (c Word) {
	if len(x) != len(z) || len(y) != len(z) {
		panic("addVV len")
	}
	return addvv(words(z), words(x), words(y), len(z))
}

func subVV(z, x, y []Word) (c Word) {
	if len(x) != len(z) || len(y) != len(z) {
		panic("subVV len")
	}
	return subvv(words(z), words(x), words(y), len(z))
}

func lshVU(z, x []Word, s uint) (c Word) {
	if s == 0 || s >= _W || len(z) == 0 || len(x) != len(z) {
		return lshVU_g(z, x, s)
	}
	return lshvu(words(z), words(x), len(z), s)
}

func rshVU(z, x []Word, s uint) (c Word) {
	if s == 0 || s >= _W || len(z) == 0 || len(x) != len(z) {
		return rshVU_g(z, x, s)
	}
	return rshvu(words(z), words(x), len(z), s)
}

func mulAddVWW(z, x []Word, m, a Word) (c Word) {
	if len(x) != len(z) {
		panic("mulAddVWW len")
	}
	return muladdvww(words(z), words(x), len(z), m, a)
}

func addMulVVWW(z, x, y []Word, m, a Word) (c Word) {
	if len(x) != len(z) || len(y) != len(z) {
		panic("addMulVVWW len")
	}
	return addmulvvww(words(z), words(x), words(y), len(z), m, a)
}

// Two names of earlier versions, which modules take by linkname.

func addMulVVW(z, x []Word, y Word) (c Word) { return addMulVVWW(z, z, x, y, 0) }

func shlVU(z, x []Word, s uint) (c Word) {
	if s == 0 {
		copy(z, x)
		return 0
	}
	return lshVU(z, x, s)
}
