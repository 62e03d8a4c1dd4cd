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
func time_runtimeNow() (sec int64, nsec int32, mono int64) {
	if b := getg().bubble; b != nil {
		// No monotonic time: that of the process and that of the bubble cannot be compared.
		return b.now / 1e9, int32(b.now % 1e9), 0
	}
	return time_now()
}

//go:linkname time_runtimeNano time.runtimeNano
func time_runtimeNano() int64 {
	if b := getg().bubble; b != nil {
		return b.now
	}
	return nanotime()
}

//go:linkname time_runtimeIsBubbled time.runtimeIsBubbled
func time_runtimeIsBubbled() bool { return getg().bubble != nil }

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
	rank   uint32
}

// haveHighResSleep says that sleeps are exact to less than a millisecond.
var haveHighResSleep = true

// timeTimer begins like time.Timer and time.Ticker.
type timeTimer struct {
	c    unsafe.Pointer // <-chan time.Time
	init bool
	timerNode
	f   func(arg any, seq uintptr, delta int64)
	arg any
	ch  *hchan // of a timer with a channel, else nil

	bubbled bool // made in a bubble of internal/synctest: runs by the clock of the bubble
}

// timersStarted is not 0 once timerproc has been started.
var timersStarted uint32

// timer is the timer that n is part of.
func (n *timerNode) timer() *timeTimer {
	return (*timeTimer)(unsafe.Pointer(uintptr(unsafe.Pointer(n)) - unsafe.Offsetof(timeTimer{}.timerNode)))
}

// timerproc runs the functions of timers that are due, one after the other: they do not block.
func timerproc() {
	systemgoroutine()
	for {
		n := timerdue()
		if n == nil {
			continue
		}
		t := n.timer()
		t.f(t.arg, 0, n.delta)
	}
}

//go:linkname newTimer time.newTimer
func newTimer(when, period int64, f func(arg any, seq uintptr, delta int64), arg any, c *hchan) *timeTimer {
	if c != nil {
		timerchan(c)
	}
	if getg().bubble == nil {
		return startTimer(when, period, f, arg, c)
	}
	t := &timeTimer{f: f, arg: arg, ch: c, init: true, bubbled: true}
	t.start(when, period)
	return t
}

// startTimer makes a timer that runs by the clock of the process, wherever the caller is.
func startTimer(when, period int64, f func(arg any, seq uintptr, delta int64), arg any, c *hchan) *timeTimer {
	// Of those who come here first, one starts it.
	if timersStarted == 0 && xadd32(&timersStarted, 1) == 1 {
		go timerproc()
	}
	t := &timeTimer{f: f, arg: arg, ch: c, init: true}
	t.start(when, period)
	return t
}

// start puts t, which is in no heap, where it will run.
func (t *timeTimer) start(when, period int64) {
	t.when, t.period = when, period
	if !t.bubbled {
		timeradd(&t.timerNode)
		return
	}
	b := getg().bubble
	if when <= b.now {
		// At once: the bubble looks for timers only when nothing in it runs.
		var late int64
		if period > 0 {
			late = b.now - when
			t.when += period * (1 + late/period)
			bubbletimeradd(b, &t.timerNode)
		}
		t.f(t.arg, 0, late)
		return
	}
	bubbletimeradd(b, &t.timerNode)
}

//go:linkname stopTimer time.stopTimer
func stopTimer(t *timeTimer) bool {
	if t.bubbled && getg().bubble == nil {
		fatal("stop of synctest timer from outside bubble")
	}
	return t.stop()
}

// stop takes t out. After it no value of the past is received from the channel: one that is in the
// buffer counts as not yet fired.
func (t *timeTimer) stop() bool {
	var pending bool
	if t.bubbled {
		pending = bubbletimerdel(&t.timerNode)
	} else {
		pending = timerdel(&t.timerNode)
	}
	if t.ch == nil {
		return pending
	}
	for !t.bubbled && timerrunning(&t.timerNode) {
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
	if t.bubbled && getg().bubble == nil {
		fatal("reset of synctest timer from outside bubble")
	}
	pending := t.stop()
	t.start(when, period)
	return pending
}
