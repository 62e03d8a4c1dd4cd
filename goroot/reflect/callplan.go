package reflect

import (
	"internal/abi"
	"sync"
	"unsafe"
)

// How values lie in the frames that reflect builds, and how compiled code passes them: a plan a signature.
// The convention is the compiler's: a type with at most four scalars and no array travels as its scalars,
// any other as a pointer to a copy.

// callRegs is what the assembly loads before a call and stores after it. Its layout is known there.
type callRegs struct {
	ints   [maxResults]unsafe.Pointer // or numbers
	floats [maxResults]uint64
	code   unsafe.Pointer
	stack  unsafe.Pointer
	// Bytes of stack arguments, a multiple of 16: the callee pops them.
	stackBytes uintptr
}

const (
	intArgs    = 6
	floatArgs  = 8
	maxScalars = 4
	maxResults = 8
)

type moveKind uint8

const (
	moveInt       moveKind = iota // in integer register n
	moveFloat                     // in float register n
	moveStack                     // in stack word n
	moveIntAddr                   // its address is in integer register n
	moveStackAddr                 // its address is in stack word n
)

// A move is one scalar, or one value that is passed by address.
type move struct {
	kind moveKind
	n    int
	off  uintptr // in the frame
	size uintptr
}

// A callPlan says how a signature's frame and its registers correspond.
type callPlan struct {
	frame *abi.Type
	args  []move
	// Results in registers, unless they are in memory: then they lie at retOff in the frame as they lie
	// in the area whose address is an argument.
	results []move
	memory  bool
	area    move
	retOff  uintptr
	retSize uintptr
	// Bytes of stack arguments.
	stackBytes uintptr
	// Whether the callee expects a closure pointer before everything else.
	closure bool
}

type planKey struct {
	ftyp *funcType
	rcvr *abi.Type
}

var (
	plans      sync.Map // planKey → *callPlan
	framePlans sync.Map // frame's *abi.Type → *callPlan
)

// planOf is the plan of a function type, or of a method with a receiver of type rcvr.
func planOf(ftyp *funcType, rcvr *abi.Type) *callPlan {
	key := planKey{ftyp, rcvr}
	if p, ok := plans.Load(key); ok {
		return p.(*callPlan)
	}
	p, _ := plans.LoadOrStore(key, makePlan(ftyp, rcvr))
	return p.(*callPlan)
}

// planOfFrame is the plan of the signature that a frame type was made for.
func planOfFrame(frame *abi.Type) *callPlan {
	if p, ok := framePlans.Load(frame); ok {
		return p.(*callPlan)
	}
	var plan *callPlan
	layoutCache.Range(func(k, v any) bool {
		if v.(layoutType).t == frame {
			key := k.(layoutKey)
			plan = planOf(key.ftyp, key.rcvr)
		}
		return plan == nil
	})
	if plan == nil {
		panic("reflect: internal error: a call through a frame without layout")
	}
	framePlans.Store(frame, plan)
	return plan
}

func makePlan(ftyp *funcType, rcvr *abi.Type) *callPlan {
	frame, _, layout := funcLayout(ftyp, rcvr)
	p := &callPlan{frame: frame, retOff: layout.retOffset, retSize: layout.ret.stackBytes, closure: rcvr == nil}
	a := assigner{plan: p}
	if p.closure {
		a.ints++
	}
	a.planResults(ftyp, &layout)
	first := 0
	if rcvr != nil {
		a.pass(moveInt, layout.call.steps[0].stkOff, unsafe.Sizeof(uintptr(0)))
		first = 1
	}
	for i, t := range ftyp.InSlice() {
		if t.Size() == 0 {
			continue
		}
		off := layout.call.stepsForValue(i + first)[0].stkOff
		var buf [maxScalars]move
		scalars, ok := flatten(t, off, buf[:0])
		if !ok {
			a.pass(moveIntAddr, off, t.Size())
		}
		for _, s := range scalars {
			a.pass(s.kind, s.off, s.size)
		}
	}
	p.stackBytes = (uintptr(a.words)*8 + 15) &^ 15
	return p
}

// An assigner hands out registers and stack words in order.
type assigner struct {
	plan                *callPlan
	ints, floats, words int
}

// place finds where the next argument of a kind goes.
func (a *assigner) place(kind moveKind) (moveKind, int) {
	next, limit, full := &a.ints, intArgs, moveStack
	switch kind {
	case moveFloat:
		next, limit = &a.floats, floatArgs
	case moveIntAddr:
		full = moveStackAddr
	}
	if *next < limit {
		*next++
		return kind, *next - 1
	}
	a.words++
	return full, a.words - 1
}

func (a *assigner) pass(kind moveKind, off, size uintptr) {
	kind, n := a.place(kind)
	a.plan.args = append(a.plan.args, move{kind, n, off, size})
}

// planResults comes before the arguments: the address of a result area is passed before them.
func (a *assigner) planResults(ftyp *funcType, layout *abiDesc) {
	p := a.plan
	ints, floats := 0, 0
	for i, t := range ftyp.OutSlice() {
		if t.Size() == 0 {
			// An array without elements is no scalar either.
			continue
		}
		var buf [maxScalars]move
		scalars, ok := flatten(t, layout.ret.stepsForValue(i)[0].stkOff, buf[:0])
		p.memory = p.memory || !ok
		for _, s := range scalars {
			next := &ints
			if s.kind == moveFloat {
				next = &floats
			}
			s.n = *next
			*next++
			p.results = append(p.results, s)
		}
	}
	if p.memory || ints > maxResults || floats > maxResults {
		p.memory, p.results = true, nil
		kind, n := a.place(moveIntAddr)
		p.area = move{kind: kind, n: n}
	}
}

// flatten appends the scalars of a type at an offset; not ok if it has too many, or an array.
func flatten(t *abi.Type, off uintptr, out []move) ([]move, bool) {
	add := func(kind moveKind, sizes ...uintptr) bool {
		at := off
		for _, size := range sizes {
			if len(out) == maxScalars {
				return false
			}
			out = append(out, move{kind: kind, off: at, size: size})
			at += size
		}
		return true
	}
	const word = unsafe.Sizeof(uintptr(0))
	ok := true
	switch t.Kind() {
	case abi.String, abi.Interface:
		ok = add(moveInt, word, word)
	case abi.Slice:
		ok = add(moveInt, word, word, word)
	case abi.Float32, abi.Float64:
		ok = add(moveFloat, t.Size())
	case abi.Complex64, abi.Complex128:
		ok = add(moveFloat, t.Size()/2, t.Size()/2)
	case abi.Array:
		ok = t.Len() == 0
	case abi.Struct:
		st := (*structType)(unsafe.Pointer(t))
		for i := range st.Fields {
			f := &st.Fields[i]
			if out, ok = flatten(f.Typ, off+f.Offset, out); !ok {
				break
			}
		}
	default:
		ok = add(moveInt, t.Size())
	}
	if !ok {
		return nil, false
	}
	return out, true
}
