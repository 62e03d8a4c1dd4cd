package main

// An object dies in the function that has used it last: what a register that a callee saves, a spilled word or a large frame
// below holds of it does not count. KeepAlive counts.

import (
	"fmt"
	"runtime"
	"weak"
)

type object struct{ a [64]int }

//go:noinline
func make1(n int) *object { return &object{[64]int{n}} }

//go:noinline
func use(os ...*object) (sum int) {
	for _, o := range os {
		sum += o.a[0]
	}
	return sum
}

func alive(ws ...weak.Pointer[object]) (n int) {
	runtime.GC()
	for _, w := range ws {
		if w.Value() != nil {
			n++
		}
	}
	return n
}

// More values than there are registers, across calls.
//
//go:noinline
func spilled() {
	a, b, c, d, e, f := make1(1), make1(2), make1(3), make1(4), make1(5), make1(6)
	ws := []weak.Pointer[object]{weak.Make(a), weak.Make(b), weak.Make(c), weak.Make(d), weak.Make(e), weak.Make(f)}
	fmt.Println("all", alive(ws...))
	x := a.a[0] + b.a[0] + c.a[0]
	fmt.Println("three", alive(ws...))
	x += d.a[0] + e.a[0] + f.a[0]
	fmt.Println("none", alive(ws...), x)
}

//go:noinline
func parameter(p *object, w weak.Pointer[object]) {
	fmt.Println("before", alive(w))
	n := p.a[0]
	fmt.Println("behind", alive(w), n)
}

//go:noinline
func kept() {
	p := make1(7)
	w := weak.Make(p)
	fmt.Println("kept", alive(w))
	runtime.KeepAlive(p)
	fmt.Println("not kept", alive(w))
}

// The large variable holds nothing before it is used, whatever lay there.
//
//go:noinline
func large() int {
	p := make1(8)
	w := weak.Make(p)
	n := p.a[0]
	fmt.Println("large", alive(w))
	var st runtime.MemStats
	runtime.ReadMemStats(&st)
	return n + int(st.NumGC&0)
}

// What a panic leaves behind is read by the deferred call, and nothing else.
//
//go:noinline
func recovered() (p *object) {
	q := make1(9)
	w := weak.Make(q)
	defer func() {
		r := recover()
		fmt.Println("recovered", r != nil, alive(w), use(p))
	}()
	p = make1(10)
	var none *object
	q.a[1] = use(q, none)
	return
}

type pair struct{ left, right *object }

//go:noinline
func (p *pair) fill(a, b *object) { p.left, p.right = a, b }

//go:noinline
func (p *pair) sum() int { return p.left.a[0] + p.right.a[0] }

// A variable whose address is taken is needed while somebody has the address, and no longer.
//
//go:noinline
func addressed() {
	a, b := make1(11), make1(12)
	ws := []weak.Pointer[object]{weak.Make(a), weak.Make(b)}
	var p pair
	p.fill(a, b)
	q := &p
	fmt.Println("pair", alive(ws...))
	n := q.sum()
	fmt.Println("no pair", alive(ws...), n)
}

type ring struct {
	next *ring
	o    *object
}

// From one variable to the next, all in the frame.
//
//go:noinline
func chained(n int) {
	o := make1(13)
	w := weak.Make(o)
	var a, b, c ring
	a.next, b.next, c.next = &b, &c, &a
	c.o = o
	at := &a
	fmt.Println("chain", alive(w))
	for range n {
		at = at.next
	}
	fmt.Println("end", at.o.a[0])
	fmt.Println("no chain", alive(w))
}

// Deferred closures refer to variables of frames, from frames and from the heap.
//
//go:noinline
func deferred() {
	o := make1(14)
	w := weak.Make(o)
	for i := range 3 {
		defer func() { fmt.Println("deferred", i, o.a[0], alive(w)) }()
	}
	fmt.Println("held", alive(w))
}

// Another goroutine's variable, which a channel refers to while it waits.
func waiting() {
	c, done := make(chan *object), make(chan weak.Pointer[object])
	go func() {
		o := make1(15)
		w := weak.Make(o)
		s := [2]*object{o, o}
		done <- w
		select {
		case c <- s[1]:
		case c <- s[0]:
		}
		done <- w
	}()
	w := <-done
	runtime.Gosched()
	fmt.Println("waiting", alive(w))
	o := <-c
	fmt.Println("got", o.a[0])
	<-done
	fmt.Println("taken", alive(w))
}

// A goroutine's closure is no longer needed than its function needs it.
func started() {
	o := make1(21)
	w := weak.Make(o)
	c := make(chan int)
	go func() {
		c <- o.a[0]
		c <- 0
	}()
	fmt.Println("started", <-c)
	fmt.Println("closure", alive(w))
	<-c
}

// What has been received does not stay in the variable that it came through.
//
//go:noinline
func received() {
	c := make(chan *object, 2)
	c <- make1(16)
	c <- make1(17)
	close(c)
	for {
		o, ok := <-c
		if !ok {
			return
		}
		w := weak.Make(o)
		fmt.Println("received", o.a[0])
		fmt.Println("not kept", alive(w))
	}
}

// A frame that has faulted needs what its recovery needs.
//
//go:noinline
func faulted(none *int) (n int) {
	o := make1(18)
	w := weak.Make(o)
	n = o.a[0]
	defer func() {
		fmt.Println("faulted", recover() != nil, alive(w), n)
	}()
	return *none + o.a[1]
}

// A jump table: what is needed behind it is needed before it.
//
//go:noinline
func table(k int) {
	o := make1(19)
	w := weak.Make(o)
	p := &pair{o, o}
	p.fill(o, make1(20))
	for {
		n := alive(w)
		switch k {
		case 0:
			fmt.Println("case 0", n)
		case 1:
			fmt.Println("case 1", n, p.sum())
			return
		case 2:
			fmt.Println("case 2", n, p.left.a[0])
		case 3:
			fmt.Println("case 3", n)
		case 4:
			fmt.Println("case 4", n, p.right.a[0])
		default:
			return
		}
		k--
	}
}

func main() {
	addressed()
	chained(2)
	deferred()
	waiting()
	started()
	received()
	fmt.Println(faulted(nil))
	table(4)
	spilled()
	p := make1(0)
	parameter(p, weak.Make(p))
	kept()
	fmt.Println(large())
	fmt.Println(recovered().a[0])
}
