package reflect

import (
	"internal/abi"
	"unsafe"
)

// Calls between reflect's frames in memory and compiled code, both ways. The assembly half moves registers:
// callSmall and callLarge call with what a callRegs holds, makeFuncStub and methodValueCall are the code of
// functions that reflect makes; they spill the argument registers and enter makeFuncCall or methodCall.

// Stack arguments that callSmall has room for, in bytes.
const smallStack = 256

func callSmall(r *callRegs)
func callLarge(r *callRegs)

// callFrame calls fn, a pointer to a code address, with arguments from a frame, and puts the results there.
//
//go:linkname callFrame runtime.reflectcall
func callFrame(frametype *abi.Type, fn, frame unsafe.Pointer, _, _, _ uint32, _ *abi.RegArgs) {
	p := planOfFrame(frametype)
	var r callRegs
	var words [smallStack / 8]unsafe.Pointer
	stack := words[:]
	if p.stackBytes > smallStack {
		stack = make([]unsafe.Pointer, p.stackBytes/8)
	}
	r.code = *(*unsafe.Pointer)(fn)
	r.stack = unsafe.Pointer(unsafe.SliceData(stack))
	r.stackBytes = p.stackBytes
	if p.closure {
		r.ints[0] = fn
	}
	for i := range p.args {
		m := &p.args[i]
		from := unsafe.Add(frame, m.off)
		switch m.kind {
		case moveInt:
			r.ints[m.n] = unsafe.Pointer(loadScalar(from, m.size))
		case moveFloat:
			r.floats[m.n] = uint64(loadScalar(from, m.size))
		case moveStack:
			stack[m.n] = unsafe.Pointer(loadScalar(from, m.size))
		case moveIntAddr:
			r.ints[m.n] = from
		case moveStackAddr:
			stack[m.n] = from
		}
	}
	if p.memory {
		area := unsafe.Add(frame, p.retOff)
		if p.area.kind == moveIntAddr {
			r.ints[p.area.n] = area
		} else {
			stack[p.area.n] = area
		}
	}
	if p.stackBytes > smallStack {
		callLarge(&r)
	} else {
		callSmall(&r)
	}
	for i := range p.results {
		m := &p.results[i]
		from := uintptr(r.ints[m.n])
		if m.kind == moveFloat {
			from = uintptr(r.floats[m.n])
		}
		// Nothing was there before, so that no barrier is needed.
		storeScalar(unsafe.Add(frame, m.off), from, m.size)
	}
}

// spilled are the argument registers as the stubs save them.
type spilled struct {
	ints   [intArgs]uintptr
	floats [floatArgs]uint64
}

func makeFuncCall(ctxt *makeFuncImpl, regs *spilled, stack unsafe.Pointer) *callRegs {
	p := planOf(ctxt.ftyp, nil)
	frame := p.frameOf(regs, stack)
	var valid bool
	callReflect(ctxt, frame, &valid, new(abi.RegArgs))
	return p.giveResults(frame, regs, stack)
}

func methodCall(ctxt *methodValue, regs *spilled, stack unsafe.Pointer) *callRegs {
	_, ftyp, _ := methodReceiver("call", ctxt.rcvr, ctxt.method)
	p := planOf(ftyp, nil)
	frame := p.frameOf(regs, stack)
	var valid bool
	callMethod(ctxt, frame, &valid, new(abi.RegArgs))
	return p.giveResults(frame, regs, stack)
}

// frameOf is a frame with the arguments that a stub was called with.
func (p *callPlan) frameOf(regs *spilled, stack unsafe.Pointer) unsafe.Pointer {
	frame := unsafe_New(p.frame)
	for i := range p.args {
		m := &p.args[i]
		to := unsafe.Add(frame, m.off)
		switch m.kind {
		case moveInt:
			storeScalar(to, regs.ints[m.n], m.size)
		case moveFloat:
			storeScalar(to, uintptr(regs.floats[m.n]), m.size)
		case moveStack:
			storeScalar(to, stackWord(stack, m.n), m.size)
		case moveIntAddr:
			memmove(to, unsafe.Pointer(regs.ints[m.n]), m.size)
		case moveStackAddr:
			memmove(to, unsafe.Pointer(stackWord(stack, m.n)), m.size)
		}
	}
	return frame
}

// giveResults takes the results from a frame to where the stub's caller expects them.
func (p *callPlan) giveResults(frame unsafe.Pointer, regs *spilled, stack unsafe.Pointer) *callRegs {
	r := &callRegs{stackBytes: p.stackBytes}
	if p.memory {
		area := unsafe.Pointer(nil)
		if p.area.kind == moveIntAddr {
			area = unsafe.Pointer(regs.ints[p.area.n])
		} else {
			area = unsafe.Pointer(stackWord(stack, p.area.n))
		}
		memmove(area, unsafe.Add(frame, p.retOff), p.retSize)
		return r
	}
	for i := range p.results {
		m := &p.results[i]
		v := loadScalar(unsafe.Add(frame, m.off), m.size)
		if m.kind == moveFloat {
			r.floats[m.n] = uint64(v)
		} else {
			r.ints[m.n] = unsafe.Pointer(v)
		}
	}
	return r
}

func stackWord(stack unsafe.Pointer, n int) uintptr {
	return *(*uintptr)(unsafe.Add(stack, n*8))
}

func loadScalar(p unsafe.Pointer, size uintptr) uintptr {
	switch size {
	case 1:
		return uintptr(*(*uint8)(p))
	case 2:
		return uintptr(*(*uint16)(p))
	case 4:
		return uintptr(*(*uint32)(p))
	}
	return *(*uintptr)(p)
}

func storeScalar(p unsafe.Pointer, v, size uintptr) {
	switch size {
	case 1:
		*(*uint8)(p) = uint8(v)
	case 2:
		*(*uint16)(p) = uint16(v)
	case 4:
		*(*uint32)(p) = uint32(v)
	default:
		*(*uintptr)(p) = v
	}
}
