package main

import (
	"fmt"
	"reflect"
	"strings"
)

type P struct{ X, Y int }
type Big struct {
	A [3]int
	S string
}
type Five struct{ a, b, c, d, e int32 }

func (p P) Add(q P) P      { return P{p.X + q.X, p.Y + q.Y} }
func (p *P) Scale(k int)   { p.X *= k; p.Y *= k }
func (p P) String() string { return fmt.Sprintf("<%d,%d>", p.X, p.Y) }
func (b Big) Sum(f float64) (float64, string) {
	return float64(b.A[0]+b.A[1]+b.A[2]) + f, b.S
}

func many(a int8, b string, c float32, d []int, e Big, f complex128, g any, h uint16, i, j, k, l, m, n, o float64, p Five) (Five, string, Big) {
	p.a += int32(a)
	e.S += b
	return p, fmt.Sprint(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p), e
}
func two(a, b int) (int, error)             { return a * b, fmt.Errorf("e%d", a) }
func nine() (a, b, c, d, e, f, g, h, i int) { return 1, 2, 3, 4, 5, 6, 7, 8, 9 }
func vari(s string, xs ...int) string       { return fmt.Sprint(s, xs) }

type I interface{ Add(P) P }

func main() {
	v := reflect.ValueOf
	for _, r := range v(many).Call([]reflect.Value{v(int8(-3)), v("bb"), v(float32(1.5)), v([]int{1, 2}), v(Big{[3]int{1, 2, 3}, "s"}), v(complex(1, 2)), v(any(7)), v(uint16(65535)), v(1.), v(2.), v(3.), v(4.), v(5.), v(6.), v(7.), v(Five{1, 2, 3, 4, 5})}) {
		fmt.Printf("%v %+v\n", r.Type(), r)
	}
	for _, r := range v(two).Call([]reflect.Value{v(6), v(7)}) {
		fmt.Println(r)
	}
	for _, r := range v(nine).Call(nil) {
		fmt.Print(r, " ")
	}
	fmt.Println(v(vari).Call([]reflect.Value{v("x"), v(1), v(2)})[0], v(vari).CallSlice([]reflect.Value{v("x"), v([]int{3})})[0])
	p := &P{1, 2}
	fmt.Println(v(p).NumMethod(), v(*p).NumMethod())
	v(p).MethodByName("Scale").Call([]reflect.Value{v(10)})
	fmt.Println(p, v(*p).Method(0).Call([]reflect.Value{v(P{5, 5})})[0])
	fmt.Println(v(Big{[3]int{1, 2, 3}, "q"}).Method(0).Call([]reflect.Value{v(0.5)}))
	m, _ := reflect.TypeOf(Big{}).MethodByName("Sum")
	fmt.Println(m.Type, m.Func.Call([]reflect.Value{v(Big{[3]int{1, 2, 3}, "q"}), v(0.25)}))
	f := m.Func.Interface().(func(Big, float64) (float64, string))
	fmt.Println(f(Big{S: "zz"}, 3))
	g := v(Big{S: "mv"}).Method(0).Interface().(func(float64) (float64, string))
	fmt.Println(g(3))
	h := v(p).Method(0).Interface().(func(P) P)
	fmt.Println(h(P{1, 1}))
	var i I = p
	fmt.Println(v(&i).Elem().Method(0).Call([]reflect.Value{v(P{7, 7})})[0])
	mf := reflect.MakeFunc(reflect.TypeOf(many), func(in []reflect.Value) []reflect.Value {
		for _, x := range in {
			fmt.Print(x, ";")
		}
		fmt.Println()
		return []reflect.Value{in[15], v("made"), in[4]}
	}).Interface().(func(a int8, b string, c float32, d []int, e Big, f complex128, g any, h uint16, i, j, k, l, m, n, o float64, p Five) (Five, string, Big))
	fmt.Println(mf(-1, "b", 2.5, []int{9}, Big{[3]int{4, 5, 6}, "t"}, 3i, "any", 12, 1, 2, 3, 4, 5, 6, 7, Five{9, 8, 7, 6, 5}))
	swap := reflect.MakeFunc(reflect.TypeOf(func(a, b string) (string, string) { return "", "" }), func(in []reflect.Value) []reflect.Value { return []reflect.Value{in[1], in[0]} })
	fmt.Println(swap.Interface().(func(a, b string) (string, string))("x", "y"))
	up := reflect.MakeFunc(reflect.FuncOf([]reflect.Type{reflect.TypeOf("")}, []reflect.Type{reflect.TypeOf("")}, false), func(in []reflect.Value) []reflect.Value {
		return []reflect.Value{v(strings.ToUpper(in[0].String()))}
	})
	fmt.Println(up.Call([]reflect.Value{v("up")})[0])
	func() {
		defer reflect.MakeFunc(reflect.TypeOf(func() {}), func([]reflect.Value) []reflect.Value { fmt.Println("rec", recover()); return nil }).Interface().(func())()
		panic("one")
	}()
	func() {
		defer func() { fmt.Println("outer", recover()) }()
		v(func() { panic("in call") }).Call(nil)
	}()
	var rec func(n int) int
	rec = reflect.MakeFunc(reflect.TypeOf(rec), func(in []reflect.Value) []reflect.Value {
		n := in[0].Interface().(int)
		if n == 0 {
			return []reflect.Value{v(0)}
		}
		return []reflect.Value{v(rec(n-1) + 1)}
	}).Interface().(func(int) int)
	fmt.Println(rec(3000))
	done := make(chan int)
	go v(func(c chan int) { c <- rec(100) }).Call([]reflect.Value{v(done)})
	fmt.Println(<-done)
}
