package main

import (
	"fmt"
	"reflect"
)

// Methods that structs without a name get from what they embed: dynamic assertions and reflection see them.

type T struct{ n int }

func (t T) String() string { return fmt.Sprint("T", t.n) }
func (t *T) Inc()          { t.n++ }

type incer interface{ Inc() }

func main() {
	var x any = struct{ T }{T{3}}
	s, ok := x.(fmt.Stringer)
	fmt.Println(s, ok)
	_, ok = x.(incer)
	fmt.Println(ok)
	var y any = &struct{ T }{T{3}}
	y.(incer).Inc()
	fmt.Println(y)
	var z any = struct{ *T }{&T{3}}
	z.(incer).Inc()
	fmt.Println(z)
	w := any(struct {
		fmt.Stringer
		n int
	}{T{9}, 1})
	fmt.Println(w, w.(interface{ String() string }).String())

	// Nothing here names the type *struct{ T; k int }.
	p := reflect.New(reflect.TypeOf(struct {
		T
		k int
	}{}))
	fmt.Println(p.Type().NumMethod(), p.Elem().Type().NumMethod())
	p.Interface().(incer).Inc()
	p.MethodByName("Inc").Call(nil)
	fmt.Println(p.Elem().Field(0), p.Type().Implements(reflect.TypeFor[incer]()))
}
