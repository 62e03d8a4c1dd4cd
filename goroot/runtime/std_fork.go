package runtime

import "unsafe"

// For syscall.forkExec: between fork and exec the child shares this process's memory, so signals are blocked
// and the goroutine is not preempted.

func forkbegin()
func forkend()
func forkchild()

//go:linkname syscall_runtime_BeforeFork syscall.runtime_BeforeFork
func syscall_runtime_BeforeFork() { forkbegin() }

//go:linkname syscall_runtime_AfterFork syscall.runtime_AfterFork
func syscall_runtime_AfterFork() { forkend() }

//go:linkname syscall_runtime_AfterForkInChild syscall.runtime_AfterForkInChild
func syscall_runtime_AfterForkInChild() { forkchild() }

// A thread that is being made while the process execs ends with the others.

//go:linkname syscall_runtime_BeforeExec syscall.runtime_BeforeExec
func syscall_runtime_BeforeExec() {}

//go:linkname syscall_runtime_AfterExec syscall.runtime_AfterExec
func syscall_runtime_AfterExec() {}

//go:linkname syscall_runtime_doAllThreadsSyscall syscall.runtime_doAllThreadsSyscall
func syscall_runtime_doAllThreadsSyscall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, err uintptr) {
	call := [7]uintptr{trap, a1, a2, a3, a4, a5, a6}
	var r uintptr
	for !allthreadssyscall(&call, &r) {
		Gosched() // somebody else stops the world just now
	}
	const maxErrno = 4095
	if -r-1 < maxErrno {
		return ^uintptr(0), 0, -r
	}
	return r, 0, 0
}

func allthreadssyscall(call *[7]uintptr, result *uintptr) bool

//go:linkname syscall_cgocaller syscall.cgocaller
func syscall_cgocaller(fn uintptr, args ...uintptr) uintptr {
	throw("cgo call in a program without cgo")
	return 0
}

// The type of env would bring what maps need into every program.
//
//go:linkname syscall_runtimeClearenv syscall.runtimeClearenv
func syscall_runtimeClearenv(env unsafe.Pointer) { godebugSet("GODEBUG", "") }
