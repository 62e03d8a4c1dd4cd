// Unexported methods of two packages share a spelling: they are different methods, and so are their wrappers.
package main

import (
	"fmt"
	"samename/inner"
	"samename/outer"
)

type deep struct{ *outer.Outer }

func main() {
	o := &outer.Outer{Inner: inner.Inner{N: 1}}
	fmt.Println(inner.Name(o), outer.Name(o))
	d := deep{o}
	var b outer.Both = d
	fmt.Println(inner.Name(b), outer.Name(b))
	var x any = &d
	if n, ok := x.(inner.Namer); ok {
		fmt.Println(inner.Name(n))
	}
	if n, ok := x.(outer.Namer); ok {
		fmt.Println(outer.Name(n))
	}
}
