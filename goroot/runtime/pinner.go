package runtime

import "unsafe"

// A Pinner keeps objects where they are, and in memory, until it is told to let go of them. No object ever moves, so it
// only has to refer to them.
type Pinner struct {
	*pinned
}

// pinned is what copies of a Pinner share.
type pinned struct {
	refs []unsafe.Pointer
}

// Pin keeps the object that a pointer points to.
func (p *Pinner) Pin(pointer any) {
	e := efaceOf(&pointer)
	if e._type == nil {
		panic(errorString("runtime.Pinner: argument is nil"))
	}
	if kind := e._type.Kind_; kind != kindPointer && kind != kindUnsafePointer {
		panic(errorString("runtime.Pinner: argument is not a pointer: " + typeString(e._type)))
	}
	if p.pinned == nil {
		p.pinned = new(pinned)
	}
	p.refs = append(p.refs, e.data)
}

// Unpin lets go of all objects.
func (p *Pinner) Unpin() {
	if p.pinned != nil {
		clear(p.refs)
		p.refs = p.refs[:0]
	}
}
