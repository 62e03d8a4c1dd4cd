package runtime

import "unsafe"

// For package internal/poll: descriptors in the poller of wait/netpoll.rs.

// A pollDesc is known to native code, which makes it. It is never given back, so internal/poll may hold it as a number.
type pollDesc struct{ _ uintptr }

//go:linkname poll_runtime_pollServerInit internal/poll.runtime_pollServerInit
func poll_runtime_pollServerInit() {}

//go:linkname poll_runtime_pollOpen internal/poll.runtime_pollOpen
func poll_runtime_pollOpen(fd uintptr) (*pollDesc, int) {
	d := pollopen(fd)
	if d < 0 && d > -4096 {
		return nil, -d
	}
	return (*pollDesc)(unsafe.Pointer(uintptr(d))), 0
}

//go:linkname poll_runtime_pollClose internal/poll.runtime_pollClose
func poll_runtime_pollClose(d *pollDesc) { pollclose(d) }

//go:linkname poll_runtime_pollReset internal/poll.runtime_pollReset
func poll_runtime_pollReset(d *pollDesc, mode int) int { return pollreset(d, mode) }

//go:linkname poll_runtime_pollWait internal/poll.runtime_pollWait
func poll_runtime_pollWait(d *pollDesc, mode int) int { return pollwait(d, mode) }

//go:linkname poll_runtime_pollWaitCanceled internal/poll.runtime_pollWaitCanceled
func poll_runtime_pollWaitCanceled(d *pollDesc, mode int) { pollwait(d, mode) }

//go:linkname poll_runtime_pollUnblock internal/poll.runtime_pollUnblock
func poll_runtime_pollUnblock(d *pollDesc) { pollunblock(d) }

//go:linkname poll_runtime_pollSetDeadline internal/poll.runtime_pollSetDeadline
func poll_runtime_pollSetDeadline(d *pollDesc, ns int64, mode int) { polldeadline(d, mode, ns) }

//go:linkname poll_runtime_isPollServerDescriptor internal/poll.runtime_isPollServerDescriptor
func poll_runtime_isPollServerDescriptor(fd uintptr) bool { return fd != 0 && fd == pollfd() }

//go:linkname poll_runtimeNano runtime.pollNano
func poll_runtimeNano() int64 { return nanotime() }
