package runtime

import "unsafe"

// What compiled code calls besides what gc has under the same name.

// deferredrecover is what `defer recover()` runs. It recovers when the function that deferred it was
// itself called by a panic; run by the panic directly, it recovers nothing.
func deferredrecover() {
	p := getg()._panic
	if p != nil && !p.goexit && !p.recovered && candeferredrecover() {
		p.recovered = true
	}
}

// unsafestringcheck panics unless unsafe.String(ptr, n) is allowed.
func unsafestringcheck(ptr unsafe.Pointer, n int) {
	if n < 0 || uintptr(n) > -uintptr(ptr) {
		if ptr != nil || n < 0 {
			panic(errorString("unsafe.String: len out of range"))
		}
		panic(errorString("unsafe.String: ptr is nil and len is not zero"))
	}
}

// unsafeslicecheck panics unless unsafe.Slice of n elements of a size is allowed.
func unsafeslicecheck(size uintptr, ptr unsafe.Pointer, n int) {
	if n < 0 {
		panic(errorString("unsafe.Slice: len out of range"))
	}
	if ptr == nil {
		if n > 0 {
			panic(errorString("unsafe.Slice: ptr is nil and len is not zero"))
		}
		return
	}
	if size != 0 && uintptr(n) > -uintptr(ptr)/size {
		panic(errorString("unsafe.Slice: len out of range"))
	}
}

func isNaN(f float64) bool { return f != f }

func isInf(f float64) bool { return !isNaN(f) && isNaN(f-f) }

func isFinite(f float64) bool { return !isNaN(f - f) }

func signed(f float64, negative bool) float64 {
	if (*(*uint64)(unsafe.Pointer(&f))>>63 != 0) != negative {
		return -f
	}
	return f
}

func negative(f float64) bool { return *(*uint64)(unsafe.Pointer(&f))>>63 != 0 }

// boxed is 1 for an infinity and 0 for anything finite, with the sign of f.
func boxed(f float64) float64 {
	g := 0.0
	if isInf(f) {
		g = 1
	}
	return signed(g, negative(f))
}

// complex128div divides as C99's Annex G asks: by the larger part, with infinities put right afterwards.
func complex128div(ar, ai, br, bi float64) (float64, float64) {
	var re, im float64
	abs := func(f float64) float64 { return signed(f, false) }
	if abs(br) >= abs(bi) {
		ratio := bi / br
		denom := br + ratio*bi
		re = (ar + ai*ratio) / denom
		im = (ai - ar*ratio) / denom
	} else {
		ratio := br / bi
		denom := bi + ratio*br
		re = (ar*ratio + ai) / denom
		im = (ai*ratio - ar) / denom
	}
	if isNaN(re) && isNaN(im) {
		switch {
		case br == 0 && bi == 0 && (!isNaN(ar) || !isNaN(ai)):
			inf := signed(infinity(), negative(br))
			re, im = inf*ar, inf*ai
		case (isInf(ar) || isInf(ai)) && isFinite(br) && isFinite(bi):
			a, b := boxed(ar), boxed(ai)
			re, im = infinity()*(a*br+b*bi), infinity()*(b*br-a*bi)
		case (isInf(br) || isInf(bi)) && isFinite(ar) && isFinite(ai):
			c, d := boxed(br), boxed(bi)
			re, im = 0*(ar*c+ai*d), 0*(ai*c-ar*d)
		}
	}
	return re, im
}

func infinity() float64 {
	bits := uint64(0x7ff0000000000000)
	return *(*float64)(unsafe.Pointer(&bits))
}
