// Which operands are copied before the calls of the same statement, because they become interfaces by way of their address.
package main

import "fmt"

type box struct{ a, b int }

func pp(p *box, n int)        { fmt.Println(*p, n) }
func pa(p any, n int)         { fmt.Println(p, n) }
func pv(p box, n int)         { fmt.Println(p, n) }
func ps(p []int, n int)       { fmt.Println(p, n) }
func pm(p map[int]int, n int) { fmt.Println(p, n) }

//go:noinline
func qp(p *box, n int) { fmt.Println(*p, n) }

//go:noinline
func qa(p any, n int) { fmt.Println(p, n) }

var keep *box

func main() {
	i := 0
	next := func() int { i++; return i }
	pp(&box{a: i}, next())
	qp(&box{a: i}, next())
	pp(&box{a: i, b: next()}, next())
	pa(&box{a: i}, next())
	qa(&box{a: i}, next())
	qa(box{a: i}, next())
	qa([]int{i}, next())
	qa([2]int{i}, next())
	qa(&[]int{i}, next())
	pa(i, next())
	pv(box{a: i}, next())
	ps([]int{i}, next())
	pm(map[int]int{1: i}, next())
	var n int
	keep, n = &box{a: i}, next()
	fmt.Println(*keep, n)
	x := []*box{{a: i}, {a: next()}, {a: i, b: next()}}
	for _, p := range x {
		fmt.Println(*p)
	}
	y := []any{&box{a: i}, box{a: i}, next(), i, &i, func() int { return i }, []int{i}, [1]int{i}, "s", any(i)}
	for _, p := range y {
		switch p := p.(type) {
		case func() int:
			fmt.Println(p())
		case *int:
			fmt.Println(*p)
		default:
			fmt.Println(p)
		}
	}
	t := struct {
		p *box
		n int
	}{&box{a: i}, next()}
	fmt.Println(*t.p, t.n)
}
