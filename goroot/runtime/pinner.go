package runtime

import "unsafe"

// A Pinner is a set of objects that neither move nor are freed. The heap never moves objects, so holding on to
// them is all there is to it.
type Pinner struct {
	*pinner
}

type pinner struct {
	refs []unsafe.Pointer
}

// Pin adds the object that pointer points to. The argument is a pointer of any type or an unsafe.Pointer.
func (p *Pinner) Pin(pointer any) {
	e := efaceOf(&pointer)
	if e._type == nil {
		panic(errorString("runtime.Pinner: argument is nil"))
	}
	if k := e._type.Kind_; k != kindPointer && k != kindUnsafePointer {
		panic(errorString("runtime.Pinner: argument is not a pointer: " + typeString(e._type)))
	}
	if p.pinner == nil {
		p.pinner = new(pinner)
	}
	p.refs = append(p.refs, e.data)
}

// Unpin lets go of all objects of the set.
func (p *Pinner) Unpin() {
	if p.pinner != nil {
		clear(p.refs)
		p.refs = p.refs[:0]
	}
}
