package runtime

import "unsafe"

// Cleanups: the checks of AddCleanup, and the goroutines that call what has become due. Which that is:
// gc/special.rs and gc/finq.rs.

func addcleanup(obj unsafe.Pointer, call func(), fn, argument unsafe.Pointer) int
func stopcleanup(obj uintptr, id uint64)
func cleanupwanted() bool
func cleanuptake() unsafe.Pointer
func cleanupwait()
func cleanupidle() bool

// A Cleanup is a handle to a cleanup call for a specific object.
type Cleanup struct {
	id  uint64 // 0 if there is nothing to call
	ptr uintptr
}

// Stop cancels the cleanup call, unless it has been queued already because the object became unreachable.
func (c Cleanup) Stop() {
	if c.id != 0 {
		stopcleanup(c.ptr, c.id)
	}
}

// What addcleanup finds wrong.
const (
	notAllocated   = -1
	argumentInside = -2
	closedOver     = -3
)

// AddCleanup attaches a cleanup function to ptr: some time after ptr has become unreachable a goroutine of the runtime
// calls cleanup(arg).
func AddCleanup[T, S any](ptr *T, cleanup func(S), arg S) Cleanup {
	if ptr == nil {
		panic("runtime.AddCleanup: ptr is nil")
	}
	var pointer unsafe.Pointer // arg, if it is one
	var dynamic any = arg
	if kind := efaceOf(&dynamic)._type.Kind_; kind == kindPointer || kind == kindUnsafePointer {
		// Of an interface this is the type.
		pointer = *(*unsafe.Pointer)(unsafe.Pointer(&arg))
		if unsafe.Pointer(ptr) == pointer {
			panic("runtime.AddCleanup: ptr is equal to arg, cleanup will never run")
		}
	}
	fn := *(*unsafe.Pointer)(unsafe.Pointer(&cleanup))
	id := addcleanup(unsafe.Pointer(ptr), cleanupCall(cleanup, arg), fn, pointer)
	switch id {
	case notAllocated:
		panic("runtime.AddCleanup: ptr not in allocated block")
	case argumentInside:
		panic("runtime.AddCleanup: ptr is within arg, cleanup will never run")
	case closedOver:
		panic("runtime.AddCleanup: cleanup function closes over ptr, cleanup will never run")
	}
	if id != 0 && cleanupwanted() {
		newsystem(runCleanups)
	}
	return Cleanup{uint64(id), uintptr(unsafe.Pointer(ptr))}
}

func cleanupCall[S any](cleanup func(S), arg S) func() {
	return func() { cleanup(arg) }
}

// runCleanups is a goroutine of cleanups.
func runCleanups() {
	for {
		if f := cleanuptake(); f != nil {
			(*(*func())(unsafe.Pointer(&f)))()
		} else {
			cleanupwait()
		}
	}
}

// waitFor yields until a condition holds; false if that takes longer than so many nanoseconds.
func waitFor(timeout int64, idle func() bool) bool {
	for start := nanotime(); nanotime()-start < timeout; Gosched() {
		if idle() {
			return true
		}
	}
	return false
}

//go:linkname sync_test_blockUntilEmptyCleanupQueue sync_test.runtime_blockUntilEmptyCleanupQueue
func sync_test_blockUntilEmptyCleanupQueue(timeout int64) bool { return waitFor(timeout, cleanupidle) }

//go:linkname unique_blockUntilEmptyCleanupQueue unique.runtime_blockUntilEmptyCleanupQueue
func unique_blockUntilEmptyCleanupQueue(timeout int64) bool { return waitFor(timeout, cleanupidle) }
