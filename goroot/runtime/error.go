package runtime

import "unsafe"

// Error identifies a run time error.
type Error interface {
	error
	// RuntimeError is a no-op that tells run time errors from ordinary errors.
	RuntimeError()
}

// A TypeAssertionError explains a failed type assertion.
type TypeAssertionError struct {
	_interface    *_type
	concrete      *_type
	asserted      *_type
	missingMethod string
}

func (*TypeAssertionError) RuntimeError() {}

func (e *TypeAssertionError) Error() string {
	const head = "interface conversion: "
	want := typeString(e.asserted)
	if e.concrete == nil {
		from := "interface"
		if e._interface != nil {
			from = typeString(e._interface)
		}
		return head + from + " is nil, not " + want
	}
	have := typeString(e.concrete)
	if e.missingMethod != "" {
		return head + have + " is not " + want + ": missing method " + e.missingMethod
	}
	from := "interface"
	if e._interface != nil {
		from = typeString(e._interface)
	}
	msg := head + from + " is " + have + ", not " + want
	if have == want {
		if typePkgPath(e.concrete) != typePkgPath(e.asserted) {
			return msg + " (types from different packages)"
		}
		return msg + " (types from different scopes)"
	}
	return msg
}

// errorString is a run time error with a fixed text.
type errorString string

func (e errorString) RuntimeError() {}

func (e errorString) Error() string { return "runtime error: " + string(e) }

// errorAddressString is a memory fault with the address that faulted.
type errorAddressString struct {
	msg  string
	addr uintptr
}

func (e errorAddressString) RuntimeError() {}

func (e errorAddressString) Error() string { return "runtime error: " + e.msg }

// Addr returns the address of the fault.
func (e errorAddressString) Addr() uintptr { return e.addr }

// plainError is a run time error whose text has no prefix.
type plainError string

func (e plainError) RuntimeError() {}

func (e plainError) Error() string { return string(e) }

// A PanicNilError happens when code calls panic(nil).
type PanicNilError struct {
	_ [0]func()
}

// Error returns the text of the error.
func (*PanicNilError) Error() string { return "runtime error: panic called with nil argument" }

// RuntimeError marks this as a run time error.
func (*PanicNilError) RuntimeError() {}

// Codes of boundsError, in gc's order.
const (
	boundsIndex = iota
	boundsSliceAlen
	boundsSliceAcap
	boundsSliceB
	boundsSlice3Alen
	boundsSlice3Acap
	boundsSlice3B
	boundsSlice3C
	boundsConvert
)

type boundsError struct {
	x      int64
	y      int
	signed bool
	code   uint8
}

func (e boundsError) RuntimeError() {}

func (e boundsError) Error() string {
	x, y := utoa(uint64(e.x)), utoa(uint64(e.y))
	if e.signed {
		x = itoa(e.x)
	}
	neg := e.signed && e.x < 0
	const idx = "runtime error: index out of range ["
	const bounds = "runtime error: slice bounds out of range ["
	switch e.code {
	case boundsIndex:
		if neg {
			return idx + x + "]"
		}
		return idx + x + "] with length " + y
	case boundsSliceAlen, boundsSliceAcap:
		if neg {
			return bounds + ":" + x + "]"
		}
		if e.code == boundsSliceAlen {
			return bounds + ":" + x + "] with length " + y
		}
		return bounds + ":" + x + "] with capacity " + y
	case boundsSliceB:
		if neg {
			return bounds + x + ":]"
		}
		return bounds + x + ":" + y + "]"
	case boundsSlice3Alen, boundsSlice3Acap:
		if neg {
			return bounds + "::" + x + "]"
		}
		if e.code == boundsSlice3Alen {
			return bounds + "::" + x + "] with length " + y
		}
		return bounds + "::" + x + "] with capacity " + y
	case boundsSlice3B:
		if neg {
			return bounds + ":" + x + ":]"
		}
		return bounds + ":" + x + ":" + y + "]"
	case boundsSlice3C:
		if neg {
			return bounds + x + "::]"
		}
		return bounds + x + ":" + y + ":]"
	}
	return "runtime error: cannot convert slice with length " + y +
		" to array or pointer to array with length " + x
}

func utoa(v uint64) string {
	var buf [20]byte
	i := 19
	for v >= 10 {
		buf[i] = byte(v%10) + '0'
		v /= 10
		i--
	}
	buf[i] = byte(v) + '0'
	return slicebytetostring((*byte)(add(unsafe.Pointer(&buf), uintptr(i))), 20-i)
}

func itoa(v int64) string {
	if v < 0 {
		return "-" + utoa(uint64(-v))
	}
	return utoa(uint64(v))
}

// throwBounds panics; code that checks bounds has left the operands in the g.
func throwBounds(signed bool, code uint8) {
	gp := getg()
	panic(boundsError{int64(gp.boundsx), int(gp.boundsy), signed, code})
}

func panicIndex()       { throwBounds(true, boundsIndex) }
func panicIndexU()      { throwBounds(false, boundsIndex) }
func panicSliceAlen()   { throwBounds(true, boundsSliceAlen) }
func panicSliceAlenU()  { throwBounds(false, boundsSliceAlen) }
func panicSliceAcap()   { throwBounds(true, boundsSliceAcap) }
func panicSliceAcapU()  { throwBounds(false, boundsSliceAcap) }
func panicSliceB()      { throwBounds(true, boundsSliceB) }
func panicSliceBU()     { throwBounds(false, boundsSliceB) }
func panicSlice3Alen()  { throwBounds(true, boundsSlice3Alen) }
func panicSlice3AlenU() { throwBounds(false, boundsSlice3Alen) }
func panicSlice3Acap()  { throwBounds(true, boundsSlice3Acap) }
func panicSlice3AcapU() { throwBounds(false, boundsSlice3Acap) }
func panicSlice3B()     { throwBounds(true, boundsSlice3B) }
func panicSlice3BU()    { throwBounds(false, boundsSlice3B) }
func panicSlice3C()     { throwBounds(true, boundsSlice3C) }
func panicSlice3CU()    { throwBounds(false, boundsSlice3C) }

// panicSliceConvert: the length of the array, then that of the slice, as in gc.
func panicSliceConvert() { throwBounds(true, boundsConvert) }

var divideError = error(errorString("integer divide by zero"))

var overflowError = error(errorString("integer overflow"))

func panicdivide()   { panic(divideError) }
func panicoverflow() { panic(overflowError) }
func panicshift()    { panic(error(errorString("negative shift amount"))) }
func panicfloat()    { panic(error(errorString("floating point error"))) }
func panicmem() {
	panic(error(errorString("invalid memory address or nil pointer dereference")))
}
func panicmemAddr(addr uintptr) {
	panic(error(errorAddressString{"invalid memory address or nil pointer dereference", addr}))
}

func panicunsafeslicelen() { panic(error(errorString("unsafe.Slice: len out of range"))) }
func panicunsafeslicenilptr() {
	panic(error(errorString("unsafe.Slice: ptr is nil and len is not zero")))
}
func panicunsafestringlen() { panic(error(errorString("unsafe.String: len out of range"))) }
func panicunsafestringnilptr() {
	panic(error(errorString("unsafe.String: ptr is nil and len is not zero")))
}

// panicwrap is called by a wrapper of a value method whose pointer receiver is nil.
func panicwrap() {
	var pcs [2]uintptr
	name := ""
	if callers(1, &pcs[0], 1) == 1 {
		name = funcNameAt(pcs[0] - 1)
	}
	// name is like "main.(*T).F"
	i := 0
	for i < len(name) && name[i] != '(' {
		i++
	}
	j := i
	for j < len(name) && name[j] != ')' {
		j++
	}
	if i < 1 || i+2 > j || j+2 > len(name) {
		throw("panicwrap: unexpected function name: " + name)
	}
	pkg, typ, meth := name[:i-1], name[i+2:j], name[j+2:]
	panic(plainError("value method " + pkg + "." + typ + "." + meth +
		" called using nil *" + typ + " pointer"))
}

// Codes with which native code asks for a panic in the goroutine that called it.
const (
	npSendClosed = iota
	npCloseNil
	npCloseClosed
	npMakechanSize
	npMakesliceLen
	npMakesliceCap
	npGrowslice
	npConcatTooLong
	npOutOfMemorySlice
)

// nativepanic is entered by native code in place of its own return.
func nativepanic(code int) {
	switch code {
	case npSendClosed:
		panic(error(plainError("send on closed channel")))
	case npCloseNil:
		panic(error(plainError("close of nil channel")))
	case npCloseClosed:
		panic(error(plainError("close of closed channel")))
	case npMakechanSize:
		panic(error(plainError("makechan: size out of range")))
	case npMakesliceLen:
		panic(error(errorString("makeslice: len out of range")))
	case npMakesliceCap:
		panic(error(errorString("makeslice: cap out of range")))
	case npGrowslice:
		panic(error(errorString("growslice: len out of range")))
	case npConcatTooLong:
		throw("string concatenation too long")
	}
	throw("nativepanic: unknown code")
}

// unreachableMethod stands in itabs where the compiler found that the method is never called.
func unreachableMethod() {
	throw("unreachable method called")
}
