package runtime

import "unsafe"

// Finalizers: the checks of SetFinalizer, and the goroutine that calls what has become due. Which that is:
// gc/special.rs and gc/finq.rs.

func isvariable(p unsafe.Pointer) bool
func setfinalizer(obj, fn unsafe.Pointer, ft *functype, pointer *_type) bool
func removefinalizer(obj unsafe.Pointer)
func finstart() bool
func fintake(f *finalizerCall) bool
func finwait()
func finidle() bool

// maxTinySize is what smaller objects without pointers may share.
const maxTinySize = 16

// SetFinalizer sets the finalizer associated with obj to the provided finalizer function: the goroutine of finalizers
// will call it with obj when that has become unreachable, once. A nil finalizer takes back what was set.
func SetFinalizer(obj any, finalizer any) {
	e := efaceOf(&obj)
	etyp := e._type
	if etyp == nil {
		throw("runtime.SetFinalizer: first argument is nil")
	}
	if etyp.Kind_ != kindPointer {
		throw("runtime.SetFinalizer: first argument is " + typeString(etyp) + ", not pointer")
	}
	elem := (*ptrtype)(unsafe.Pointer(etyp)).Elem
	var object [4]uintptr // first byte, bytes, type
	if !heapobject(e.data, &object) {
		if isvariable(e.data) {
			return // it lives as long as the program
		}
		throw("runtime.SetFinalizer: pointer not in allocated block")
	}
	// A small object without pointers may be one of several in a block.
	if uintptr(e.data) != object[0] && (elem.PtrBytes != 0 || elem.Size_ >= maxTinySize) {
		throw("runtime.SetFinalizer: pointer not at beginning of allocated block")
	}
	f := efaceOf(&finalizer)
	ftyp := f._type
	if ftyp == nil {
		removefinalizer(e.data)
		return
	}
	if ftyp.Kind_ != kindFunc {
		throw("runtime.SetFinalizer: second argument is " + typeString(ftyp) + ", not a function")
	}
	ft := (*functype)(unsafe.Pointer(ftyp))
	cannot := func() string {
		return "runtime.SetFinalizer: cannot pass " + typeString(etyp) + " to finalizer " + typeString(ftyp)
	}
	if ft.isVariadic() {
		throw(cannot() + " because dotdotdot")
	}
	if ft.InCount != 1 || !assignable(etyp, ft.param(0)) {
		throw(cannot())
	}
	createfing()
	if !setfinalizer(e.data, f.data, ft, etyp) {
		throw("runtime.SetFinalizer: finalizer already set")
	}
}

// assignable tells whether a pointer of type t may be the argument of a parameter.
func assignable(t, param *_type) bool {
	switch {
	case param == t:
		return true
	case param.Kind_ == kindPointer:
		// One of the two has no name.
		return (uncommon(param) == nil || uncommon(t) == nil) &&
			(*ptrtype)(unsafe.Pointer(param)).Elem == (*ptrtype)(unsafe.Pointer(t)).Elem
	case param.Kind_ == kindInterface:
		inter := (*interfacetype)(unsafe.Pointer(param))
		return len(inter.Methods) == 0 || assertE2I2(inter, t) != nil
	}
	return false
}

func createfing() {
	if finstart() {
		newsystem(runFinalizers)
	}
}

// finalizerCall is a finalizer that is due. Its layout is known to native code.
type finalizerCall struct {
	obj     unsafe.Pointer
	fn      unsafe.Pointer // a func value
	ft      *functype      // its type
	pointer *_type         // of obj
}

// runFinalizers is the goroutine of finalizers.
func runFinalizers() {
	for {
		var f finalizerCall
		if fintake(&f) {
			f.call()
		} else {
			finwait()
		}
	}
}

// maxResult is the room for results in memory, in words, that a call has in its frame.
const maxResult = 64

// call calls the finalizer, whatever its results are. Where those lie, compiled code's convention says
// (reflect/callplan.go): in registers, which nobody looks at, or in an area whose address goes in front of the
// arguments. A pointer is one word of arguments, and an interface two.
func (f *finalizerCall) call() {
	argument := f.ft.param(0)
	words, inMemory := f.ft.resultWords()
	if !inMemory {
		if argument.Kind_ == kindPointer {
			(*(*func(unsafe.Pointer))(unsafe.Pointer(&f.fn)))(f.obj)
		} else {
			(*(*func(any))(unsafe.Pointer(&f.fn)))(f.asInterface(argument))
		}
		return
	}
	// Results may be all that refers to an object while the finalizer runs.
	var room [maxResult]unsafe.Pointer
	area := room[:]
	if words > maxResult {
		area = make([]unsafe.Pointer, words)
	}
	at := unsafe.Pointer(unsafe.SliceData(area))
	if argument.Kind_ == kindPointer {
		(*(*func(area, obj unsafe.Pointer))(unsafe.Pointer(&f.fn)))(at, f.obj)
	} else {
		(*(*func(unsafe.Pointer, any))(unsafe.Pointer(&f.fn)))(at, f.asInterface(argument))
	}
}

// asInterface is obj as a value of the interface type argument.
func (f *finalizerCall) asInterface(argument *_type) (v any) {
	e := efaceOf(&v)
	e._type, e.data = f.pointer, f.obj
	if inter := (*interfacetype)(unsafe.Pointer(argument)); len(inter.Methods) != 0 {
		(*iface)(unsafe.Pointer(e)).tab = assertE2I(inter, f.pointer)
	}
	return v
}

// blockUntilEmptyFinalizerQueue waits for all finalizers that are due; false if that takes longer than so many
// nanoseconds.
func blockUntilEmptyFinalizerQueue(timeout int64) bool { return waitFor(timeout, finidle) }
