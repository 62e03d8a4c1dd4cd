package runtime

import _ "unsafe" // for go:linkname

// For package internal/poll: descriptors in the poller of wait/netpoll.rs, deadlines as timers.

// A pollCtx is what internal/poll holds as a number: nothing else keeps it alive, so contexts are never
// given back but wait in pollCache for the next descriptor.
type pollCtx struct {
	desc  uintptr
	r, w  *timeTimer
	link  *pollCtx // the next one in pollCache
	every *pollCtx // the one made before
	rwant uintptr  // changes with each deadline: a timer of an older one does nothing
	wwant uintptr
}

// pollCache holds contexts.
var pollCache = struct {
	sema  uint32   // 1 if free
	free  *pollCtx // those without a descriptor, through link
	every *pollCtx // all there are, through every
}{sema: 1}

func (c *pollCtx) put() {
	semacquire1(&pollCache.sema, false, semaPlain)
	c.link, pollCache.free = pollCache.free, c
	semrelease(&pollCache.sema, false)
}

func getPollCtx() *pollCtx {
	semacquire1(&pollCache.sema, false, semaPlain)
	c := pollCache.free
	if c == nil {
		c = &pollCtx{every: pollCache.every}
		pollCache.every = c
	} else {
		pollCache.free, c.link = c.link, nil
	}
	semrelease(&pollCache.sema, false)
	return c
}

//go:linkname poll_runtime_pollServerInit internal/poll.runtime_pollServerInit
func poll_runtime_pollServerInit() {}

//go:linkname poll_runtime_pollOpen internal/poll.runtime_pollOpen
func poll_runtime_pollOpen(fd uintptr) (*pollCtx, int) {
	d := pollopen(fd)
	if d < 0 && d > -4096 {
		return nil, -d
	}
	c := getPollCtx()
	c.desc, c.r, c.w = uintptr(d), nil, nil
	return c, 0
}

//go:linkname poll_runtime_pollClose internal/poll.runtime_pollClose
func poll_runtime_pollClose(c *pollCtx) {
	c.stop()
	pollclose(c.desc)
	c.put()
}

//go:linkname poll_runtime_pollReset internal/poll.runtime_pollReset
func poll_runtime_pollReset(c *pollCtx, mode int) int { return pollreset(c.desc, mode) }

//go:linkname poll_runtime_pollWait internal/poll.runtime_pollWait
func poll_runtime_pollWait(c *pollCtx, mode int) int { return pollwait(c.desc, mode) }

//go:linkname poll_runtime_pollWaitCanceled internal/poll.runtime_pollWaitCanceled
func poll_runtime_pollWaitCanceled(c *pollCtx, mode int) { pollwait(c.desc, mode) }

//go:linkname poll_runtime_pollUnblock internal/poll.runtime_pollUnblock
func poll_runtime_pollUnblock(c *pollCtx) {
	pollunblock(c.desc)
	c.stop()
}

func (c *pollCtx) stop() {
	c.rwant++
	c.wwant++
	if c.r != nil {
		c.r.stop()
	}
	if c.w != nil {
		c.w.stop()
	}
}

//go:linkname poll_runtime_pollSetDeadline internal/poll.runtime_pollSetDeadline
func poll_runtime_pollSetDeadline(c *pollCtx, d int64, mode int) {
	when := d // in nanoseconds from now; 0 none, negative: passed
	if d > 0 {
		when = nanotime() + d
		if when < 0 {
			when = 1<<63 - 1
		}
	}
	if mode == 'r' || mode == 'r'+'w' {
		c.rwant++
		c.r = c.deadline(c.r, when, 'r', c.rwant)
	}
	if mode == 'w' || mode == 'r'+'w' {
		c.wwant++
		c.w = c.deadline(c.w, when, 'w', c.wwant)
	}
}

// deadline replaces the timer of a mode.
func (c *pollCtx) deadline(t *timeTimer, when int64, mode int, want uintptr) *timeTimer {
	if t != nil {
		t.stop()
	}
	polldeadline(c.desc, mode, when < 0)
	if when <= 0 {
		return nil
	}
	return startTimer(when, 0, func(arg any, seq uintptr, delta int64) {
		if mode == 'r' && c.rwant == want || mode == 'w' && c.wwant == want {
			polldeadline(c.desc, mode, true)
		}
	}, nil, nil)
}

//go:linkname poll_runtime_isPollServerDescriptor internal/poll.runtime_isPollServerDescriptor
func poll_runtime_isPollServerDescriptor(fd uintptr) bool { return fd != 0 && fd == pollfd() }

//go:linkname poll_runtimeNano runtime.pollNano
func poll_runtimeNano() int64 { return nanotime() }
