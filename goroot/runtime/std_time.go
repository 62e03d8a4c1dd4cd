package runtime

import "unsafe"

// For package time.

//go:linkname time_now time.now
func time_now() (sec int64, nsec int32, mono int64) {
	var ts [2]int64
	walltime(&ts)
	return ts[0], int32(ts[1]), nanotime()
}

//go:linkname time_runtimeNow time.runtimeNow
func time_runtimeNow() (sec int64, nsec int32, mono int64) { return time_now() }

//go:linkname time_runtimeNano time.runtimeNano
func time_runtimeNano() int64 { return nanotime() }

//go:linkname time_runtimeIsBubbled time.runtimeIsBubbled
func time_runtimeIsBubbled() bool { return false }

//go:linkname timeSleep time.Sleep
func timeSleep(ns int64) { timesleep(ns) }

// timerNode is the runtime's part of a timer (gmp/timers.rs).
type timerNode struct {
	when   int64
	period int64
	heap   uintptr
	index  uintptr
	next   *timerNode
	due    bool
	g      uintptr
	delta  int64
}

// timeTimer begins like time.Timer and time.Ticker.
type timeTimer struct {
	c    unsafe.Pointer // <-chan time.Time
	init bool
	timerNode
	f   func(arg any, seq uintptr, delta int64)
	arg any
	ch  *hchan // of a timer with a channel, else nil
}

var timersStarted bool

// timerproc runs the functions of timers that are due, one after the other: they do not block.
func timerproc() {
	systemgoroutine()
	for {
		n := timerdue()
		if n == nil {
			continue
		}
		t := (*timeTimer)(unsafe.Pointer(uintptr(unsafe.Pointer(n)) - unsafe.Offsetof(timeTimer{}.timerNode)))
		t.f(t.arg, 0, n.delta)
	}
}

//go:linkname newTimer time.newTimer
func newTimer(when, period int64, f func(arg any, seq uintptr, delta int64), arg any, c *hchan) *timeTimer {
	if !timersStarted {
		timersStarted = true
		go timerproc()
	}
	t := new(timeTimer)
	t.f, t.arg, t.ch = f, arg, c
	t.when, t.period = when, period
	t.init = true
	timeradd(&t.timerNode)
	return t
}

//go:linkname stopTimer time.stopTimer
func stopTimer(t *timeTimer) bool { return t.stop() }

// stop takes t out. After it no value of the past is received from the channel: one that is in the
// buffer counts as not yet fired.
func (t *timeTimer) stop() bool {
	pending := timerdel(&t.timerNode)
	if t.ch == nil {
		return pending
	}
	for timerrunning(&t.timerNode) {
		Gosched()
	}
	var value [3]uint64 // a time.Time
	if selected, _ := selectnbrecv(unsafe.Pointer(&value), t.ch); selected {
		pending = true
	}
	return pending
}

//go:linkname resetTimer time.resetTimer
func resetTimer(t *timeTimer, when, period int64) bool {
	pending := t.stop()
	t.when, t.period = when, period
	timeradd(&t.timerNode)
	return pending
}
