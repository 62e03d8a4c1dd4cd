// Objects of types that reflection makes at run time.
package main

import (
	"fmt"
	"reflect"
)

func main() {
	elem := reflect.StructOf([]reflect.StructField{
		{Name: "Name", Type: reflect.TypeFor[string](), Tag: `json:"name"`},
		{Name: "Next", Type: reflect.TypeFor[*int]()},
	})
	n := 7
	v := reflect.New(elem).Elem()
	v.Field(0).SetString("one")
	v.Field(1).Set(reflect.ValueOf(&n))

	array := reflect.New(reflect.ArrayOf(300, elem)).Elem()
	array.Index(299).Set(v)
	slice := reflect.MakeSlice(reflect.SliceOf(elem), 0, 1)
	for range 5 {
		slice = reflect.Append(slice, array.Index(299))
	}
	m := reflect.MakeMap(reflect.MapOf(elem, reflect.ArrayOf(2, elem)))
	for i := range 20 {
		key := reflect.New(elem).Elem()
		key.Field(0).SetString(fmt.Sprint(i))
		pair := reflect.New(reflect.ArrayOf(2, elem)).Elem()
		pair.Index(1).Set(key)
		m.SetMapIndex(key, pair)
	}
	c := reflect.MakeChan(reflect.ChanOf(reflect.BothDir, elem), 3)
	c.Send(slice.Index(4))
	got, _ := c.Recv()
	key := reflect.New(elem).Elem()
	key.Field(0).SetString("13")
	fmt.Println(got.Field(0), *got.Field(1).Interface().(*int), m.Len(), m.MapIndex(key).Index(1).Field(0))
	fmt.Println(elem, m.Type(), slice.Len(), array.Index(299).Interface() == v.Interface())
	fmt.Println(reflect.Zero(reflect.ArrayOf(1<<20, elem)).Len())
}
