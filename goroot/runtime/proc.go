package runtime

import "unsafe"

// An initTask runs the init functions of one package; fns are func values.
type initTask struct {
	state uint32 // 0 not yet, 1 running, 2 done
	nfns  uint32
}

//go:linkname main_main main.main
func main_main()

// main is the main goroutine: init tasks in dependency order, main.main, exit.
func main() {
	mainstart(godebugDefault)
	lockthread(1) // init functions run on the first thread
	doInitTasks()
	lockthread(-1)
	main_main()
	// A goroutine that panics beside us gets some time to print and end the process.
	for i := 0; i < 1000 && panicsrunning(); i++ {
		timesleep(1000)
	}
	runExitHooks(0)
	mainexit()
}

// goexit stands for what called the first function of a goroutine: stacks end with its name. Nothing calls it.
//
//go:noinline
func goexit() {}

// doInitTasks runs the tasks listed in go:main.inittasks: a count, then pointers.
func doInitTasks() {
	list := inittasks()
	n := *(*uintptr)(list)
	for i := uintptr(1); i <= n; i++ {
		doInit1(*(**initTask)(add(list, i*8)))
	}
}

func doInit1(t *initTask) {
	switch t.state {
	case 2:
		return
	case 1:
		throw("recursive call during initialization - linker skew")
	}
	t.state = 1
	traced := initbegins()
	for i := uintptr(0); i < uintptr(t.nfns); i++ {
		f := *(*func())(add(unsafe.Pointer(t), 8+i*8))
		f()
	}
	if traced {
		first := *(**uintptr)(add(unsafe.Pointer(t), 8))
		initended(*first)
	}
	t.state = 2
}

// Gosched yields the processor, so that other goroutines can run.
func Gosched() { goschedNative() }

// GOMAXPROCS sets the number of Ps, if n is at least 1, and returns the previous number.
func GOMAXPROCS(n int) int {
	for {
		if old := setmaxprocs(n); old >= 0 {
			return old
		}
		Gosched() // somebody else stops the world just now
	}
}

// SetDefaultGOMAXPROCS sets the number of Ps to what it would be if the program had never set it, and from then on it follows the
// number of CPUs again.
func SetDefaultGOMAXPROCS() {
	for !setdefaultmaxprocs() {
		Gosched()
	}
}

// NumCPU returns the number of CPUs that this process may use.
func NumCPU() int { return ncpu() }

// NumGoroutine returns the number of goroutines that exist.
func NumGoroutine() int { return gcount() }

// NumCgoCall returns 0: there is no cgo.
func NumCgoCall() int64 { return 0 }

// LockOSThread wires the calling goroutine to its current thread.
func LockOSThread() { lockthread(1) }

// UnlockOSThread undoes one LockOSThread.
func UnlockOSThread() { lockthread(-1) }

// Breakpoint executes a breakpoint trap.
func Breakpoint() { breakpoint() }

func breakpoint()

// KeepAlive marks its argument as reachable up to here: it is a call that needs it.
//
//go:noinline
func KeepAlive(x any) {}
