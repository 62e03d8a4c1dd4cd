// Package inner has an unexported method that other packages cannot name.
package inner

type Inner struct{ N int }

func (i Inner) name() string { return "inner" }

type Namer interface{ name() string }

func Name(n Namer) string { return n.name() }
