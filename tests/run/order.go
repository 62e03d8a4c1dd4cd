// The order in which operands are evaluated, where the specification leaves it open: calls first, then variables.
package main

import "fmt"

type T struct{ a, b, c, d, e, f int }

var g = 1

func setg(n int) int { g = n; return n }

func p2(a, b int)       { fmt.Println(a, b) }
func p3(a, b, c int)    { fmt.Println(a, b, c) }
func pT(t T, b int)     { fmt.Println(t, b) }
func pI(a any, b int)   { fmt.Println(a, b) }
func pS(s []int, b int) { fmt.Println(s, b) }
func vari(xs ...int)    { fmt.Println(xs) }

func main() {
	x := 1
	set := func(n int) int { x = n; return n }
	p2(x, set(2))
	p3(x, set(3), x)
	p3(x+1, set(4), x+1)
	p2(g, setg(2))
	p2(g+g, setg(3))
	ptr := &x
	p2(*ptr, set(5))
	p2(*ptr+1, set(6))
	arr := [3]int{1, 2, 3}
	seta := func(n int) int { arr[0] = n; return n }
	p2(arr[0], seta(9))
	t := T{a: 1}
	sett := func(n int) int { t.a = n; return n }
	pT(t, sett(7))
	pt := &t
	pT(*pt, sett(8))
	pI(x, set(10))
	pI(t.a, sett(11))
	s := []int{1}
	sets := func(n int) int { s = append(s, n); return n }
	pS(s, sets(3))
	p2(s[0], func() int { s[0] = 50; return 1 }())
	p2(len(s), sets(4))
	vari(x, set(20), x)
	fmt.Println(x, set(21), x)
	a, b := x, set(22)
	fmt.Println(a, b)
	y := x + set(23) + x
	fmt.Println(y)
	z := []int{x, set(24), x}
	fmt.Println(z)
	m := map[int]int{x: set(25), x + 1: x}
	fmt.Println(m)
	w := T{a: x, b: set(26), c: x}
	fmt.Println(w)
	arr[x%3], x = set(27), 5
	fmt.Println(arr, x)
	var str string = "a"
	sstr := func() string { str += "b"; return str }
	fmt.Println(str + sstr() + str)
	ch := make(chan int, 5)
	ch <- 1
	ch <- 2
	p2(<-ch, <-ch)
	ret := func() (int, int) { return x, set(28) }
	fmt.Println(ret())
	if x == set(29) {
		fmt.Println("eq")
	} else {
		fmt.Println("ne")
	}
	mm := map[string]int{"k": 1}
	setm := func(n int) int { mm["k"] = n; return n }
	p2(mm["k"], setm(5))
	var i any = 1
	seti := func(n int) int { i = n; return n }
	p2(i.(int), seti(6))
	func(f func() int, n int) { fmt.Println(f(), n) }(func() int { return x }, set(30))
	(func(a, b int) { fmt.Println(a, b) })(x, set(31))
	defer p2(x, set(32))
	defer func(a, b int) { fmt.Println(a, b) }(x, set(33))
	st := struct{ f func(a, b int) }{p2}
	st.f(x, set(34))
	var fn = p2
	fn(x, func() int { fn = func(a, b int) { fmt.Println("new", a, b) }; return set(35) }())
	more()
}

type counter struct{ n int }

func (c *counter) next() int    { c.n++; return c.n }
func (c counter) get(n int) int { return c.n*100 + n }

func pair(a, b int) (int, int) { return b, a }

func more() {
	c := &counter{}
	ch := make(chan int, 4)
	ch <- 5
	ch <- 6
	var got [3]int
	var ok bool
	got[c.next()-1], ok = <-ch
	fmt.Println(got, ok, len(ch))
	i := 0
	next := func() int { i++; return i }
	got[i], got[next()] = i*10, next()
	fmt.Println(got, i)
	got[i%3] = next()
	fmt.Println(got, i)
	x, y := pair(i, next())
	fmt.Println(x, y)
	fmt.Println(c.get(c.next()), c.n, (*c).get(c.next()))
	m := map[int]int{}
	m[i] = next()
	m[next()], m[i] = i, next()
	fmt.Println(m)
	m[i] += next()
	m[next()]++
	fmt.Println(m, i)
	b := i > 0 && next() > 0 || next() > 100
	fmt.Println(b, i, i == 0 || next() > 5, i)
	s := []int{1, 2, 3}
	cut := func() int { s = s[:1]; return 7 }
	fmt.Println(len(s), cut(), len(s), s)
	s = append(s, len(s), cut(), i, next())
	fmt.Println(s)
	s = append(s[:1], make([]int, next()-i+2)...)
	fmt.Println(s)
	var a any = i
	seta := func() string { a = "changed"; return "set" }
	fmt.Println(a, seta(), a)
	n, isInt := a.(int)
	fmt.Println(n, isInt)
	var text = "t"
	grow := func() string { text += "!"; return text }
	fmt.Println(text+grow()+text, []byte(text), string([]byte(grow())), text)
	if v := i + next(); v == i*2 {
		fmt.Println("late", v)
	}
	switch i + next() {
	case i * 2:
		fmt.Println("late too")
	default:
		fmt.Println("early")
	}
	for j := i; j < i+next()%2; j++ {
		fmt.Println("once")
		i = 0
		break
	}
	ch <- i + next()
	fmt.Println(<-ch, <-ch, i)
	f := func() (r int) {
		defer func() { r += i }()
		return i + next()
	}
	fmt.Println(f(), i)
	go func(a, b int) { ch <- a*100 + b }(i, next())
	fmt.Println(<-ch)
	type box struct {
		a, b int
		in   struct{ c []int }
	}
	bx := box{a: i, b: next(), in: struct{ c []int }{[]int{i, next()}}}
	fmt.Println(bx, &box{a: i, b: next()}, [2]box{{a: i}, {b: next()}})
	p := &i
	*p, i = next(), *p
	fmt.Println(i)
	fmt.Println(min(i, next(), i), max(i, next()), complex(float64(i), float64(next())))
	fs := []func() int{next, func() int { return i }}
	fmt.Println(fs[i%2](), fs[0](), i)
	func() {
		defer func() { fmt.Println(recover(), i) }()
		var none []int
		none[0] = next()
	}()
	func() {
		defer func() { fmt.Println(recover(), i) }()
		var none *counter
		fmt.Println(none.n, next())
	}()
}
