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

// timerNode is the runtime's part of a timer (gmp/timer.rs); zero is a stopped one.
type timerNode struct {
	when   int64
	period int64
	heap   uintptr
	index  uintptr
	target unsafe.Pointer // the channel or the closure
	seq    uintptr
	fire   uintptr
	state  [4]uint32
}

// haveHighResSleep says that sleeps are exact to less than a millisecond.
var haveHighResSleep = true

// timeTimer begins like time.Timer and time.Ticker.
type timeTimer struct {
	c    unsafe.Pointer // <-chan time.Time
	init bool
	timerNode
}

// What times sent on channels are made of.
//
//go:linkname time_startNano time.startNano
var time_startNano int64

//go:linkname time_Local time.Local
var time_Local unsafe.Pointer

// newTimer is for package time, which passes sendTime with a channel, or goFunc with a func(): those run in native code. Who
// else comes here by linkname gets a goroutine for each call of f.
//
//go:linkname newTimer time.newTimer
func newTimer(when, period int64, f func(arg any, seq uintptr, delta int64), arg any, c *hchan) *timeTimer {
	t := &timeTimer{init: true}
	if c != nil {
		timerchan(&t.timerNode, c, &time_startNano, &time_Local)
	} else if isgofunc(**(**uintptr)(unsafe.Pointer(&f))) {
		timerfunc(&t.timerNode, efaceOf(&arg).data)
	} else {
		call := func() { f(arg, 0, max(0, time_runtimeNano()-t.when)) }
		timerfunc(&t.timerNode, *(*unsafe.Pointer)(unsafe.Pointer(&call)))
	}
	timerreset(&t.timerNode, when, period)
	return t
}

//go:linkname stopTimer time.stopTimer
func stopTimer(t *timeTimer) bool {
	if t.bubbled() && getg().bubble == nil {
		fatal("stop of synctest timer from outside bubble")
	}
	return timerstop(&t.timerNode)
}

//go:linkname resetTimer time.resetTimer
func resetTimer(t *timeTimer, when, period int64) bool {
	if t.bubbled() && getg().bubble == nil {
		fatal("reset of synctest timer from outside bubble")
	}
	return timerreset(&t.timerNode, when, period)
}

func (t *timeTimer) bubbled() bool { return timerbubbled(&t.timerNode) }
