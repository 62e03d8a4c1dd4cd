// Interface values that reflection makes equal those that compiled code makes, also for named interfaces.
package main

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"runtime"
)

type shower interface{ String() string }

func main() {
	var r io.Reader
	b := new(bytes.Buffer)
	reflect.ValueOf(&r).Elem().Set(reflect.ValueOf(b))
	fmt.Println(r == io.Reader(b), r == b)

	var s shower
	reflect.ValueOf(&s).Elem().Set(reflect.ValueOf(b))
	var anon interface{ String() string } = b
	fmt.Println(s == anon, s == shower(b))
	m := map[shower]int{b: 7}
	fmt.Println(m[s])

	// The name of a type made at run time, in a text of the runtime.
	a := reflect.ArrayOf(2, reflect.TypeFor[[]int]())
	defer func() { fmt.Println(recover()) }()
	var p runtime.Pinner
	p.Pin(b)
	p.Pin(&a)
	p.Unpin()
	fmt.Println(reflect.Zero(a).Interface() == reflect.Zero(a).Interface())
}

type inner struct{ n int }

func (i *inner) String() string { return fmt.Sprint("inner ", i.n) }

type Outer struct {
	b int
	inner
}

func init() {
	// Methods of pointers to a struct without a name, and the identity of promoted ones.
	p := reflect.New(reflect.TypeOf(struct{ inner }{})).Interface()
	fmt.Println(p.(shower).String())
	m := reflect.TypeFor[*Outer]().Method(0)
	fmt.Println(m.Name, m.Func.UnsafePointer() == reflect.ValueOf((*Outer).String).UnsafePointer())
	f := (*Outer).String
	fmt.Println(f(&Outer{1, inner{2}}))
}
