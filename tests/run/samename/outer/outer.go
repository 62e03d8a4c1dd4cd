// Package outer embeds a type and has an unexported method of the same spelling.
package outer

import "samename/inner"

type Outer struct {
	inner.Inner
	Extra int
}

func (o *Outer) name() string { return "outer" }

type Namer interface{ name() string }

func Name(n Namer) string { return n.name() }

// Both is what has both methods.
type Both interface {
	Namer
	inner.Namer
}
