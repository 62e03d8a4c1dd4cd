package runtime

import "unsafe"

// g is the part of a G that Go code reads and writes. The offsets are gort_abi's G_*.
type g struct {
	stackguard uintptr
	_panic     *_panic // innermost panic
	_defer     *_defer // newest deferred call
	deferpool  *_defer // free records
	deferseq   uint64  // number of deferproc calls so far
	goid       uint64
	sig        uintptr // of the fault that sigpanic raises
	sigcode    uintptr
	sigaddr    uintptr
	sigpc      uintptr
	// Set by debug.SetPanicOnFault.
	paniconfault uintptr
	labels       unsafe.Pointer // of runtime/pprof
	boundsx      uintptr        // operands of a failed bounds check
	boundsy      uintptr
	bubble       *synctestBubble // of internal/synctest
	fips         uint64          // of crypto: the service indicator in the lowest byte, and fipsBypass
}

// A _defer is one deferred call. Records of a goroutine are linked newest first.
type _defer struct {
	link *_defer
	fn   func()
	fp   uintptr // rbp of the frame that deferred
	seq  uint64  // deferseq when deferred: tells the age of the frame without comparing addresses
	// frame is set in a record that lies in that frame: compiled code fills it, and unlinks it at a return.
	frame bool
}

// A _panic is a running panic, or a running Goexit.
type _panic struct {
	arg        any
	link       *_panic
	seq        uint64 // deferseq when it began: records up to here belong to older frames
	recovered  bool
	repanicked bool
	goexit     bool
}

// deferproc is never inlined: the call is where the compiler hangs the way to the recovery block.
//
//go:noinline
func deferproc(fn func(), fp uintptr) {
	gp := getg()
	d := gp.deferpool
	if d != nil {
		gp.deferpool = d.link
	} else {
		d = new(_defer)
	}
	gp.deferseq++
	d.fn = fn
	d.fp = fp
	d.seq = gp.deferseq
	d.link = gp._defer
	gp._defer = d
}

// defermark is the newest deferred call: those made later by inner frames come before it.
func defermark() *_defer { return getg()._defer }

// deferprocat defers fn for the frame fp from the body of a range over a function: behind the calls that the
// iterator's frames have deferred since the loop began.
func deferprocat(fn func(), fp uintptr, mark *_defer) {
	gp := getg()
	at := &gp._defer
	for *at != nil && *at != mark && (*at).fp != fp {
		at = &(*at).link
	}
	gp.deferseq++
	*at = &_defer{link: *at, fn: fn, fp: fp, seq: gp.deferseq}
}

// panicrangestate reports misuse of the body of a range over a function.
func panicrangestate(state int) {
	const start = "range function continued iteration after "
	switch state {
	case 0:
		panic(error(errorString(start + "function for loop body returned false")))
	case 2:
		panic(error(errorString(start + "loop body panic")))
	case 3:
		panic(error(errorString(start + "whole loop exit")))
	case 4:
		panic(error(errorString("range function recovered a loop body panic and did not resume panicking")))
	}
	throw("unexpected state set by defer panic")
}

// deferreturn runs the deferred calls of the frame fp, newest first.
//
//go:noinline
func deferreturn(fp uintptr) {
	gp := getg()
	for {
		d := gp._defer
		if d == nil || d.fp != fp {
			return
		}
		fn := d.fn
		freedefer(gp, d)
		fn()
	}
}

// freedefer unlinks the newest record and keeps it for reuse, unless it lies in a frame.
func freedefer(gp *g, d *_defer) {
	gp._defer = d.link
	d.fn = nil
	if d.frame {
		return
	}
	d.link = gp.deferpool
	gp.deferpool = d
}

func gopanic(e any) {
	if e == nil && godebugValue("panicnil") != "1" {
		e = new(PanicNilError)
	}
	gp := getg()
	p := new(_panic)
	p.arg = e
	p.seq = gp.deferseq
	p.link = gp._panic
	gp._panic = p
	panicdefers(1)
	for {
		d := gp._defer
		if d == nil {
			break
		}
		fn, fp, seq := d.fn, d.fp, d.seq
		freedefer(gp, d)
		fn()
		if p.recovered {
			panicdefers(-1)
			recovered(gp, p, fp, seq)
		}
	}
	var bubble *synctestBubble
	if e, ok := p.arg.(synctestDeadlockError); ok {
		bubble = e.bubble
	}
	preprintpanics(p)
	startpanic()
	printpanics(p)
	dopanic(bubble)
}

// recovered ends panic p and goes on in the frame fp, whose deferred call number seq recovered it.
// Older panics and Goexits that began above that frame are ended with it.
func recovered(gp *g, p *_panic, fp uintptr, seq uint64) {
	q := p.link
	for q != nil && seq <= q.seq {
		if q.goexit {
			// The frames of a Goexit must not come back to life: it goes on here.
			gp._panic = q.link
			gp.sig = 0
			Goexit()
		}
		panicdefers(-1)
		q = q.link
	}
	gp._panic = q
	gp.sig = 0
	recovery(fp)
}

// gorecover implements recover; fp is the rbp of the function that calls it.
func gorecover(fp uintptr) any {
	p := getg()._panic
	if p == nil || p.goexit || p.recovered || !canrecover(fp) {
		return nil
	}
	p.recovered = true
	return p.arg
}

// Goexit terminates the goroutine that calls it, after running all deferred calls.
func Goexit() {
	gp := getg()
	p := new(_panic)
	p.goexit = true
	p.seq = gp.deferseq
	p.link = gp._panic
	gp._panic = p
	for {
		d := gp._defer
		if d == nil {
			break
		}
		fn := d.fn
		freedefer(gp, d)
		fn()
	}
	gp._panic = nil
	goexit1()
}

type stringer interface {
	String() string
}

// throw ends the program: a bug of the runtime, or a fault that is no panic.
//
//go:noinline
func throw(s string) {
	printunderway()
	dothrow(s)
}

// fatal ends the program: a mistake that it cannot recover from.
//
//go:noinline
func fatal(s string) {
	printunderway()
	dofatal(s)
}

// printunderway prints the panics of the goroutine that a fatal error in a deferred call would hide.
func printunderway() {
	if p := getg()._panic; p != nil {
		printlock()
		printpanics(p)
		print("\t")
		printunlock()
	}
}

// preprintpanics turns errors and Stringers into strings while Go code may still run.
func preprintpanics(p *_panic) {
	defer preprintfailed()
	for p != nil {
		if p.link != nil && *efaceOf(&p.link.arg) == *efaceOf(&p.arg) {
			p.link.repanicked = true
			p = p.link
			continue
		}
		switch v := p.arg.(type) {
		case error:
			p.arg = v.Error()
		case stringer:
			p.arg = v.String()
		}
		p = p.link
	}
}

func preprintfailed() {
	const text = "panic while printing panic value"
	r := recover()
	if r == nil {
		return
	}
	if s, ok := r.(string); ok {
		throw(text + ": " + s)
	}
	throw(text + ": type " + typeString(efaceOf(&r)._type))
}

func printpanics(p *_panic) {
	if p.link != nil {
		printpanics(p.link)
		if p.link.repanicked {
			return
		}
		if !p.link.goexit {
			print("\t")
		}
	}
	if p.goexit {
		return
	}
	print("panic: ")
	printpanicval(p.arg)
	if p.recovered && p.repanicked {
		print(" [recovered, repanicked]")
	} else if p.recovered {
		print(" [recovered]")
	}
	print("\n")
}

func printpanicval(v any) {
	switch v := v.(type) {
	case nil:
		print("nil")
	case bool:
		print(v)
	case int:
		print(v)
	case int8:
		print(v)
	case int16:
		print(v)
	case int32:
		print(v)
	case int64:
		print(v)
	case uint:
		print(v)
	case uint8:
		print(v)
	case uint16:
		print(v)
	case uint32:
		print(v)
	case uint64:
		print(v)
	case uintptr:
		print(v)
	case float32:
		print(v)
	case float64:
		print(v)
	case complex64:
		print(v)
	case complex128:
		print(v)
	case string:
		printindented(v)
	default:
		printanycustomtype(v)
	}
}

// printanycustomtype prints a value of a named basic type with its type, others by address.
func printanycustomtype(i any) {
	e := efaceOf(&i)
	name := typeString(e._type)
	switch e._type.Kind_ {
	case kindBool:
		print(name, "(", *(*bool)(e.data), ")")
	case kindInt, kindInt64:
		print(name, "(", *(*int64)(e.data), ")")
	case kindInt8:
		print(name, "(", *(*int8)(e.data), ")")
	case kindInt16:
		print(name, "(", *(*int16)(e.data), ")")
	case kindInt32:
		print(name, "(", *(*int32)(e.data), ")")
	case kindUint, kindUint64, kindUintptr:
		print(name, "(", *(*uint64)(e.data), ")")
	case kindUint8:
		print(name, "(", *(*uint8)(e.data), ")")
	case kindUint16:
		print(name, "(", *(*uint16)(e.data), ")")
	case kindUint32:
		print(name, "(", *(*uint32)(e.data), ")")
	case kindFloat32:
		print(name, "(", *(*float32)(e.data), ")")
	case kindFloat64:
		print(name, "(", *(*float64)(e.data), ")")
	case kindComplex64:
		print(name, *(*complex64)(e.data))
	case kindComplex128:
		print(name, *(*complex128)(e.data))
	case kindString:
		print(name, "(\"")
		printindented(*(*string)(e.data))
		print("\")")
	default:
		print("(", name, ") ", e.data)
	}
}

// printindented prints s with a tab after each newline, so that no line of it looks like a trace.
func printindented(s string) {
	from := 0
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' {
			print(s[from:i+1], "\t")
			from = i + 1
		}
	}
	print(s[from:])
}

// sigpanic is entered by the signal handler as if the faulting instruction had called it.
func sigpanic() {
	gp := getg()
	switch gp.sig {
	case 11, 7: // SIGSEGV, SIGBUS
		if gp.sigaddr < 4096 && gp.sigcode != 0x80 {
			panicmem()
		}
		if gp.paniconfault != 0 {
			panic(errorAddressString{"invalid memory address or nil pointer dereference", gp.sigaddr})
		}
		printlock()
		print("unexpected fault address ")
		printhex(uint64(gp.sigaddr))
		print("\n")
		printunlock()
		throw("fault")
	case 8: // SIGFPE
		switch gp.sigcode {
		case 1:
			panicdivide()
		case 2:
			panicoverflow()
		}
		panicfloat()
	}
	throw("unexpected signal in sigpanic")
}

var _ = unsafe.Pointer(nil)
