// Large values behind nil pointers are read where official Go reads them: before what they are given to can panic itself.
package main

import "fmt"

type big struct {
	a, b, c, d, e, f int
	s                string
}

type holder struct{ v big }

func try(what string, f func()) {
	defer func() { fmt.Println(what, recover()) }()
	f()
}

func take(b big) int { return b.a }

func two(b big, n int) int { return b.a + n }
func boom() int            { panic("boom") }

//go:noinline
func give() *big { return nil }

var sink any

func main() {
	p := give()
	var none map[string]big
	var noKey map[big]int
	closed := make(chan big, 1)
	close(closed)
	open := make(chan big, 1)
	var nilChan chan big
	_ = nilChan
	var list []big
	var arr [2]big
	k := 5
	try("map element", func() { none["k"] = *p })
	try("map key", func() { noKey[*p] = 1 })
	try("map key read", func() { fmt.Println(noKey[*p]) })
	try("delete", func() { delete(noKey, *p) })
	try("closed", func() { closed <- *p })
	try("send", func() { open <- *p })
	try("select", func() {
		select {
		case closed <- *p:
		default:
		}
	})
	try("append", func() { list = append(list, *p) })
	try("index", func() { list[k] = *p })
	try("array", func() { arr[k%8] = *p })
	try("call", func() { fmt.Println(take(*p)) })
	try("call with panic", func() { fmt.Println(two(*p, boom())) })
	try("slice literal", func() { fmt.Println([]big{*p, {a: boom()}}) })
	try("interface", func() { sink = *p })
	try("compare", func() { fmt.Println(*p == arr[0]) })
	try("compare interface", func() { fmt.Println(sink == any(*p)) })
	try("composite", func() { fmt.Println(holder{*p}) })
	try("map literal", func() { fmt.Println(map[string]big{"x": *p}) })
	try("range", func() {
		for i, v := range [1]big{*p} {
			fmt.Println(i, v)
		}
	})
	try("swap", func() { arr[0], none["k"] = *p, arr[1] })
	try("return", func() { func() big { return *p }() })
	try("through", func() { none["k"] = (*holder)(nil).v })
	try("deferred", func() { defer take(*p); panic("later") })
	try("go", func() { go take(*p); fmt.Println("started") })
	try("method", func() { fmt.Println((*holder)(nil).get()) })
	try("assertion", func() { none["k"] = sink.(big) })
	fmt.Println(len(list), len(open), arr[0].a)
}

func (h holder) get() int { return h.v.a }
