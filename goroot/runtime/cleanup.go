package runtime

import _ "unsafe" // for go:linkname

// MemProfileRate has no effect: memory is not profiled yet.
var MemProfileRate int = 512 * 1024

// A Cleanup names a function added by AddCleanup.
type Cleanup struct{ id uint64 }

// Stop cancels the cleanup.
func (c Cleanup) Stop() {}

// AddCleanup accepts its arguments; since nothing is collected yet, no cleanup ever runs.
func AddCleanup[T, S any](ptr *T, cleanup func(S), arg S) Cleanup {
	if ptr == nil {
		panic(plainError("runtime.AddCleanup: ptr is nil"))
	}
	return Cleanup{1}
}

// Since nothing is collected yet, the queue of cleanups is always empty.

//go:linkname sync_test_blockUntilEmptyCleanupQueue sync_test.runtime_blockUntilEmptyCleanupQueue
func sync_test_blockUntilEmptyCleanupQueue(timeout int64) bool { return true }

//go:linkname unique_blockUntilEmptyCleanupQueue unique.runtime_blockUntilEmptyCleanupQueue
func unique_blockUntilEmptyCleanupQueue(timeout int64) bool { return true }
